import type { CheckConfig, RolloutConfig, SourceConfig, TargetConfig } from '../../config/rollout-schema.ts';
import type { Forge, Person } from '../../promotion/forge.ts';
import type { LiveDocument, Phase } from '../../promotion/live-document.ts';
import type { StageKey } from '../../registry/stage-key.ts';
import type { EngineState } from '../engine/engine-state.ts';
import type { MetricSource } from '../engine/metric-source.ts';
import type { Reduced } from '../engine/reduced.ts';
import type { RolloutEvent } from '../engine/rollout-event.ts';
import type { RolloutTarget } from '../engine/rollout-target.ts';
import type { DesiredTraffic } from '../engine/traffic.ts';
import type { NamedVersion } from '../targets/fill-names.ts';
import type { Heartbeat } from './heartbeat.ts';

/** The rules, as the guard carries them out: `shared/rollout/engine`. */
export interface GuardEngine {
  reduce(live: LiveDocument, event: RolloutEvent, at: { readonly now: Date; readonly by: Person }): Reduced;
  /** null where nobody drives the rollout. @throws UserError, InfrastructureError STATE_BROKEN where what is recorded can't be read */
  read(live: LiveDocument): EngineState | null;
  /** What the target should do by this document; null where it says nothing of traffic (not begun). */
  desired(live: LiveDocument): DesiredTraffic | null;
}

/** What a target, a source or a check is opened for. */
export interface RolloutNames {
  readonly model: string;
  readonly stage: string;
  readonly rolloutId: string;
  /** Of `rollouts:`, for people. */
  readonly rollout: string;
}

export type CheckOutcome = { readonly ok: boolean; readonly detail: string };
export type RunCheck = (check: CheckConfig, version: NamedVersion) => Promise<CheckOutcome>;

export interface GuardLog {
  /** A line for people; `fields` for machines. Neither holds a credential. */
  readonly info: (line: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (line: string, fields?: Readonly<Record<string, unknown>>) => void;
}

export interface GuardParts {
  readonly forge: Pick<Forge, 'git' | 'now'>;
  /** `acme/churn` */
  readonly repository: string;
  /** Who acts, in events: the account of the token. */
  readonly identity: Person;
  /** What writes, in events: `weighin[bot]/1.0.0`. */
  readonly by: string;
  /** Unique among processes that live at once, the same after a restart: the host's name, or `run:<id>`. */
  readonly owner: string;
  readonly engine: GuardEngine;
  readonly openTarget: (config: TargetConfig, definition: RolloutConfig, names: RolloutNames) => Promise<RolloutTarget>;
  readonly openSource: (config: SourceConfig | undefined, definition: RolloutConfig, names: RolloutNames) => Promise<MetricSource | null>;
  readonly runCheck: RunCheck;
  readonly now: () => Date;
  readonly log: GuardLog;
  /** Fire and forget: never awaited. */
  readonly sendHeartbeat?: (beat: Heartbeat) => void;
  /** Milliseconds between two ticks; 0: one pass, which waits for its checks. */
  readonly every: number;
}

export interface Guard {
  /** One look at every rollout. Never throws for what is out there; two at once are one. */
  tick(): Promise<GuardTick>;
  /** Ends the tick under way, records what is known, gives its rollouts to whoever is next, and closes everything. */
  stop(): Promise<void>;
}

export interface GuardTick {
  readonly at: string;
  /** Why GitHub could not be asked; the guard went on from memory. null: it answered. */
  readonly away: string | null;
  readonly rollouts: readonly GuardedLook[];
  /** Milliseconds until the next tick at the latest, by the shortest maxSilence; null where nothing is guarded. */
  readonly nextWithin: number | null;
}

/** A rollout after a tick, for whoever shows it. */
export interface GuardedLook {
  readonly key: StageKey;
  /** `guarded`: by this process. `followed`: by another, or it waits until that one is silent. `refused`: see `says`. */
  readonly is: 'guarded' | 'followed' | 'refused';
  readonly live: LiveDocument;
  /** Of this tick, in order. */
  readonly transitions: readonly Transition[];
  /** Why it is refused, or what keeps it waiting; null: nothing to add. */
  readonly says: { readonly code: string; readonly message: string } | null;
  /** Traffic has been read back and is as wanted; null where the target was not reached. */
  readonly asWanted: boolean | null;
  /** Whether all of it is in Git. */
  readonly recorded: boolean;
}

export interface Transition {
  readonly from: TransitionEnd;
  readonly to: TransitionEnd;
  /** Why, where a rule or a person said so. */
  readonly why: string | null;
}
export interface TransitionEnd {
  readonly phase: Phase;
  readonly step: number;
  /** Wished for; null once it is over. */
  readonly percent: number | null;
  /** `12`; null once it is over and was not promoted. */
  readonly candidate: number | null;
  readonly stable: number | null;
}
