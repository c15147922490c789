import { UserError } from '../../errors.ts';
import { formatMany } from '../../words/format-number.ts';
import type { ArmCounts, Bucket } from './bucket.ts';
import { createMetricJudge, type Decision, goOn, type MetricJudge, type StopReason } from './judge-metric.ts';
import type { Look } from './look.ts';
import type { Observations, Observed } from './observations.ts';
import { ratioInterval } from './ratio-interval.ts';
import type { MetricPolicy, RolloutPolicy } from './rollout-policy.ts';
import { thresholdsOf } from './rule.ts';

/** A look at one metric. ∞ is the text "Infinity", as the vectors write it. */
export interface JudgedLook {
  readonly look: number;
  readonly step: number;
  readonly decision: Decision['decision'];
  readonly reason: StopReason | null;
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts;
  /** Of the rule; null for a metric that decides by its point, and where no counts came. */
  readonly evidence: {
    readonly logEAbs: number | null;
    readonly logEAbsStable: number | null;
    readonly logECmp: number;
    readonly z: number | null;
    readonly obfBound: number | 'Infinity';
    readonly ratio: number | 'Infinity' | null;
    readonly information: number;
    readonly decision: Look['decision'];
  } | null;
  /** Of the candidate's rate over stable's, 95 %, valid at every look. */
  readonly ratioBounds: { readonly lower: number; readonly upper: number | 'Infinity' } | null;
}

export interface JudgedMetric {
  readonly name: string;
  readonly limit: number | null;
  readonly decide: MetricPolicy['decide'];
  readonly phi: number;
  readonly plannedInformation: number | null;
  readonly logThresholds: { readonly absolute: number; readonly comparison: number };
  readonly looks: readonly JudgedLook[];
}

export interface Stop {
  readonly decision: 'rollback' | 'pause';
  readonly reason: StopReason;
  readonly metric: string;
  /** From 0. */
  readonly look: number;
  readonly step: number;
  /** Since the first bucket began. */
  readonly seconds: number;
  /** That the candidate had answered by then, and bad ones among them. */
  readonly candidate: ArmCounts;
}

export interface JudgedStep {
  readonly step: number;
  readonly share: number | null;
  readonly requests: number;
  /** Fewer requests than `minSamples`: nothing was shown. */
  readonly unproven: boolean;
}

export interface RolloutJudgement {
  readonly schema: 'weighin/rollout-judgement@1';
  readonly verdict: 'continue' | 'pause' | 'rollback';
  readonly firstRollback: Stop | null;
  readonly firstPause: Stop | null;
  readonly metrics: readonly JudgedMetric[];
  readonly steps: readonly JudgedStep[];
  readonly notices: readonly string[];
}

/**
 * What a policy would have done with recorded counts, look by look. Every look is judged by its own values, also after a stop.
 * @throws UserError OBSERVATIONS_INVALID where the counts and the policy do not belong together
 */
export function judgeObservations(policy: RolloutPolicy, observations: Observations): RolloutJudgement {
  const names = Object.keys(observations.metrics);
  const unknown = names.filter((name) => !policy.metrics.some((metric) => metric.name === name));
  const watched = policy.metrics.map(({ name }) => name);
  if (unknown.length > 0)
    throw misfit(`${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} no metric of the rollout, which has ${watched.join(', ')}`);
  const missing = watched.filter((name) => !names.includes(name));
  if (missing.length === watched.length) throw misfit('no metric of the rollout is in it');
  const metrics: JudgedMetric[] = [];
  const stops: Stop[] = [];
  const notices = missing.map((name) => `${name} has no recorded counts; alpha is shared with it all the same.`);
  for (const metric of policy.metrics) {
    const observed = observations.metrics[metric.name];
    if (!observed) continue;
    const last = observed.buckets.reduce((most, { step }) => Math.max(most, step), 0);
    if (last >= policy.steps.length)
      throw misfit(`${metric.name} has counts of step ${last}, and the rollout has steps 0 … ${policy.steps.length - 1}`);
    const judge = createMetricJudge(policy, metric, observed);
    const { settings } = judge;
    const looks = judgeMetric(judge, policy, observed, observations.bucketSeconds);
    if (settings.plannedInformation === null && metric.decide === 'bound')
      notices.push(`${metric.name} has no history, so the plan-based test is left out${observed.phi === undefined ? ' and φ is 1' : ''}.`);
    if (observations.bucketSeconds > 60 && metric.hardMax !== null)
      notices.push(`hardMax of ${metric.name} is judged a bucket at a time (${observations.bucketSeconds} s), not the last minute.`);
    metrics.push({
      name: metric.name,
      limit: metric.limit,
      decide: metric.decide,
      phi: settings.phi,
      plannedInformation: settings.plannedInformation,
      logThresholds: thresholdsOf(settings),
      looks,
    });
    for (const stop of stopsOf(metric.name, looks, observations.bucketSeconds)) stops.push(stop);
  }
  const first = (decision: Stop['decision']) =>
    stops.filter((stop) => stop.decision === decision).sort((a, b) => a.look - b.look)[0] ?? null;
  const [firstRollback, firstPause] = [first('rollback'), first('pause')];
  return {
    schema: 'weighin/rollout-judgement@1',
    verdict: firstRollback ? 'rollback' : firstPause ? 'pause' : 'continue',
    firstRollback,
    firstPause,
    metrics,
    steps: stepsOf(policy, observations),
    notices,
  };
}

