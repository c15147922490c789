import type { ArmCounts } from './bucket.ts';
import { dispersionOf } from './dispersion.ts';
import { plannedInformation, plannedRate } from './planned-information.ts';
import type { MetricPolicy, RolloutPolicy } from './rollout-policy.ts';
import type { RuleSettings } from './rule.ts';

/** What is known of a metric before the first request of the candidate. */
export interface Expectation {
  /** Stable's buckets before the rollout, oldest first. */
  readonly history: readonly ArmCounts[];
  /** Both arms together; null where it is not known, and then the evidence decides without a plan. */
  readonly requestsPerHour: number | null;
  /** Where they are known without a history, or were fixed when the rollout began. */
  readonly phi?: number | undefined;
  readonly plannedInformation?: number | undefined;
}

/** The rule of one metric of a rollout. Metrics that decide by their point spend no alpha and are not counted. */
export function ruleSettings(
  policy: RolloutPolicy,
  metric: MetricPolicy,
  { history, requestsPerHour, phi, plannedInformation: planned }: Expectation,
): RuleSettings {
  const rate = plannedRate(history);
  const steps = policy.steps.map(({ share, hold }) => ({ share, requests: ((requestsPerHour ?? 0) * hold) / 3_600_000 }));
  return {
    limit: metric.limit,
    alpha: policy.alpha,
    metrics: Math.max(1, policy.metrics.filter(({ decide }) => decide === 'bound').length),
    phi: phi ?? dispersionOf(history).phi,
    steps: policy.steps.length,
    plannedInformation: planned ?? (rate === null ? null : plannedInformation(steps, rate)),
    minRatio: metric.minRatio,
  };
}
