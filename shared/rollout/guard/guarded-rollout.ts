import type { NewEvent } from '../../promotion/forge.ts';
import { type LiveDocument, terminalPhases } from '../../promotion/live-document.ts';
import type { StageKey } from '../../registry/stage-key.ts';
import type { RolloutStop } from '../engine/engine-state.ts';
import type { MetricSource } from '../engine/metric-source.ts';
import type { RolloutTarget } from '../engine/rollout-target.ts';
import type { CheckOutcome, GuardedLook, GuardParts, Transition, TransitionEnd } from './guard-parts.ts';

export interface RolloutPorts {
  readonly target: RolloutTarget;
  /** null: nothing is watched. */
  readonly source: MetricSource | null;
}

/** What one guard process knows of one stage. The one mutable thing of a guard; `create-guard.ts` alone keeps them. */
export interface GuardedRollout {
  readonly key: StageKey;
  /** As Git has it. */
  base: LiveDocument;
  /** `base`, and what was seen since. */
  memory: LiveDocument;
  /** What happened since `base` and is to be written with it. */
  events: readonly NewEvent[];
  /** What is to be recorded at the next opportunity: a planned look, or a stop that was acted on already. */
  pending: 'look' | 'stop' | null;
  /** Of this process's own taking up; null: it is another's. */
  fence: number | null;
  /** Somebody of the same name took it from this process. */
  overtaken: boolean;
  ports: RolloutPorts | null;
  /** Checks that run, by key. */
  readonly checks: Map<string, Promise<void>>;
  /** What became of effects, by key: an event of the next look. */
  readonly outcomes: Map<string, CheckOutcome>;
  says: GuardedLook['says'];
  asWanted: boolean | null;
  transitions: Transition[];
}

export const newGuarded = (key: StageKey, live: LiveDocument): GuardedRollout => ({
  key,
  base: live,
  memory: live,
  events: [],
  pending: null,
  fence: null,
  overtaken: false,
  ports: null,
  checks: new Map(),
  outcomes: new Map(),
  says: null,
  asWanted: null,
  transitions: [],
});

export const isOver = ({ phase }: LiveDocument): boolean => terminalPhases.includes(phase);

/**
 * Takes in what Git says by now. Where somebody else wrote, what was only in memory is dropped: the source brings those counts again,
 * from the state that was recorded with the last ones (of the same rollout: another is guarded anew). A decision to go back is never dropped: it is handed to the rollout as Git has it.
 */
export function takeIn(rollout: GuardedRollout, live: LiveDocument, parts: Pick<GuardParts, 'engine' | 'owner' | 'now'>): void {
  const { base } = rollout;
  if (live.revision === base.revision && live.fence === base.fence) return;
  const stop = rollout.memory === base ? null : (parts.engine.read(rollout.memory)?.stop ?? null);
  const before = rollout.memory;
  rollout.base = live;
  rollout.memory = live;
  rollout.events = [];
  rollout.pending = null;
  if (rollout.fence !== null && (live.fence !== rollout.fence || live.guard?.owner !== parts.owner)) {
    rollout.overtaken = live.guard?.owner === parts.owner;
    rollout.fence = null;
  }
  if (stop !== null) keepStop(rollout, stop, parts);
  noteTransition(rollout, before, rollout.memory, parts);
}

/** Stable was given the traffic already: what is written must not say otherwise, whoever guards now. */
function keepStop(rollout: GuardedRollout, stop: RolloutStop, { engine, now }: Pick<GuardParts, 'engine' | 'now'>): void {
  const state = engine.read(rollout.base);
  if (isOver(rollout.base) || state === null || state.stop !== null) return;
  const { by, cause, detail } = stop;
  const { live, events } = engine.reduce(rollout.base, { is: 'abort', by, cause, detail }, { now: now(), by });
  if (live === rollout.base) return;
  // The rule that said so, in place of "aborted".
  rollout.memory = { ...live, engine: { ...live.engine, stop } };
  rollout.events = events;
  rollout.pending = 'stop';
}

/** For whoever watches. */
export function noteTransition(
  rollout: GuardedRollout,
  before: LiveDocument,
  after: LiveDocument,
  { engine }: Pick<GuardParts, 'engine'>,
): void {
  const [from, to] = [endOf(before), endOf(after)];
  if (from.phase === to.phase && from.step === to.step && from.percent === to.percent) return;
  const state = engine.read(after);
  const why = after.phase === 'rolling-back' ? state?.stop?.detail : after.phase === 'paused' ? state?.pause?.detail : null;
  rollout.transitions.push({
    from: { ...from, candidate: from.candidate ?? to.candidate },
    to: { ...to, candidate: to.candidate ?? from.candidate },
    why: why ?? null,
  });
}

const endOf = ({ phase, step, weight, candidate, stable }: LiveDocument): TransitionEnd => ({
  phase,
  step,
  percent: weight?.desired ?? null,
  candidate: candidate?.number ?? null,
  stable: stable?.number ?? null,
});
