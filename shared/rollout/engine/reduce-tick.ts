import { isHeld } from '../../promotion/holds.ts';
import { judgeSilence } from '../judging/data-grace.ts';
import { keepsWeight, pauseRollout, succeed, wishAgain } from './change-phase.ts';
import { describeMissing, describeTime } from './describe-stop.ts';
import { isSettled, isTaken, observedWeight, trafficKey, wishOf, withTraffic } from './desired-traffic.ts';
import { endStep, isWaived, obey } from './end-step.ts';
import type { EngineMetric } from './engine-state.ts';
import { daysOfExperiment } from './experiment-seam.ts';
import type { Reading } from './metric-source.ts';
import { inEngine, intoPhase, type MovingRollout, pastTime, type Turn, withLive } from './moving-rollout.ts';
import type { RolloutEvent } from './rollout-event.ts';
import { judgeChecks } from './run-checks.ts';
import { inLastRecord } from './step-record.ts';
import { endStop } from './stop-rollout.ts';
import { takeReading } from './take-reading.ts';

type Tick = Extract<RolloutEvent, { readonly is: 'tick' }>;

/**
 * One look of the guard. In this order, and the first that speaks ends it: rules that go back to stable, a hold, a silence of the guard that
 * is not judged yet, then what the phase waits for. One transition a tick at most, so no wait is ever counted twice.
 */
export function reduceTick(read: MovingRollout, tick: Tick, turn: Turn): MovingRollout {
  const { live } = read;
  // Another process guards it; this one was overtaken.
  if (live.guard?.owner != null && live.guard.owner !== tick.owner) return read;
  const { now, at, plan } = turn;
  const last = live.guard?.lastAt ?? at;
  const since = now.getTime() - Date.parse(last);
  const elapsed = Math.min(Math.max(0, since), plan.maxSilence);
  const isGap = since > plan.maxSilence;
  const before = since < 0 ? withoutFuture(read, turn) : read;
  const { rollout: seen, settled } = lookAtTarget(before, tick, turn, isGap);
  let rollout = withLive(seen, {
    guard: {
      driver: live.guard?.driver ?? 'server',
      owner: tick.owner,
      lastAt: at,
      maxSilenceS: live.guard?.maxSilenceS ?? plan.maxSilence / 1000,
    },
  });
  if (live.phase === 'rolling-back') return settled || !desiredOf(rollout) ? endStop(rollout, turn) : rollout;
  if (settled && (live.phase === 'shifting' || live.phase === 'analysing')) rollout = addTime(rollout, elapsed);
  if (rollout.engine.gap?.judgedAt && rollout.engine.gap.judgedAt !== at) rollout = inEngine(rollout, { gap: null });
  if (isGap && carriesTraffic(rollout) && rollout.engine.gap === null)
    rollout = inEngine(rollout, { gap: { from: last, foundAt: at, judgedAt: null } });
  // Until it is known what happened in a silence, the candidate gets no more than the target has left it: a lease may have ended.
  const { weight } = rollout.live;
  if (rollout.engine.gap && !rollout.engine.gap.judgedAt && !rollout.engine.promoted && weight?.observed != null)
    rollout = keepsWeight(rollout, weight.observed);

  const daysBefore = daysOfExperiment(rollout);
  const isGapOpen = rollout.engine.gap !== null && rollout.engine.gap.judgedAt === null;
  if (tick.reading) {
    const taken = takeReading(rollout, tick.reading, turn, { closes: isGapOpen });
    rollout = taken.rollout;
    const worst = taken.verdicts.find(({ decision }) => decision === 'rollback');
    if (worst) return obey(rollout, worst, turn);
    if (isGapOpen && taken.isWhole && covers(tick.reading, rollout)) rollout = judgedGap(rollout, turn);
    const held = heldBy(rollout, turn);
    if (held) return held;
    const pause = taken.verdicts.find(({ reason }) => !isWaived(rollout, reason));
    if (pause && live.phase !== 'paused') return obey(rollout, pause, turn);
  } else {
    const held = heldBy(rollout, turn);
    if (held) return held;
  }
  if (live.phase === 'paused') return inEngine(rollout, { gap: null });
  // Also the same instant again goes nowhere.
  if (rollout.engine.gap) return rollout.engine.gap.judgedAt ? rollout : waitForGap(rollout, tick, turn);
  // A clock that stands or goes back brings nothing forward.
  const mayAdvance = tick.mayAdvance !== false && since > 0;
  switch (live.phase) {
    case 'verifying':
      return tick.mayAdvance === false ? rollout : judgeChecks(rollout, turn);
    case 'shifting':
      return settled ? intoPhase(rollout, 'analysing') : (pauseForTarget(rollout, tick, turn) ?? rollout);
    case 'analysing': {
      const silent = pauseForSilence(rollout, turn);
      if (silent) return silent;
      if (!settled) return pauseForTarget(rollout, tick, turn) ?? rollout;
      return mayAdvance ? endStep(rollout, turn, { isFresh: isFresh(rollout, turn), daysBefore }) : rollout;
    }
    case 'promoting':
      if (!settled) return pauseForTarget(rollout, tick, turn) ?? rollout;
      if (tick.mayAdvance === false) return rollout;
      return rollout.engine.verifyAfter.length > 0 ? inEngine(intoPhase(rollout, 'verifying'), { checks: {} }) : succeed(rollout, turn);
    default:
      return rollout;
  }
}

