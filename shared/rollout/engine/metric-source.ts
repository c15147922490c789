import type { ArmCounts } from '../judging/bucket.ts';

/** Why there are no counts. Each is told by its own name; none of them is a zero. */
export const missingReasons = [
  /** Nobody answered, or with an error. */
  'unreachable',
  /** The answer took longer than a look may. */
  'late',
  /** The query or page has no such series. */
  'empty',
  'not-a-number',
  'infinite',
  /** The newest sample is older than a look may take it for. */
  'stale',
  /** What came is no metrics page, no answer of Prometheus, or no counts. */
  'invalid',
  /** Pods of an arm did not answer, so their counts are unknown. */
  'incomplete',
] as const;
export type MissingReason = (typeof missingReasons)[number];

export type MetricReading =
  | {
      readonly is: 'counts';
      /** Since the last reading, whole numbers; an arm without traffic has a total of 0, which is an answer. */
      readonly candidate: ArmCounts;
      readonly stable: ArmCounts;
      /** The candidate's last minute, for hardMax; null where the source can't tell it apart. */
      readonly lastMinute: ArmCounts | null;
    }
  | {
      readonly is: 'missing';
      readonly why: MissingReason;
      /** For people: the place and what was there. Holds no credential. */
      readonly detail: string;
    }
  /** Asked before there was anything new: neither counts nor a silence. */
  | { readonly is: 'nothing-new' };

/** Of a metric that compares how predictions are distributed: counts by bucket of the same edges, since the last reading. */
export interface DistributionReading {
  readonly candidate: readonly number[];
  readonly stable: readonly number[];
}

export interface Reading {
  /** What the counts are of, milliseconds since 1970; `from` null for the first, which only sets the beginning. */
  readonly from: number | null;
  readonly to: number;
  /** By name of the metric. */
  readonly metrics: Readonly<Record<string, MetricReading>>;
  readonly distributions: Readonly<Record<string, DistributionReading | MissingReason>>;
  /**
   * What the source must be given at the next reading: counters as they were, the end of the last window. Plain JSON. It is kept with the
   * judging, so that after a death the next reading brings everything since, once.
   */
  readonly state: SourceState;
}
export type SourceState = Readonly<Record<string, unknown>>;

export interface SourceRequest {
  /** `v11`, `v12`. */
  readonly stable: string;
  readonly candidate: string;
  /** Of the last reading that was kept; null: this is the first, nothing is counted before it. */
  readonly state: SourceState | null;
  readonly now: number;
}

/** Where counts come from: Prometheus, or pages of metrics. Never averages of averages: each arm's counts are added up first. */
export interface MetricSource {
  /** Never throws for what is out there: that is `missing`. @throws UserError where the configuration can't be right */
  read(request: SourceRequest): Promise<Reading>;
  /**
   * Stable's counts of the time before `until`, bucket by bucket, oldest first, by metric; empty where the source keeps no past. Dispersion
   * and plan are learned from it.
   */
  history(request: {
    readonly stable: string;
    readonly until: number;
    readonly buckets: number;
    readonly bucketSeconds: number;
  }): Promise<Readonly<Record<string, readonly ArmCounts[]>>>;
  close(): Promise<void>;
}