function judgeMetric(judge: MetricJudge, policy: RolloutPolicy, { buckets }: Observed, bucketSeconds: number): readonly JudgedLook[] {
  let state = judge.begin();
  let silent = 0;
  return buckets.map((bucket, index): JudgedLook => {
    const nothing = { bad: 0, total: 0 };
    const base = { look: index, step: bucket.step, candidate: nothing, stable: nothing, evidence: null, ratioBounds: null };
    if ('missing' in bucket) {
      silent += bucketSeconds * 1000;
      return { ...base, ...(silent > policy.noDataGrace ? ({ decision: 'pause', reason: 'no-data' } as const) : goOn) };
    }
    silent = 0;
    const counts: Bucket = bucket;
    const judged = judge.judge(state, counts, { isStepEnd: buckets[index + 1]?.step !== bucket.step, everyBound: true });
    state = judged.state;
    const interval = ratioInterval(state.rule.ratio);
    return {
      ...base,
      candidate: counts.candidate,
      stable: counts.stable,
      evidence: judged.look && evidenceOf(judged.look),
      ratioBounds: interval && { lower: interval.lower, upper: written(interval.upper) },
      ...judged.decision,
    };
  });
}

const evidenceOf = ({
  obfBound,
  ratio,
  decision,
  logEAbs,
  logEAbsStable,
  logECmp,
  z,
  information,
}: Look): NonNullable<JudgedLook['evidence']> => ({
  logEAbs,
  logEAbsStable,
  logECmp,
  z,
  obfBound: obfBound === null ? 'Infinity' : written(obfBound),
  ratio: ratio === null ? null : written(ratio),
  information,
  decision,
});

const written = (value: number): number | 'Infinity' => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value);

function stopsOf(metric: string, looks: readonly JudgedLook[], bucketSeconds: number): readonly Stop[] {
  let [bad, total] = [0, 0];
  return looks.flatMap(({ look, step, decision, reason, candidate }) => {
    bad += candidate.bad;
    total += candidate.total;
    if (decision === 'continue' || reason === null) return [];
    return [{ decision, reason, metric, look, step, seconds: (look + 1) * bucketSeconds, candidate: { bad, total } }];
  });
}

/** Requests of a step: those of the metric that counted most, since each metric counts the same ones. */
function stepsOf(policy: RolloutPolicy, { metrics }: Observations): readonly JudgedStep[] {
  const requests = new Map<number, number>();
  for (const { buckets } of Object.values(metrics)) {
    const own = new Map<number, number>();
    for (const bucket of buckets) own.set(bucket.step, (own.get(bucket.step) ?? 0) + ('missing' in bucket ? 0 : bucket.candidate.total));
    for (const [step, total] of own) requests.set(step, Math.max(requests.get(step) ?? 0, total));
  }
  return [...requests]
    .sort(([a], [b]) => a - b)
    .map(([step, total]) => ({ step, share: policy.steps[step]?.share ?? null, requests: total, unproven: total < policy.minSamples }));
}

const misfit = (what: string) =>
  new UserError(
    'OBSERVATIONS_INVALID',
    `The recorded counts do not fit the rollout: ${what}.`,
    `Record each metric by the name that the rollout gives it, with steps counted from 0.`,
  );

/** One line: what would have happened, after how many requests, and why. */
export function describeStop(stop: Stop): string {
  const { decision, candidate, metric, reason } = stop;
  const did = decision === 'rollback' ? 'rolled back' : 'paused';
  const why: Readonly<Record<StopReason, string>> = {
    limit: `${metric} is above its limit`,
    stable: `${metric} is worse than stable's`,
    plan: `${metric} is worse than stable's, by the planned test`,
    'both-arms': `${metric} is above its limit in both arms`,
    'hard-limit': `${metric} is far above hardMax`,
    point: `the step's ${metric} is above its limit`,
    'no-data': `no counts of ${metric} came`,
    'not-assured': `${metric} is not shown to be below its limit before the last step`,
  };
  return `${did} ${duration(stop.seconds)} in (step ${stop.step}), after ${formatMany(candidate.total, 'candidate request')} with ${candidate.bad} bad: ${why[reason]}`;
}

const duration = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
