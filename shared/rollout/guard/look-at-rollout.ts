import type { NewEvent } from '../../promotion/forge.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import type { EngineState } from '../engine/engine-state.ts';
import type { Reading, SourceState } from '../engine/metric-source.ts';
import type { Effect } from '../engine/reduced.ts';
import type { RolloutEvent } from '../engine/rollout-event.ts';
import { nameOfVersion, type ObservedTraffic } from '../engine/traffic.ts';
import { isAwayFrom } from './away-from-stable.ts';
import type { CommitKind } from './commit-budget.ts';
import type { GuardParts } from './guard-parts.ts';
import type { GuardedRollout } from './guarded-rollout.ts';
import type { Troubles } from './troubles.ts';
import { within } from './within.ts';

/** Of stable's past: four hours, by looks of five minutes. */
const history = { buckets: 48, bucketSeconds: 300 } as const;

/** What a look at a rollout came to, before anything of it is recorded or done. */
export interface Look {
  readonly rollout: GuardedRollout;
  readonly next: LiveDocument;
  readonly events: readonly NewEvent[];
  readonly effects: readonly Effect[];
  /** null: nothing is to be recorded. */
  readonly record: CommitKind | null;
  /** Traffic moves away from stable, beside what Git says. */
  readonly rises: boolean;
  /** It may not be kept unless it is in Git: traffic moves away from stable, or the guard changes hands. */
  readonly recordFirst: boolean;
  /** This process takes it up. */
  readonly takesUp: boolean;
  /** Effects whose outcome it has taken in. */
  readonly heard: readonly string[];
  /** The same facts where no step may be taken. */
  readonly stay: () => Look;
}

export interface LookRequest {
  readonly now: Date;
  /** GitHub did not answer at this tick. */
  readonly away: boolean;
  /** What was read back just now; undefined: the target and the source are asked. */
  readonly observed?: ObservedTraffic;
  readonly takesUp: boolean;
}

type Parts = Pick<GuardParts, 'engine' | 'owner' | 'identity'>;

/** How long whatever is asked for a rollout may take: several of them fit into its longest silence. Milliseconds. */
export const patienceOf = ({ guard }: LiveDocument): number => Math.min(10_000, Math.max(1_000, ((guard?.maxSilenceS ?? 60) * 1000) / 4));

/** Asks source and target, and what the rules say to it. Changes nothing. @throws UserError where the rollout can't be carried out */
export async function lookAtRollout(rollout: GuardedRollout, request: LookRequest, parts: Parts, troubles: Troubles): Promise<Look> {
  return decide(rollout, await eventsOf(rollout, request, parts, troubles), request, parts);
}

/** What the rules make of it. Without a look around: the same facts may be decided on again. */
function decide(rollout: GuardedRollout, events: readonly RolloutEvent[], request: LookRequest, parts: Parts): Look {
  // A process that was started again has the name of the one before, and yet is another: the fence rises.
  const start = request.takesUp ? withoutOwner(rollout.memory) : rollout.memory;
  let next = start;
  const facts: NewEvent[] = [];
  const effects: Effect[] = [];
  let record = false;
  for (const event of events) {
    const reduced = parts.engine.reduce(next, event, { now: request.now, by: parts.identity });
    next = reduced.live;
    facts.push(...reduced.events);
    record ||= reduced.record;
    // The same state asks for the same traffic again: the last word counts. A check that was asked for once is asked.
    effects.splice(0, effects.length, ...effects.filter(({ is }) => is === 'check'), ...reduced.effects);
  }
  if (next === start) next = rollout.memory;
  const { memory, base } = rollout;
  // It stays handed over while it is held.
  const takesUp = request.takesUp && next !== memory;
  if (request.takesUp && !takesUp) rollout.says = { code: 'HELD', message: 'It is held, so it does not begin.' };
  const rises = isAwayFrom(parts.engine.desired(next), parts.engine.desired(base));
  const recordFirst = rises || takesUp;
  const moved = next.phase !== memory.phase || next.step !== memory.step || next.weight?.desired !== memory.weight?.desired;
  const kind: CommitKind = recordFirst ? 'start' : moved || rollout.pending === 'stop' ? 'stop' : 'look';
  return {
    rollout,
    next,
    events: facts,
    effects: [...new Map(effects.map((effect) => [effect.key, effect])).values()],
    record: record || recordFirst || rollout.pending !== null ? kind : null,
    rises,
    recordFirst,
    takesUp,
    heard: events.flatMap((event) => (event.is === 'checked' ? [event.key] : [])),
    stay: () =>
      decide(
        rollout,
        events.map((event) => (event.is === 'tick' ? { ...event, mayAdvance: false } : event)),
        request,
        parts,
      ),
  };
}