/** The clock went back: dates that are still to come would keep every silence unnoticed until then, so they count from now. */
function withoutFuture(rollout: MovingRollout, { now }: Turn): MovingRollout {
  const { engine } = rollout;
  const past = (at: string | null) => at && new Date(pastTime(at, now)).toISOString();
  const opened = (metric: EngineMetric): EngineMetric =>
    metric.open ? { ...metric, open: { ...metric.open, since: past(metric.open.since) ?? metric.open.since } } : metric;
  return inEngine(rollout, {
    lastDataAt: past(engine.lastDataAt),
    differsSince: past(engine.differsSince),
    recordedAt: past(engine.recordedAt),
    leasedAt: past(engine.leasedAt),
    missing: Object.fromEntries(
      Object.entries(engine.missing).map(([name, each]) => [name, { ...each, since: past(each.since) ?? each.since }]),
    ),
    metrics: Object.fromEntries(Object.entries(engine.metrics).map(([name, metric]) => [name, opened(metric)])),
  });
}

const desiredOf = ({ live, engine }: MovingRollout) => wishOf(live, engine);

/** Whether a reading tells of everything since the guard fell silent; a second is the clocks' own. */
const covers = ({ from }: Reading, { engine }: MovingRollout): boolean =>
  from !== null && engine.gap !== null && from <= Date.parse(engine.gap.from) + 1_000;

function judgedGap(rollout: MovingRollout, turn: Turn): MovingRollout {
  const judged = inEngine(rollout, { gap: rollout.engine.gap && { ...rollout.engine.gap, judgedAt: turn.at } });
  const { phase } = rollout.live;
  return (phase === 'shifting' || phase === 'analysing') && !rollout.engine.promoted ? wishAgain(judged, turn) : judged;
}

/** What the target says, beside what it should do. */
function lookAtTarget(
  rollout: MovingRollout,
  { observed }: Tick,
  { at }: Turn,
  isGap: boolean,
): { readonly rollout: MovingRollout; readonly settled: boolean } {
  const desired = desiredOf(rollout);
  if (!desired) return { rollout, settled: false };
  const { live, engine } = rollout;
  const weight = live.weight;
  // While nobody looked, the target may have fallen back.
  const percent = observed
    ? (observedWeight(live, observed) ?? (isTaken(live, desired) ? (weight?.desired ?? null) : null))
    : isGap
      ? null
      : (weight?.observed ?? null);
  let next = weight && weight.observed !== percent ? withLive(rollout, { weight: { ...weight, observed: percent, at } }) : rollout;
  // A pause keeps what the target has, also where a lease ended in the meantime.
  if (live.phase === 'paused' && isGap && !engine.promoted && percent !== null) next = keepsWeight(next, percent);
  const settled = isSettled(next.live, engine, desiredOf(next) ?? desired, observed);
  // Nobody asked the target while nobody guarded: its patience begins anew.
  const differsSince = settled ? null : isGap ? at : (engine.differsSince ?? at);
  if (differsSince !== engine.differsSince) next = inEngine(next, { differsSince });
  if (settled && !isTaken(next.live, desired))
    next = withLive(next, { effects: withTraffic(next.live, { key: trafficKey(desired), state: 'done' }) });
  return { rollout: next, settled };
}

