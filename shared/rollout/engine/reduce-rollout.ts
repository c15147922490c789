import { InfrastructureError } from '../../errors.ts';
import { newEvent } from '../../promotion/event-data.ts';
import type { Person } from '../../promotion/forge.ts';
import { type LiveDocument, terminalPhases } from '../../promotion/live-document.ts';
import { refuse } from '../../promotion/refusal.ts';
import { spentAt } from '../../statistics/lan-demets.ts';
import { planOf } from '../judging/planned-test.ts';
import { beginRollout } from './begin-rollout.ts';
import { desiredTraffic, phaseBelow, trafficKey, withTraffic } from './desired-traffic.ts';
import { inEngine, type MovingRollout, pastTime, personOf, type Turn, told, withLive } from './moving-rollout.ts';
import { readEngine, withEngine } from './read-engine.ts';
import { reducePerson } from './reduce-person.ts';
import { reduceTick } from './reduce-tick.ts';
import type { Reduced } from './reduced.ts';
import type { RolloutEvent } from './rollout-event.ts';
import { rolloutPlan } from './rollout-plan.ts';
import { judgeChecks, takeAnswer } from './run-checks.ts';
import type { ObservedTraffic } from './traffic.ts';
import { wantedEffects } from './wanted-effects.ts';

/** Between two planned looks that are recorded. */
const LOOK = 5 * 60_000;
const HANDLED = 50;

/**
 * What becomes of a rollout: pure, so the bot and every guard come to the same. `by` is who acts: of a tick the guard's own account.
 * The same event once more changes nothing.
 * @throws InfrastructureError STATE_BROKEN where what is recorded can't be read
 */
export function reduceRollout(live: LiveDocument, event: RolloutEvent, { now, by }: { readonly now: Date; readonly by: Person }): Reduced {
  const nothing: Reduced = { live, events: [], record: false, effects: [], refusal: null };
  const engine = readEngine(live);
  const isPerson = 'cause' in event;
  // Done before: the same line of the same comment.
  if (engine && isPerson && engine.handled.includes(event.cause)) return nothing;
  if (!engine || (terminalPhases.includes(live.phase) && isPerson)) {
    const name = `${live.model} ${live.stage}`;
    return isPerson
      ? {
          ...nothing,
          refusal: refuse('NO_ROLLOUT', `No rollout of ${name} is under way.`, `\`/promote ${live.model}@… ${live.stage}\` begins one.`),
        }
      : nothing;
  }
  if (terminalPhases.includes(live.phase)) return nothing;
  const turn: Turn = { plan: rolloutPlan(engine.name, engine.definition), now, at: now.toISOString(), by: isPerson ? event.by : by };
  const before: MovingRollout = { live, engine, events: [] };
  requireWhole(before, turn);
  const observed = event.is === 'tick' ? event.observed : null;
  if (isPerson) {
    const after = reducePerson(before, event, turn);
    if ('allowed' in after) return { ...nothing, refusal: after };
    if (after === before) return nothing;
    return reduced(before, inEngine(after, { handled: [...after.engine.handled, event.cause].slice(-HANDLED) }), observed, turn);
  }
  return reduced(before, takeIn(before, event, turn), observed, turn);
}

/** A rollout under way whose rules were lost would be guarded by nobody, and nobody would know. */
function requireWhole({ live, engine }: MovingRollout, { plan }: Turn): void {
  const phase = phaseBelow(live, engine);
  if (phase === 'pending' || phase === 'rolling-back') return;
  const lost = plan.policy.metrics.find(({ name }) => !(Object.hasOwn(engine.metrics, name) && engine.metrics[name]!.state));
  const what = lost
    ? `${lost.name} has no rule`
    : live.step < plan.steps.length
      ? null
      : `it is in step ${live.step} of ${plan.steps.length}`;
  if (what !== null)
    throw new InfrastructureError('STATE_BROKEN', `The rollout of ${live.model} ${live.stage} on weighin/state is broken: ${what}.`);
}