const withoutOwner = (live: LiveDocument): LiveDocument => ({ ...live, guard: live.guard && { ...live.guard, owner: null } });

async function eventsOf(rollout: GuardedRollout, request: LookRequest, parts: Parts, troubles: Troubles): Promise<readonly RolloutEvent[]> {
  const { owner } = parts;
  const { memory: live, ports } = rollout;
  const state = parts.engine.read(live);
  if (state === null || ports === null) return [];
  const [reading, observed] =
    request.observed === undefined
      ? await Promise.all([readingOf(rollout, state, request.now, troubles), observedOf(rollout, parts, troubles)])
      : [null, request.observed];
  const tick: RolloutEvent = { is: 'tick', owner, reading, observed, mayAdvance: !request.away };
  if (live.phase === 'pending') {
    if (!request.takesUp) return [];
    const past = await pastOf(rollout, request.now, troubles);
    // Counters as they are before the first request, recorded with the beginning: whoever comes after a death counts from there.
    return [{ is: 'begin', owner, history: past, historyBucketSeconds: history.bucketSeconds }, tick];
  }
  const checked = [...rollout.outcomes].map(([key, outcome]): RolloutEvent => ({ is: 'checked', key, ...outcome }));
  return [
    ...(request.takesUp ? [{ is: 'taken-over', owner } as const] : []),
    ...checked,
    { is: 'tick', owner, reading, observed, mayAdvance: !request.away },
  ];
}

async function readingOf({ memory: live, ports, key }: GuardedRollout, state: EngineState, now: Date, troubles: Troubles) {
  if (!ports?.source || !live.stable || !live.candidate || live.phase === 'rolling-back') return null;
  const request = {
    stable: nameOfVersion(live.stable),
    candidate: nameOfVersion(live.candidate),
    state: state.source,
    now: now.getTime(),
  };
  const { source } = ports;
  const place = `${key.model} ${key.stage}: metrics`;
  try {
    const reading = await within(patienceOf(live), 'Reading metrics', () => source.read(request));
    troubles.over(place);
    return reading;
  } catch (error) {
    const message = troubles.tell(place, error);
    return state.source && unread(state, state.source, now, message);
  }
}

/** A source that hangs has told nothing, which is not the same as not having been asked. */
function unread({ definition }: EngineState, state: SourceState, now: Date, detail: string): Reading {
  const measured = (definition.metrics ?? []).filter(({ of }) => of === undefined);
  const names = (distribution: boolean) =>
    measured.filter(({ test }) => (test === 'distribution') === distribution).map(({ name }) => name);
  return {
    from: null,
    to: now.getTime(),
    metrics: Object.fromEntries(names(false).map((name) => [name, { is: 'missing' as const, why: 'late' as const, detail }])),
    distributions: Object.fromEntries(names(true).map((name) => [name, 'late' as const])),
    state,
  };
}

/** null where the target does not answer. */
export async function observedOf(
  { memory: live, ports, key }: GuardedRollout,
  { engine }: Pick<Parts, 'engine'>,
  troubles: Troubles,
): Promise<ObservedTraffic | null> {
  const desired = engine.desired(live);
  if (!ports || !desired) return null;
  const place = `${key.model} ${key.stage}: target`;
  try {
    const observed = await within(patienceOf(live), 'The target', () => ports.target.observe(desired));
    troubles.over(place);
    return observed;
  } catch (error) {
    troubles.tell(place, error);
    return null;
  }
}

async function pastOf({ memory: live, ports, key }: GuardedRollout, now: Date, troubles: Troubles) {
  const { stable } = live;
  const source = ports?.source;
  if (!source || !stable) return {};
  const place = `${key.model} ${key.stage}: stable's past`;
  try {
    const past = await within(patienceOf(live), 'Reading the past of stable', () =>
      source.history({ stable: nameOfVersion(stable), until: now.getTime(), ...history }),
    );
    troubles.over(place);
    return past;
  } catch (error) {
    troubles.tell(place, error);
    return {};
  }
}
