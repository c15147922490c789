import type { ArmCounts, Bucket } from './bucket.ts';
import { judgeHardLimit } from './hard-limit.ts';
import { judgeBucket, type Look } from './look.ts';
import { judgePoint } from './point-rule.ts';
import { boundOfRate } from './rate-bound.ts';
import type { MetricPolicy, RolloutPolicy } from './rollout-policy.ts';
import { beginRule, type RuleState } from './rule.ts';
import { type Expectation, ruleSettings } from './rule-settings.ts';

export type StopReason = NonNullable<Look['reason']> | 'hard-limit' | 'point' | 'no-data' | 'not-assured';

/** What is to be done for one metric, or for a rollout. */
export type Decision =
  | { readonly decision: 'continue'; readonly reason: null }
  | { readonly decision: 'rollback' | 'pause'; readonly reason: StopReason };

export const goOn: Decision = { decision: 'continue', reason: null };

/** Where the judging of one metric stands. Plain data, stored between looks. */
export interface MetricState {
  readonly rule: RuleState;
  /** The step that the latest bucket was of, and the candidate's counts in it. */
  readonly step: number;
  readonly inStep: ArmCounts;
}

export interface MetricJudge {
  readonly metric: MetricPolicy;
  readonly settings: ReturnType<typeof ruleSettings>;
  begin(): MetricState;
  /**
   * One more bucket. `isStepEnd`: it is the last of its step, which the point rule and `assure` wait for. `lastMinute` is what hardMax looks
   * at; the bucket itself where nothing finer is known.
   */
  judge(
    state: MetricState,
    bucket: Bucket,
    at: { readonly isStepEnd: boolean; readonly lastMinute?: ArmCounts; readonly everyBound?: boolean },
  ): { readonly state: MetricState; readonly decision: Decision; readonly look: Look | null };
}

/** The judge of one metric of a rollout: its rule is fixed here, before the first request of the candidate. */
export function createMetricJudge(policy: RolloutPolicy, metric: MetricPolicy, expected: Expectation): MetricJudge {
  const settings = ruleSettings(policy, metric, expected);
  return {
    metric,
    settings,
    begin: () => ({ rule: beginRule(settings), step: 0, inStep: { bad: 0, total: 0 } }),
    judge(before, bucket, { isStepEnd, lastMinute = bucket.candidate, everyBound = false }) {
      const { candidate, step } = bucket;
      const earlier = before.step === step ? before.inStep : { bad: 0, total: 0 };
      const inStep = { bad: earlier.bad + candidate.bad, total: earlier.total + candidate.total };
      const isOut = metric.hardMax !== null && judgeHardLimit(lastMinute, metric.hardMax, settings.phi).rollback;
      if (metric.decide === 'point') {
        const isOver = isStepEnd && metric.limit !== null && judgePoint(inStep, metric.limit);
        const decision: Decision = isOut ? rollback('hard-limit') : isOver ? rollback('point') : goOn;
        return { state: { ...before, step, inStep }, decision, look: null };
      }
      const { state: rule, look } = judgeBucket(settings, before.rule, bucket, { everyBound });
      const isLastButOne = isStepEnd && step === policy.steps.length - 2;
      const isUnsure = isLastButOne && !isAssured(policy, metric, rule.candidate, settings.phi);
      return { state: { rule, step, inStep }, decision: isOut ? rollback('hard-limit') : decisionOf(look, isUnsure), look };
    },
  };
}

/** Whether the candidate is shown to be below the limit, where the rollout asks for that before everyone gets it. */
export const isAssured = (policy: RolloutPolicy, metric: MetricPolicy, candidate: ArmCounts, phi: number): boolean =>
  !policy.assure || metric.limit === null || boundOfRate(candidate, metric.limit, { phi }).cleared;

const rollback = (reason: StopReason): Decision => ({ decision: 'rollback', reason });

function decisionOf({ decision, reason }: Look, isUnsure: boolean): Decision {
  if (reason !== null && decision !== 'continue') return { decision: decision === 'rollback' ? 'rollback' : 'pause', reason };
  return isUnsure ? { decision: 'pause', reason: 'not-assured' } : goOn;
}
