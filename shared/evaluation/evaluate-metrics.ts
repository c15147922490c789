import { UserError } from '../errors.ts';
import { nearestName } from '../spec/nearest-name.ts';
import { estimateMetric } from './estimate.ts';
import type { MetricResult } from './evaluation-result.ts';
import { latencyQuantile } from './latency.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { defaultMetrics, findMetric, isMeasuredMetric, type MeasuredMetricName, metricNames } from './metrics.ts';
import { resampleTogether } from './resampled-estimate.ts';
import { type Sample, sampleOf } from './sample.ts';
import type { Measured, ScoredRows } from './scored-rows.ts';
import { slicesOf } from './slices.ts';
import type { IntervalOptions } from './uncertainty.ts';

export interface EvaluateOptions {
  /** Names; the usual ones of the task where left out. */
  readonly metrics?: readonly string[];
  /** Columns; each gives one slice a value. */
  readonly slices: readonly string[];
  readonly ci: IntervalOptions;
  readonly threshold: number;
  readonly measured?: Measured;
}

/** Every metric over all rows and by slice, with the interval of its difference from the baseline, or of its value where there is none. */
export function evaluateMetrics(rows: ScoredRows, options: EvaluateOptions): MetricResult[] {
  const { measured, ci, threshold } = options;
  const names = options.metrics ?? [...defaultMetrics(rows.task), ...measuredNames(measured)];
  const metrics = names.filter((name) => !isMeasuredMetric(name)).map((name) => requireMetric(rows.task, name));
  const results = metricsOf(sampleOf(rows), null, metrics, ci, threshold);
  for (const name of names) if (isMeasuredMetric(name)) results.push(measuredResult(name, measured ?? null));
  for (const column of options.slices)
    for (const { name, sample } of slicesOf(rows, [column])) results.push(...metricsOf(sample, name, metrics, ci, threshold));
  return results;
}

/** The metric of this name, or an error that names the nearest. */
export function requireMetric(task: ScoredRows['task'], name: string): MetricDefinition {
  const found = findMetric(task, name);
  if (found) return found;
  throw unknownMetric(task, name);
}

export function unknownMetric(task: ScoredRows['task'], name: string): UserError {
  const names = metricNames(task);
  const nearest = nearestName(name, names);
  return new UserError(
    'GATE_UNKNOWN_METRIC',
    `There is no metric "${name}" for the task ${task}.`,
    `${nearest === undefined ? '' : `Did you mean "${nearest}"? `}Known: ${names.join(', ')}.`,
  );
}

const measuredNames = (measured: Measured | undefined): MeasuredMetricName[] => [
  ...(measured?.latency ? (['latency_p50', 'latency_p95', 'latency_p99'] as const) : []),
  ...(measured?.modelBytes ? (['model_bytes'] as const) : []),
];

function metricsOf(
  sample: Sample,
  slice: string | null,
  metrics: readonly MetricDefinition[],
  ci: IntervalOptions,
  threshold: number,
): MetricResult[] {
  const paired = sample.baseline !== null;
  resampleTogether(sample, metrics, threshold, ci, paired);
  return metrics.map((metric) => {
    const { value, baseline, delta, uncertainty, n, positives } = estimateMetric(sample, metric, { threshold, ci, paired });
    const { low, high } = uncertainty ?? { low: null, high: null };
    return {
      name: metric.name,
      value: value.value,
      baseline: baseline?.value ?? null,
      delta,
      interval: uncertainty && low !== null && high !== null ? { low, high, level: ci.level, method: uncertainty.method } : null,
      slice,
      n,
      positives: sample.task === 'binary' ? positives : null,
      greaterIsBetter: metric.greaterIsBetter,
      unit: metric.unit,
      note: value.note ?? (baseline?.note ? `baseline: ${baseline.note}` : null),
    };
  });
}

const LATENCY_SHARES = { latency_p50: 0.5, latency_p95: 0.95, latency_p99: 0.99 } as const;
export const latencyShare = (name: Exclude<MeasuredMetricName, 'model_bytes'>): number => LATENCY_SHARES[name];

/** Both models' values of a measured metric; null where it was not measured. */
export function measuredValues(
  name: MeasuredMetricName,
  measured: Measured | null,
): { value: number | null; baseline: number | null; n: number } {
  if (name === 'model_bytes')
    return { value: measured?.modelBytes?.candidate ?? null, baseline: measured?.modelBytes?.baseline ?? null, n: 1 };
  const latency = measured?.latency;
  const of = (rounds: Float64Array | null | undefined) =>
    rounds && rounds.length > 0 ? latencyQuantile(rounds, latencyShare(name)) : null;
  return { value: of(latency?.candidate), baseline: of(latency?.baseline), n: latency?.candidate.length ?? 0 };
}

function measuredResult(name: MeasuredMetricName, measured: Measured | null): MetricResult {
  const { value, baseline, n } = measuredValues(name, measured);
  return {
    name,
    value,
    baseline,
    delta: value === null || baseline === null ? null : value - baseline,
    interval: null,
    slice: null,
    n,
    positives: null,
    greaterIsBetter: false,
    unit: name === 'model_bytes' ? 'bytes' : 'ms',
    note: value === null ? 'not measured in this run' : null,
  };
}
