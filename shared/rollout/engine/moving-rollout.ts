import type { NewEvent, Person } from '../../promotion/forge.ts';
import type { LiveDocument, Phase } from '../../promotion/live-document.ts';
import type { EngineState } from './engine-state.ts';
import type { RolloutPlan } from './rollout-plan.ts';

/** A rollout while one event is taken in: what it has become so far, and what is to be written down of it. */
export interface MovingRollout {
  readonly live: LiveDocument;
  readonly engine: EngineState;
  readonly events: readonly NewEvent[];
}

/** What every rule is given beside the rollout. */
export interface Turn {
  readonly plan: RolloutPlan;
  readonly now: Date;
  /** `now` as documents say it. */
  readonly at: string;
  /** Who acts: a person, or the guard's account. */
  readonly by: Person;
}

export const withLive = (rollout: MovingRollout, change: Partial<LiveDocument>): MovingRollout => ({
  ...rollout,
  live: { ...rollout.live, ...change },
});

export const inEngine = (rollout: MovingRollout, change: Partial<EngineState>): MovingRollout => ({
  ...rollout,
  engine: { ...rollout.engine, ...change },
});

export const told = (rollout: MovingRollout, ...events: readonly NewEvent[]): MovingRollout => ({
  ...rollout,
  events: [...rollout.events, ...events],
});

/** Into another phase. Counts the turn, so that the next cause is another one. */
export const intoPhase = (rollout: MovingRollout, phase: Phase, change: Partial<EngineState> = {}): MovingRollout =>
  inEngine(withLive(rollout, { phase, pausedBy: null }), { pausedFrom: null, pause: null, ...change, turn: rollout.engine.turn + 1 });

/** Of what somebody wrote, as it is kept. */
export const LONGEST_TEXT = 500;
/** Of an event. */
const LONGEST_CAUSE = 200;

/** The fact behind what the guard decides by itself: taken in again after a death it is the same one. */
export const causeOf = ({ live, engine }: MovingRollout, what: string): string =>
  `guard:${live.rolloutId}:${engine.turn}:${what}`.slice(0, LONGEST_CAUSE);

/** Account, name and kind alone: documents are strict. */
export const personOf = ({ id, login, type }: Person): Person => ({ id, login, type });

/** A time of the document; one that is still to come was written by a clock that went wrong, and counts as now. */
export const pastTime = (at: string, now: Date): number => Math.min(Date.parse(at), now.getTime());