/** Guarded time of the step. */
const addTime = (rollout: MovingRollout, milliseconds: number): MovingRollout =>
  milliseconds === 0
    ? rollout
    : inLastRecord(withLive(rollout, { guardedSeconds: rollout.live.guardedSeconds + milliseconds / 1000 }), (record) => ({
        ...record,
        guardedSeconds: record.guardedSeconds + milliseconds / 1000,
      }));

/** Whether requests can have reached the candidate since the last look. */
function carriesTraffic({ live, engine }: MovingRollout): boolean {
  if (live.phase !== 'shifting' && live.phase !== 'analysing' && live.phase !== 'promoting' && !engine.promoted) return false;
  // The first weight may not have come about before the guard fell silent; where the target says so, there was nothing to judge.
  const isFirst = live.phase === 'shifting' && engine.steps.length <= 1 && engine.source === null;
  return !(isFirst && live.weight?.observed === 0);
}

function heldBy(rollout: MovingRollout, turn: Turn): MovingRollout | null {
  const { live } = rollout;
  if (live.phase === 'paused' || !live.candidate || !isHeld(live, turn.now, live.candidate.digest)) return null;
  return pauseRollout(rollout, { reason: 'held', detail: `A hold on ${live.model} ${live.stage} keeps it from going on.` }, turn);
}

/** After a silence of the guard: without counts that tell about it, nobody knows what happened. */
function waitForGap(rollout: MovingRollout, { reading }: Tick, turn: Turn): MovingRollout {
  const { engine } = rollout;
  const from = pastTime(engine.gap?.from ?? turn.at, turn.now);
  const waited = turn.now.getTime() - pastTime(engine.gap?.foundAt ?? turn.at, turn.now);
  const isUntold = reading !== null && !isNothingNew(reading) && (!covers(reading, rollout) || Object.keys(engine.missing).length > 0);
  if (!isUntold && waited <= turn.plan.policy.noDataGrace) return rollout;
  const [missing] = Object.entries(engine.missing);
  const why = missing ? describeMissing(...missing) : 'the source has no counts that begin before it';
  const detail = `Nobody looked for ${describeTime(turn.now.getTime() - from)}, and what happened then can't be judged: ${why}.`;
  return pauseRollout(inEngine(rollout, { gap: null }), { reason: 'gap-unjudged', detail }, turn);
}

const isNothingNew = ({ metrics }: Reading): boolean => Object.values(metrics).every((metric) => metric.is === 'nothing-new');

function pauseForSilence(rollout: MovingRollout, turn: Turn): MovingRollout | null {
  const { engine } = rollout;
  const { policy, fresh } = turn.plan;
  const limits = { grace: policy.noDataGrace, fresh: Math.min(fresh, policy.noDataGrace) };
  const now = turn.now.getTime();
  const silentSince = (at: string | null) => judgeSilence(pastTime(at ?? turn.at, turn.now), now, limits) === 'pause';
  const missing = Object.entries(engine.missing).find(([, { since }]) => silentSince(since));
  if (!missing && !silentSince(engine.lastDataAt)) return null;
  const since = pastTime(missing?.[1].since ?? engine.lastDataAt ?? turn.at, turn.now);
  const [first] = missing ? [missing] : Object.entries(engine.missing);
  const why = first ? describeMissing(...first) : 'the source had nothing new';
  return pauseRollout(rollout, { reason: 'no-data', detail: `No counts for ${describeTime(now - since)}. ${why}.` }, turn);
}

function isFresh({ engine }: MovingRollout, { now, plan }: Turn): boolean {
  if (Object.keys(engine.missing).length > 0 || engine.lastDataAt === null) return false;
  return now.getTime() - Date.parse(engine.lastDataAt) <= plan.fresh;
}

/** The target has been asked again and again, as long as a source may be silent. */
function pauseForTarget(rollout: MovingRollout, { observed }: Tick, turn: Turn): MovingRollout | null {
  const { engine, live } = rollout;
  const since = pastTime(engine.differsSince ?? turn.at, turn.now);
  const waited = turn.now.getTime() - since;
  if (waited <= turn.plan.policy.noDataGrace) return null;
  const has = observed?.percent == null ? 'it does not say what it does' : `it gives the candidate ${observed.percent} %`;
  const detail = `The target was asked for ${live.weight?.desired ?? 0} % for ${describeTime(waited)}, and ${observed ? has : 'it does not answer'}.`;
  return pauseRollout(rollout, { reason: 'target', detail }, turn);
}
