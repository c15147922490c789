import type { ArmCounts } from './bucket.ts';

/** A step as planned: the candidate's share of the traffic, and how many requests both arms will get while it holds. */
export interface PlannedStep {
  /** 0 … 1. */
  readonly share: number;
  readonly requests: number;
}

/**
 * Stable's rate before the rollout, as the plan takes it: half a bad answer is added to both outcomes, so that a spotless history does not
 * promise that no information will come. Null without requests.
 */
export function plannedRate(history: readonly ArmCounts[]): number | null {
  const bad = history.reduce((sum, bucket) => sum + bucket.bad, 0);
  const total = history.reduce((sum, bucket) => sum + bucket.total, 0);
  return total > 0 ? (bad + 0.5) / (total + 1) : null;
}

/** Σ n·w(1 − w)·p(1 − p) over the steps in which both arms answer; null where none do. */
export function plannedInformation(steps: readonly PlannedStep[], rate: number): number | null {
  const information = steps.reduce((sum, { share, requests }) => sum + requests * share * (1 - share), 0) * rate * (1 - rate);
  return information > 0 ? information : null;
}
