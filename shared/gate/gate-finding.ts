import { type Estimate, estimateMetric } from '../evaluation/estimate.ts';
import { latencyShare, measuredValues } from '../evaluation/evaluate-metrics.ts';
import type { MetricResult } from '../evaluation/evaluation-result.ts';
import { relativeLatency, shareSlower } from '../evaluation/latency.ts';
import type { MetricDefinition } from '../evaluation/metric-definition.ts';
import type { Measured } from '../evaluation/scored-rows.ts';
import type { Uncertainty } from '../evaluation/uncertainty.ts';
import { boundOf, type Finding, identicalP, isComparison, type Question } from './judge.ts';
import type { PlannedGate } from './plan-gates.ts';
import { autoMargin } from './power.ts';

/** What a gate was judged by: the question with its limit settled, the finding, and what sentences need. */
export interface GateFinding {
  readonly question: Question;
  readonly finding: Finding;
  readonly value: number | null;
  readonly baseline: number | null;
  readonly unit: MetricResult['unit'];
  readonly greaterIsBetter: boolean;
  readonly method: string | null;
  /** Of the oriented estimate. */
  readonly se: number | null;
  readonly n: number;
  readonly positives: number | null;
  /** Why there is no answer, before any bound is looked at. */
  readonly obstacle: Obstacle | null;
  /** Share of calls over a latency limit, with its bounds, where that is what was judged. */
  readonly slower: { readonly share: number; readonly low: number | null; readonly high: number | null; readonly allowed: number } | null;
}

export interface Obstacle {
  readonly reason:
    | 'TOO_FEW_ROWS'
    | 'TOO_FEW_CLUSTERS'
    | 'UNDEFINED_METRIC'
    | 'NO_VARIANCE'
    | 'ZERO_BASELINE'
    | 'NOT_MEASURED'
    | 'LOOKS_SPENT';
  readonly message: string;
}

/** From how many clusters a bound is trusted. */
export const FEWEST_CLUSTERS = 30;
/** From how many rounds a latency is judged; blocks of rounds are what is resampled. */
const FEWEST_ROUNDS = 30;

/** Computes what a gate asks for; `previousMargin` is the baseline report's number for `auto`. */
export function findingOf(gate: PlannedGate, measured: Measured | null, previousMargin: number | null): GateFinding {
  const { metric } = gate;
  return metric.kind === 'scored'
    ? scoredFinding(gate, metric.definition, previousMargin)
    : metric.name === 'model_bytes'
      ? sizeFinding(gate, measured)
      : latencyFinding(gate, metric.name, measured, previousMargin);
}

const questionOf = (gate: PlannedGate, limit: number | null): Question => ({
  rule: gate.rule,
  limit,
  prove: gate.prove,
  decide: gate.decide,
  severity: gate.severity,
  alpha: gate.alpha,
});

const limitOf = (gate: PlannedGate, se: number | null, previousMargin: number | null): number | null =>
  gate.limit !== 'auto' ? gate.limit : (previousMargin ?? (se === null ? null : autoMargin(se, gate.alpha, null).margin));

/**
 * Turns an interval on the metric's own scale into one where larger is better: metric − limit, limit − metric, or the
 * improvement over the baseline, divided by `scale` (the baseline's size with `maxRelative`).
 */
export function orient(
  question: Question,
  greaterIsBetter: boolean,
  own: { readonly estimate: number | null; readonly uncertainty: Uncertainty | null },
  scale = 1,
): Pick<Finding, 'estimate' | 'lower' | 'upper' | 'p'> {
  const { rule, limit } = question;
  const comparing = isComparison(rule);
  const upwards = comparing ? greaterIsBetter : rule === 'min' || rule === 'above';
  const origin = comparing ? 0 : (limit ?? 0);
  const place = (value: number | null | undefined) =>
    value === null || value === undefined ? null : upwards ? (value - origin) / scale : (origin - value) / scale;
  const { estimate, uncertainty } = own;
  // The bound on the metric's own scale: the p asks whether the metric lies on its good side.
  const edge = upwards ? origin + boundOf(question) * scale : origin - boundOf(question) * scale;
  return {
    estimate: place(estimate),
    lower: place(upwards ? uncertainty?.low : uncertainty?.high),
    upper: place(upwards ? uncertainty?.high : uncertainty?.low),
    p: limit === null ? null : (uncertainty?.p(edge, upwards ? 'at-least' : 'at-most') ?? null),
  };
}

