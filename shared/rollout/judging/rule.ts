import type { ArmCounts } from './bucket.ts';
import { beginEvidence, type Evidence } from './count-evidence.ts';
import { beginPlanned, type PlannedTest } from './planned-test.ts';
import { beginRatio, type RatioEvidence } from './ratio-interval.ts';

/** The rule of one metric, fixed before the first request: nothing of it may follow from what the rollout then shows. */
export interface RuleSettings {
  /** Highest rate that is allowed; null where the metric is compared with stable alone. */
  readonly limit: number | null;
  /** For the whole rollout: every look, every step, every metric. */
  readonly alpha: number;
  /** How many metrics share alpha. */
  readonly metrics: number;
  /** What counts are divided by: how much more they vary than independent requests would. From stable's history. */
  readonly phi: number;
  /** Steps of the plan, the one at 100 % included. */
  readonly steps: number;
  /** Information that the shared steps will bring, Σ n·w(1 − w)·p(1 − p); null without a plan, and then the evidence decides alone. */
  readonly plannedInformation: number | null;
  /** Worse than stable by less than this never rolls back. */
  readonly minRatio: number;
}

/** ln of what the evidence must reach. */
export interface Thresholds {
  readonly absolute: number;
  readonly comparison: number;
}

/** Half of alpha absolute, half against stable; that half again between the evidence and its plan-based partner. */
export const thresholdsOf = ({ alpha, metrics }: Pick<RuleSettings, 'alpha' | 'metrics'>): Thresholds => ({
  absolute: Math.log((2 * metrics) / alpha),
  comparison: Math.log((4 * metrics) / alpha),
});

/** What the looks so far have left, as plain data: a look costs the same however long the rollout has run. */
export interface RuleState {
  /** Against the limit: the candidate's, and stable's own beside it. */
  readonly absolute: Evidence;
  readonly absoluteStable: Evidence;
  readonly comparison: Evidence;
  readonly planned: PlannedTest;
  readonly ratio: RatioEvidence;
  readonly candidate: { readonly bad: number; readonly total: number };
  readonly stable: { readonly bad: number; readonly total: number };
  /** Counts since the candidate's evidence against the limit began to rise: the time that it is about. */
  readonly rise: { readonly candidate: ArmCounts; readonly stable: ArmCounts };
  readonly buckets: number;
}

export const noRise: RuleState['rise'] = { candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } };

export const beginRule = (settings: RuleSettings): RuleState => ({
  absolute: beginEvidence(settings.steps),
  absoluteStable: beginEvidence(settings.steps),
  comparison: beginEvidence(settings.steps),
  planned: beginPlanned(),
  ratio: beginRatio(),
  candidate: { bad: 0, total: 0 },
  stable: { bad: 0, total: 0 },
  rise: noRise,
  buckets: 0,
});
