import type { CheckConfig, RolloutConfig } from '../../config/rollout-schema.ts';
import type { Person } from '../../promotion/forge.ts';
import type { Phase } from '../../promotion/live-document.ts';
import type { ArmCounts } from '../judging/bucket.ts';
import type { MetricState } from '../judging/judge-metric.ts';
import type { MissingReason, SourceState } from './metric-source.ts';

/**
 * What the engine keeps of a rollout beside the fields that everybody reads: `live.engine`. Plain JSON, written with every transition and
 * planned look, so that whoever takes up the guard goes on exactly where the last record ended.
 */
export interface EngineState {
  readonly schema: 'weighin/engine@1';
  /** The entry of `rollouts:`, frozen at start: what was approved is what runs, whatever the default branch says by now. */
  readonly name: string;
  readonly definition: RolloutConfig;
  /** `verify:` of the stage: asked once everything moved, before the rollout counts as done. Saying no takes it back. */
  readonly verifyAfter: readonly CheckConfig[];
  /** Where a paused rollout goes on. */
  readonly pausedFrom: Phase | null;
  readonly pause: { readonly reason: PauseReason; readonly detail: string; readonly at: string } | null;
  /** Why it goes back to stable, from the moment that it does. */
  readonly stop: RolloutStop | null;
  /** `/canary set`: in place of the step's weight, until the next step. */
  readonly override: number | null;
  /** The candidate is (to be) the target's stable, with nothing beside it: from `promoting` on. */
  readonly promoted: boolean;
  /** What a person resumed in spite of; it pauses no more until the next step. */
  readonly waived: readonly PauseReason[];
  /** Transitions so far: what makes the cause of each of the guard's own events a fact of its own. */
  readonly turn: number;
  /** Causes of what people asked for and got, the latest last: the same comment twice is one wish. */
  readonly handled: readonly string[];
  /** When the reducer last asked for a record; ISO 8601. */
  readonly recordedAt: string | null;
  /** When the target last took the wish, for its lease; ISO 8601. */
  readonly leasedAt: string | null;
  /** Since when the target does not do, or does not say, what is wanted; null: it does. */
  readonly differsSince: string | null;
  /** A silence of the guard: the last look before it, the first after it, and the one that judged its counts; null once time went on. */
  readonly gap: { readonly from: string; readonly foundAt: string; readonly judgedAt: string | null } | null;
  /** Last look that had counts, or the step's beginning; ISO 8601. */
  readonly lastDataAt: string | null;
  /** Why the last look had none, by metric, and since when there are none. */
  readonly missing: Readonly<Record<string, MissingCounts>>;
  readonly metrics: Readonly<Record<string, EngineMetric>>;
  /** Handed to the source at the next reading. */
  readonly source: SourceState | null;
  /** Of the last reading that was counted: the same one again counts nothing. */
  readonly read: { readonly from: number | null; readonly to: number } | null;
  /** Of what was asked before traffic moved, by key. */
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string; readonly at: string }>>;
  /** What each step showed, in order; a step that is set again is another entry. */
  readonly steps: readonly StepRecord[];
  /** What strategy shadow or ab recommends at its end. */
  readonly outcome: { readonly recommends: 'promote' | 'keep'; readonly why: string } | null;
  /** Of strategy ab: cumulative counts by day, as `shared/rollout/ab` reads them. Free of shape here; strategy ab owns it. */
  readonly experiment: unknown;
}

export interface MissingCounts {
  readonly why: MissingReason;
  readonly detail: string;
  readonly since: string;
}

export interface EngineMetric {
  /** Fixed when the rollout began: what counts are divided by, and what the plan will bring. */
  readonly phi: number;
  readonly plannedInformation: number | null;
  readonly requestsPerHour: number | null;
  /** null for a metric of distributions, until the first bucket too. */
  readonly state: MetricState | null;
  /** The bucket that is filling. */
  readonly open: { readonly candidate: ArmCounts; readonly stable: ArmCounts; readonly since: string } | null;
  /** The candidate's last minute, reading by reading, where the source can't tell it apart: what hardMax looks at. */
  readonly minute: readonly { readonly at: string; readonly bad: number; readonly total: number }[];
  /** Of a metric that compares distributions: counts by bucket since the rollout began. */
  readonly distribution: { readonly candidate: readonly number[]; readonly stable: readonly number[] } | null;
  /** The last look, for people. */
  readonly look: MetricLook | null;
}

export interface MetricLook {
  readonly at: string;
  /** Of the whole rollout so far. */
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts;
  /** Of the rates, candidate over stable; bounds hold at every look (95 %). "Infinity" where there is none; null: not known. */
  readonly ratio: number | 'Infinity' | null;
  readonly ratioBounds: { readonly lower: number; readonly upper: number | 'Infinity' } | null;
  readonly limit: number | null;
  /** ln of the evidence over what it must reach: 1 and more stops. Of the strongest rule. */
  readonly strength: number | null;
}

export interface StepRecord {
  readonly step: number;
  /** Percent. */
  readonly weight: number;
  readonly from: string;
  /** null while it is under way. */
  readonly to: string | null;
  readonly guardedSeconds: number;
  /** Of this step. */
  readonly metrics: Readonly<Record<string, { readonly candidate: ArmCounts; readonly stable: ArmCounts }>>;
  /** It ended with fewer requests than `minSamples`. */
  readonly unproven: boolean;
}

/** Why a rollout waits. */
export const pauseReasons = [
  'person',
  'no-data',
  'both-arms',
  'low-traffic',
  'no-requests',
  'not-assured',
  /** After a silence of the guard that no counts tell about. */
  'gap-unjudged',
  'distribution',
  'held',
  /** Shadow and ab: the time is over, and somebody decides. */
  'decision',
  /** What was asked before traffic moved said no. */
  'check-failed',
  /** The target does not do what it was asked to, again and again. */
  'target',
] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** Why it goes back: by the rules (`StopReason`, but for what only pauses), by people, by checks. */
export const stopReasons = [
  'limit',
  'stable',
  'plan',
  'both-arms',
  'hard-limit',
  'point',
  'aborted',
  'rollback',
  'superseded',
  'recommended',
  'check-failed',
] as const;

export interface RolloutStop {
  /** `rolled-back` for the rules and `/canary abort`; `superseded` where a newer one took its place, which holds nothing. */
  readonly ends: 'rolled-back' | 'superseded';
  readonly reason: (typeof stopReasons)[number];
  /** The metric that said so; null for a person. */
  readonly metric: string | null;
  /** One sentence, plain text: the numbers. */
  readonly detail: string;
  readonly by: Person;
  /** The fact behind it: `comment:<id>:<line>`, `guard:<rolloutId>:<step>:<reason>`. */
  readonly cause: string;
  readonly at: string;
}