function scoredFinding(gate: PlannedGate, metric: MetricDefinition, previousMargin: number | null): GateFinding {
  const { sample, threshold, ci } = gate;
  const comparing = isComparison(gate.rule);
  const found = estimateMetric(sample, metric, { threshold, ci, paired: comparing });
  const greaterIsBetter = metric.greaterIsBetter ?? true;
  const baseline = found.baseline?.value ?? null;
  const relative = gate.rule === 'maxRelative';
  const zero = relative && baseline === 0;
  const scale = relative && baseline ? Math.abs(baseline) : 1;
  const se = found.uncertainty?.se == null ? null : found.uncertainty.se / scale;
  const question = questionOf(gate, limitOf(gate, se, previousMargin));
  const own = comparing ? found.delta : found.value.value;
  // A share of no rows at all is 0 by convention; nothing was measured, so nothing is judged.
  const empty =
    metric.ingredients.kind === 'confusion' &&
    metric.ingredients.share !== undefined &&
    needed(metric, found).some(([, rows]) => rows === 0);
  const estimate = zero || empty ? null : own;
  const oriented = orient(question, greaterIsBetter, { estimate, uncertainty: estimate === null ? null : found.uncertainty }, scale);
  const obstacle = zero
    ? {
        reason: 'ZERO_BASELINE' as const,
        message: `the baseline's ${metric.name} is 0, and a share of 0 says nothing; give an absolute limit`,
      }
    : obstacleOf(gate, metric, found, estimate, oriented.lower);
  const identical = found.identical && comparing;
  return {
    question,
    finding: {
      ...oriented,
      p: identical ? identicalP(question) : oriented.p,
      short: obstacle?.reason === 'TOO_FEW_ROWS' || obstacle?.reason === 'TOO_FEW_CLUSTERS',
      identical,
    },
    value: found.value.value,
    baseline,
    unit: metric.unit,
    greaterIsBetter,
    method: found.method,
    se,
    n: found.n,
    positives: sample.task === 'binary' ? found.positives : null,
    obstacle: identical && !zero ? null : obstacle,
    slower: null,
  };
}

/** The classes that a metric needs, with the rows that each has. */
function needed({ needs, tasks }: MetricDefinition, { n, positives }: Pick<Estimate, 'n' | 'positives'>): [string, number][] {
  if (!tasks.includes('binary')) return [];
  return [
    ...(needs === 'positives' || needs === 'both' ? [['positives', positives] as [string, number]] : []),
    ...(needs === 'negatives' || needs === 'both' ? [['negatives', n - positives] as [string, number]] : []),
  ];
}

function obstacleOf(
  gate: PlannedGate,
  metric: MetricDefinition,
  found: Estimate,
  estimate: number | null,
  lower: number | null,
): Obstacle | null {
  const { minimum } = gate;
  if (estimate === null) {
    const note = found.value.note ?? found.baseline?.note;
    return { reason: 'UNDEFINED_METRIC', message: note ? note.replace(/: 0 by convention$/, '') : 'there is no row to compute it from' };
  }
  if (gate.decide === 'point') return null;
  const short = needed(metric, found).find(([, rows]) => rows < minimum.perClass);
  if (found.n < minimum.rows) return { reason: 'TOO_FEW_ROWS', message: `${found.n} rows of the ${minimum.rows} that it needs` };
  if (short) return { reason: 'TOO_FEW_ROWS', message: `${short[1]} ${short[0]} of the ${minimum.perClass} that it needs` };
  if (found.clusters !== null && found.clusters < FEWEST_CLUSTERS)
    return { reason: 'TOO_FEW_CLUSTERS', message: `${found.clusters} clusters of the ${FEWEST_CLUSTERS} that it needs` };
  if (lower === null)
    return found.method === null
      ? { reason: 'NO_VARIANCE', message: 'there is no interval for this metric; decide: point judges the value alone' }
      : { reason: 'NO_VARIANCE', message: 'nothing varies between the rows, so there is no interval' };
  return null;
}