function takeIn(before: MovingRollout, event: Exclude<RolloutEvent, { readonly cause: string }>, turn: Turn): MovingRollout {
  const { live } = before;
  switch (event.is) {
    case 'begin':
      return beginRollout(before, event, turn);
    case 'tick':
      return live.phase === 'pending' || (live.phase === 'paused' && before.engine.pausedFrom === 'pending')
        ? before
        : reduceTick(before, event, turn);
    case 'checked':
      return takeOutcome(before, event, turn);
    case 'taken-over': {
      if (live.guard?.owner === event.owner) return before;
      const fence = live.fence + 1;
      const guard = { driver: 'server', lastAt: null, maxSilenceS: turn.plan.maxSilence / 1000, ...live.guard, owner: event.owner };
      const taken = newEvent('rollout.taken-over', personOf(turn.by), `guard:${live.rolloutId}:fence:${fence}`, {
        owner: event.owner.slice(0, 200),
        fence,
      });
      return told(withLive(before, { fence, guard }), taken);
    }
  }
}

function takeOutcome(before: MovingRollout, event: Extract<RolloutEvent, { readonly is: 'checked' }>, turn: Turn): MovingRollout {
  const { live, engine } = before;
  const desired = desiredTraffic(live);
  if (desired && event.key === trafficKey(desired))
    return event.ok
      ? inEngine(withLive(before, { effects: withTraffic(live, { key: event.key, state: 'done' }) }), { leasedAt: turn.at })
      : before;
  const taken = takeAnswer(before, event, turn);
  return taken === before || live.phase !== 'verifying' || engine.stop ? taken : judgeChecks(taken, turn);
}

/** Packs what became of it: the document with everything that people read of it, and what is to be done. */
function reduced(before: MovingRollout, after: MovingRollout, observed: ObservedTraffic | null, turn: Turn): Reduced {
  if (after === before)
    return { live: before.live, events: [], record: false, effects: wantedEffects(before, observed, turn.now), refusal: null };
  const isOver = terminalPhases.includes(after.live.phase);
  const moved =
    after.events.length > 0 ||
    after.live.phase !== before.live.phase ||
    after.live.step !== before.live.step ||
    after.live.weight?.desired !== before.live.weight?.desired;
  const { recordedAt } = after.engine;
  const isDue = after.live.phase !== 'pending' && (recordedAt === null || turn.now.getTime() - pastTime(recordedAt, turn.now) >= LOOK);
  const record = moved || isDue;
  const kept = record ? inEngine(after, { recordedAt: turn.at }) : after;
  const engine = kept.engine;
  let live = withEngine(kept.live, engine);
  const desired = isOver ? null : desiredTraffic(live);
  const key = desired && trafficKey(desired);
  const isAsked = key !== null && live.effects.some((effect) => effect.key === key);
  const effects = isAsked ? live.effects : withTraffic(live, key === null ? null : { key, state: 'wanted' });
  live = { ...live, effects, ...(record && { looks: looksOf(kept, turn) }) };
  return { live, events: kept.events, record, effects: wantedEffects({ ...kept, live }, observed, turn.now), refusal: null };
}

/** What each metric has spent, for whoever reads the document: information as a share of the plan's. */
function looksOf({ engine, live }: MovingRollout, { plan }: Turn): LiveDocument['looks'] {
  if (Object.keys(engine.metrics).length === 0) return live.looks;
  const bound = Math.max(1, plan.policy.metrics.filter(({ decide }) => decide === 'bound').length);
  const spending = planOf(plan.policy.alpha / (4 * bound));
  return Object.entries(engine.metrics).flatMap(([metric, { state, plannedInformation }]) => {
    if (!state) return [];
    const { planned, buckets } = state.rule;
    const information = plannedInformation ? Math.min(1, planned.information / plannedInformation) : null;
    return [{ metric, n: buckets, information, alphaSpent: spentAt(spending, planned.looked.at(-1) ?? 0) }];
  });
}
