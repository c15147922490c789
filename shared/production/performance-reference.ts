import type { EvaluationResult, MetricResult } from '../evaluation/evaluation-result.ts';
import { newcombe5 } from '../statistics/auc-interval.ts';
import { type Bounds, wilson } from '../statistics/proportion.ts';
import type { PerformanceWindow } from './performance.ts';

/** What production is held against. */
export type PerformanceReference =
  /** The production version's own evaluation, or that of any test set. */
  | { readonly kind: 'evaluation'; readonly metrics: Readonly<Record<string, ReferenceMetric>> }
  /** Windows in which the model did what it should: seven at least. */
  | { readonly kind: 'windows'; readonly windows: readonly PerformanceWindow[] };

export interface ReferenceMetric {
  readonly value: number;
  /** Null: the number is taken as it stands, which makes a difference look surer than it is. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

export const fewestReferenceWindows = 7;

/**
 * The reference that a version's report holds. Where it was compared with a model before it, the report's interval is of the difference; then
 * the interval of the value is made again from its rows, for shares of rows by Wilson and for the AUC by Newcombe's method 5.
 */
export function referenceOfEvaluation({ metrics }: Pick<EvaluationResult, 'metrics'>, confidence: number): PerformanceReference {
  const known = metrics.flatMap((metric): [string, ReferenceMetric][] =>
    metric.slice === null && metric.value !== null
      ? [[metric.name, { value: metric.value, interval: intervalOf(metric, metric.value, confidence) }]]
      : [],
  );
  return { kind: 'evaluation', metrics: Object.fromEntries(known) };
}

function intervalOf(metric: MetricResult, value: number, confidence: number): ReferenceMetric['interval'] {
  if (metric.baseline === null && metric.interval && metric.interval.level === confidence)
    return { low: metric.interval.low, high: metric.interval.high };
  const bounds = boundsAgain(metric, value, confidence);
  return bounds && { low: bounds[0], high: bounds[1] };
}

function boundsAgain({ name, n, positives }: MetricResult, value: number, confidence: number): Bounds | null {
  const share = (rows: number) => wilson(value * rows, rows, confidence);
  if (name === 'accuracy') return share(n);
  if (positives === null) return null;
  if (name === 'recall') return share(positives);
  if (name === 'specificity') return share(n - positives);
  return name === 'roc_auc' ? newcombe5(value, positives, n - positives, confidence) : null;
}
