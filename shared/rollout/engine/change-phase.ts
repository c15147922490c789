import { newEvent } from '../../promotion/event-data.ts';
import { withVerified } from '../../promotion/first-live.ts';
import { clipText } from '../../words/visible-text.ts';
import { isTaken, wishOf } from './desired-traffic.ts';
import type { PauseReason } from './engine-state.ts';
import { causeOf, inEngine, intoPhase, LONGEST_TEXT, type MovingRollout, personOf, type Turn, told, withLive } from './moving-rollout.ts';
import { beginStepRecord, endStepRecord } from './step-record.ts';

/** Into a step of the plan from its beginning: its weight is wished for, its clock stands at 0. `override` stands in for its weight. */
export function enterStep(rollout: MovingRollout, step: number, turn: Turn, override: number | null = null): MovingRollout {
  const { at, plan } = turn;
  const weight = override ?? plan.steps[step]!.weight;
  const metrics = Object.fromEntries(
    Object.entries(rollout.engine.metrics).map(([name, metric]) => [
      name,
      { ...metric, state: metric.state && { ...metric.state, step, inStep: { bad: 0, total: 0 } } },
    ]),
  );
  const entered = withLive(
    intoPhase(endStepRecord(rollout, at), 'shifting', {
      override,
      waived: [],
      differsSince: at,
      lastDataAt: at,
      missing: {},
      metrics,
    }),
    { step, stepStartedAt: at, guardedSeconds: 0, weight: { desired: weight, observed: rollout.live.weight?.observed ?? null, at } },
  );
  return beginStepRecord(entered, { step, weight, from: at });
}

/** Everything to the candidate, as the target's stable; nothing beside it. */
export function enterPromoting(rollout: MovingRollout, { at }: Turn): MovingRollout {
  const { live } = rollout;
  return withLive(intoPhase(endStepRecord(rollout, at), 'promoting', { promoted: true, override: null, differsSince: at }), {
    weight: { desired: 100, observed: live.weight?.observed ?? null, at },
  });
}

/** The next step, or the end; `by` and `cause` are a person's where one asked for it. */
export function advance(
  rollout: MovingRollout,
  turn: Turn,
  { unproven, cause }: { readonly unproven: boolean; readonly cause?: string },
): MovingRollout {
  const { plan, at } = turn;
  const next = rollout.live.step + 1;
  const ended = endStepRecord(rollout, at, unproven);
  const event = newEvent('rollout.advanced', personOf(turn.by), cause ?? causeOf(rollout, 'advanced'), {
    step: Math.min(next, plan.steps.length),
    weight: plan.steps[next]?.weight ?? 100,
    unproven,
  });
  return told(next < plan.steps.length ? enterStep(ended, next, turn) : enterPromoting(ended, turn), event);
}

/**
 * Stays as it is until somebody resumes it. What the target has is what it keeps: a step that had not come about yet does not come about
 * while nobody is sure.
 */
export function pauseRollout(
  rollout: MovingRollout,
  pause: { readonly reason: PauseReason; readonly detail: string; readonly cause?: string },
  turn: Turn,
): MovingRollout {
  const { live, engine } = rollout;
  const { reason, detail } = pause;
  const by = personOf(turn.by);
  const cause = pause.cause ?? causeOf(rollout, reason);
  const paused = intoPhase(rollout, 'paused', {
    pausedFrom: live.phase,
    pause: { reason, detail: clipText(detail, LONGEST_TEXT), at: turn.at },
  });
  return told(
    withLive(engine.promoted ? paused : keepsWeight(paused, weightInForce(rollout)), { pausedBy: reason === 'person' ? by : null }),
    newEvent('rollout.paused', by, cause, { reason, detail: clipText(detail, LONGEST_TEXT) }),
  );
}

/** Percent that the target has as far as is known: what it said, what it took, or else what it was asked for before. */
function weightInForce({ live, engine }: MovingRollout): number {
  const desired = live.weight?.desired ?? 0;
  const wish = wishOf(live, engine);
  if (live.weight?.observed != null) return live.weight.observed;
  return wish && isTaken(live, wish) ? desired : (engine.steps.at(-2)?.weight ?? 0);
}

/** Never more than it has. A target that rounds has what it was asked for (`isAsDesired`). */
export const keepsWeight = (rollout: MovingRollout, percent: number): MovingRollout =>
  rollout.live.weight && percent <= rollout.live.weight.desired - ROUNDING
    ? withLive(rollout, { weight: { ...rollout.live.weight, desired: percent } })
    : rollout;
const ROUNDING = 0.5;

/** The weight of the step that it is in, or what stands in for it. */
export const weightOfStep = ({ live, engine }: MovingRollout, { plan }: Turn): number => engine.override ?? plan.steps[live.step]!.weight;

/** Wished for again, after a pause or a silence in which the target may have fallen back. */
export function wishAgain(rollout: MovingRollout, turn: Turn): MovingRollout {
  const { weight } = rollout.live;
  const desired = weightOfStep(rollout, turn);
  return weight && weight.desired === desired
    ? rollout
    : withLive(rollout, { weight: { desired, observed: weight?.observed ?? null, at: turn.at } });
}

/** Everything moved and every check said yes. */
export function succeed(rollout: MovingRollout, { at, by }: Turn): MovingRollout {
  const { live } = rollout;
  const version = live.candidate;
  if (!version) return rollout;
  const event = newEvent('rollout.succeeded', personOf(by), causeOf(rollout, 'succeeded'), { version });
  return told(
    withLive(intoPhase(rollout, 'succeeded', { differsSince: null, gap: null }), {
      stable: version,
      candidate: null,
      weight: null,
      verified: withVerified(live, { ...version, generation: live.generation, at }),
    }),
    event,
  );
}

/** Into the checks that are asked before traffic moves, or straight to what comes after them. */
export function enterBefore(rollout: MovingRollout, turn: Turn): MovingRollout {
  if (turn.plan.checks.length > 0) return inEngine(intoPhase(rollout, 'verifying'), { checks: {}, differsSince: null });
  return rollout.live.stable ? enterStep(rollout, 0, turn) : enterPromoting(rollout, turn);
}