function latencyFinding(
  gate: PlannedGate,
  name: 'latency_p50' | 'latency_p95' | 'latency_p99',
  measured: Measured | null,
  previousMargin: number | null,
): GateFinding {
  const { value, baseline, n } = measuredValues(name, measured);
  const share = latencyShare(name);
  const rounds = measured?.latency?.candidate ?? null;
  const others = measured?.latency?.baseline ?? null;
  const base = { value, baseline, unit: 'ms' as const, greaterIsBetter: false, n, positives: null };
  const unknown = (obstacle: Obstacle): GateFinding => ({
    ...base,
    question: questionOf(gate, gate.limit === 'auto' ? previousMargin : gate.limit),
    finding: { estimate: null, lower: null, upper: null, p: null, short: false, identical: false },
    method: null,
    se: null,
    obstacle,
    slower: null,
  });
  if (!rounds || value === null || (isComparison(gate.rule) && baseline === null))
    return unknown({ reason: 'NOT_MEASURED', message: 'this run measured no latency' });
  const short = gate.decide === 'bound' && n < FEWEST_ROUNDS;
  const obstacle: Obstacle | null = short ? { reason: 'TOO_FEW_ROWS', message: `${n} calls of the ${FEWEST_ROUNDS} that it needs` } : null;
  if (!isComparison(gate.rule)) {
    const limit = gate.limit === 'auto' ? 0 : gate.limit;
    const { share: slow, uncertainty } = shareSlower(rounds, limit, gate.ci.level);
    // "p99 ≤ limit" is "the share slower than the limit is at most 1 %".
    const allowed = 1 - share;
    const question = questionOf(gate, limit);
    const oriented = orient({ ...question, limit: allowed }, false, { estimate: slow, uncertainty });
    return {
      ...base,
      question,
      finding: { ...oriented, short, identical: false },
      method: uncertainty.method,
      se: uncertainty.se,
      obstacle,
      slower: { share: slow, low: uncertainty.low, high: uncertainty.high, allowed },
    };
  }
  if (baseline === 0) return unknown({ reason: 'ZERO_BASELINE', message: `the baseline's ${name} is 0, and a share of 0 says nothing` });
  const relative = others && relativeLatency(rounds, others, share, gate.ci);
  if (!relative) return unknown(obstacle ?? { reason: 'TOO_FEW_ROWS', message: `too few calls of the ${FEWEST_ROUNDS} that it needs` });
  // Milliseconds for absolute limits, a share of the baseline for relative ones.
  const scale = gate.rule === 'maxRelative' ? 1 : 1 / (baseline ?? 1);
  const se = relative.uncertainty.se === null ? null : relative.uncertainty.se / scale;
  const question = questionOf(gate, limitOf(gate, se, previousMargin));
  return {
    ...base,
    question,
    finding: { ...orient(question, false, relative, scale), short, identical: false },
    method: relative.uncertainty.method,
    se,
    obstacle,
    slower: null,
  };
}

/** A size is known exactly: its interval is itself. */
function sizeFinding(gate: PlannedGate, measured: Measured | null): GateFinding {
  const { value, baseline, n } = measuredValues('model_bytes', measured);
  const question = questionOf(gate, gate.limit === 'auto' ? 0 : gate.limit);
  const comparing = isComparison(gate.rule);
  const zero = gate.rule === 'maxRelative' && baseline === 0;
  const own = comparing ? (value === null || baseline === null || zero ? null : value - baseline) : value;
  const exact: Uncertainty | null = own === null ? null : { method: 'exact', low: own, high: own, se: 0, p: () => null };
  return {
    question,
    finding: {
      ...orient(question, false, { estimate: own, uncertainty: exact }, gate.rule === 'maxRelative' && baseline ? Math.abs(baseline) : 1),
      short: false,
      identical: false,
    },
    value,
    baseline,
    unit: 'bytes',
    greaterIsBetter: false,
    method: own === null ? null : 'exact',
    se: 0,
    n,
    positives: null,
    obstacle: zero
      ? { reason: 'ZERO_BASELINE', message: "the baseline's size is 0, and a share of 0 says nothing" }
      : own === null
        ? { reason: 'NOT_MEASURED', message: 'this run knows no size of the model' }
        : null,
    slower: null,
  };
}
