import { createMetricJudge, isAssured, type MetricJudge, type MetricState } from '../judging/judge-metric.ts';
import { ratioInterval } from '../judging/ratio-interval.ts';
import { thresholdsOf } from '../judging/rule.ts';
import type { EngineMetric, MetricLook } from './engine-state.ts';
import { inEngine, type MovingRollout, type Turn } from './moving-rollout.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { addCounts, countsOfRollout } from './step-record.ts';
import type { MetricVerdict } from './take-reading.ts';

/** The judge of a metric whose rule was fixed when the rollout began. */
export function judgeOf(
  { policy }: RolloutPlan,
  name: string,
  { phi, plannedInformation, requestsPerHour }: EngineMetric,
): MetricJudge | null {
  const metric = policy.metrics.find((each) => each.name === name);
  return metric
    ? createMetricJudge(policy, metric, { history: [], requestsPerHour, phi, plannedInformation: plannedInformation ?? undefined })
    : null;
}

/**
 * Judges the bucket that is filling, and begins another.
 */
export function judgeOpenBucket(
  rollout: MovingRollout,
  name: string,
  turn: Turn,
  { isStepEnd }: { readonly isStepEnd: boolean },
): { readonly rollout: MovingRollout; readonly verdict: MetricVerdict | null } {
  const metric = rollout.engine.metrics[name];
  const judge = metric && judgeOf(turn.plan, name, metric);
  if (!metric?.state || !judge) return { rollout, verdict: null };
  const nothing = { bad: 0, total: 0 };
  const { candidate, stable } = metric.open ?? { candidate: nothing, stable: nothing };
  // hardMax is judged by the last minute at every tick (`takeReading`); the bucket is longer.
  const { state, decision, look } = judge.judge(
    metric.state,
    { step: rollout.live.step, candidate, stable },
    { isStepEnd, lastMinute: nothing },
  );
  const { limit } = judge.metric;
  const kept: MetricState = { ...state, rule: { ...state.rule, planned: { ...state.rule.planned, chain: null } } };
  const interval = ratioInterval(state.rule.ratio);
  const thresholds = thresholdsOf(judge.settings);
  const shown: MetricLook = {
    at: turn.at,
    ...countsOfRollout(rollout, name),
    ratio: look?.ratio == null ? null : written(look.ratio),
    ratioBounds: interval && { lower: interval.lower, upper: written(interval.upper) },
    limit,
    strength:
      look &&
      Math.max(look.logECmp / thresholds.comparison, look.logEAbs === null ? Number.NEGATIVE_INFINITY : look.logEAbs / thresholds.absolute),
  };
  return {
    rollout: inEngine(rollout, { metrics: { ...rollout.engine.metrics, [name]: { ...metric, state: kept, open: null, look: shown } } }),
    verdict: decision.decision === 'continue' ? null : { metric: name, decision: decision.decision, reason: decision.reason, counts: null },
  };
}

/** Whether stable answers anyone beside the candidate. */
export const stableServes = ({ live, engine }: MovingRollout): boolean => !engine.promoted && (live.weight?.desired ?? 0) < 100;

/**
 * Whether a bucket that is closed before it is whole says anything. Where stable has had no request in it yet, it would speak against the
 * candidate alone whatever happens to both: it is filled on in the next step.
 */
export const isTelling = (rollout: MovingRollout, { candidate, stable }: NonNullable<EngineMetric['open']>): boolean =>
  candidate.total + stable.total > 0 && (stable.total > 0 || !stableServes(rollout));

/** Judges every open bucket of the step that ends here. */
export function closeBuckets(
  rollout: MovingRollout,
  turn: Turn,
  at: { readonly isStepEnd: boolean },
): { readonly rollout: MovingRollout; readonly verdicts: readonly MetricVerdict[] } {
  let next = rollout;
  const verdicts: MetricVerdict[] = [];
  for (const { name, decide } of turn.plan.policy.metrics) {
    const open = next.engine.metrics[name]?.open;
    // The point rule looks at the step, also where nothing has come since the last bucket.
    if (!(open && isTelling(next, open)) && !(decide === 'point' && at.isStepEnd)) continue;
    const judged = judgeOpenBucket(next, name, turn, at);
    next = judged.rollout;
    if (judged.verdict) verdicts.push(judged.verdict);
  }
  return { rollout: next, verdicts };
}

/** Whether every metric is shown to be below its limit, where the rollout asks for that before its last step. */
export function isRolloutAssured({ engine, live }: MovingRollout, { plan }: Turn): boolean {
  if (!plan.policy.assure || live.step !== plan.steps.length - 2) return true;
  return plan.policy.metrics.every((metric) => {
    const own = engine.metrics[metric.name];
    if (metric.decide === 'point' || !own?.state) return true;
    const counts = own.open ? addCounts(own.state.rule.candidate, own.open.candidate) : own.state.rule.candidate;
    return isAssured(plan.policy, metric, counts, own.phi);
  });
}

const written = (value: number): number | 'Infinity' => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value);
