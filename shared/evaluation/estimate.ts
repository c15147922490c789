import { aucDifference, aucEstimate } from './auc-estimate.ts';
import type { MetricValue } from './confusion.ts';
import { meanDifference, meanOfModel } from './mean-estimate.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { metricValue } from './metric-value.ts';
import { resampledEstimate } from './resampled-estimate.ts';
import { clusterCount, type Sample } from './sample.ts';
import { shareDifference, shareEstimate } from './share-estimate.ts';
import type { IntervalOptions, Uncertainty } from './uncertainty.ts';

/** What is known of a metric on a sample: its value(s), and the uncertainty of the value, or of the difference. */
export interface Estimate {
  readonly value: MetricValue;
  readonly baseline: MetricValue | null;
  /** candidate − baseline; null without a baseline or where either is undefined. */
  readonly delta: number | null;
  /** Null where there is nothing to put an interval around, or no method for it. */
  readonly uncertainty: Uncertainty | null;
  /** The method that would have been used, also where it gave nothing. */
  readonly method: string | null;
  readonly n: number;
  readonly positives: number;
  readonly clusters: number | null;
  readonly identical: boolean;
}

const cache = new WeakMap<Sample, Map<string, Estimate>>();

/**
 * A metric with its interval by the table of decision rules (`method: auto`): Wilson and Tango for shares, DeLong and Newcombe
 * for the AUC, t for means of losses, BCa for the rest; `bca` and `percentile` resample whatever it is. The difference where
 * `paired`, else the candidate alone. Kept, so that several gates on one metric cost one computation.
 */
export function estimateMetric(
  sample: Sample,
  metric: MetricDefinition,
  options: { readonly threshold: number; readonly ci: IntervalOptions; readonly paired: boolean },
): Estimate {
  const { threshold, ci, paired } = options;
  const known = cache.get(sample) ?? new Map<string, Estimate>();
  cache.set(sample, known);
  const key = JSON.stringify([metric.name, threshold, ci.method, ci.level, ci.resamples, ci.seed, paired]);
  const found = known.get(key) ?? compute(sample, metric, threshold, ci, paired);
  known.set(key, found);
  return found;
}

function compute(sample: Sample, metric: MetricDefinition, threshold: number, ci: IntervalOptions, paired: boolean): Estimate {
  const value = metricValue(sample, sample.candidate, metric, threshold);
  const baseline = sample.baseline ? metricValue(sample, sample.baseline, metric, threshold) : null;
  const delta = value.value === null || baseline === null || baseline.value === null ? null : value.value - baseline.value;
  const found = sample.n === 0 ? null : uncertaintyOf(sample, metric, threshold, ci, paired);
  const defined = paired ? delta !== null : value.value !== null;
  const identical = paired && sample.identical && sample.n > 0;
  const uncertainty = !defined ? null : identical ? nothingChanged(found?.method ?? 'identical') : found;
  return {
    value,
    baseline,
    delta,
    uncertainty,
    method: found?.method ?? null,
    n: sample.n,
    positives: sample.positives,
    clusters: clusterCount(sample),
    identical,
  };
}

/** The same score on every row: the difference is 0, exactly and always. */
const nothingChanged = (method: string): Uncertainty => ({
  method,
  low: 0,
  high: 0,
  se: 0,
  p: (limit, side) => ((side === 'at-least' ? limit <= 0 : limit >= 0) ? 1 : 0),
});

function uncertaintyOf(
  sample: Sample,
  metric: MetricDefinition,
  threshold: number,
  ci: IntervalOptions,
  paired: boolean,
): Uncertainty | null {
  if (paired && !sample.baseline) return null;
  const { ingredients } = metric;
  if (ci.method === 'auto') {
    if (ingredients.kind === 'roc-auc') return paired ? aucDifference(sample, ci.level) : aucEstimate(sample, ci.level);
    if (ingredients.kind === 'mean')
      return paired ? meanDifference(sample, ingredients.terms, ci.level) : meanOfModel(sample, ingredients.terms, ci.level);
    if (ingredients.kind === 'confusion' && ingredients.share) {
      if (!paired) return shareEstimate(sample, ingredients.share, threshold, ci.level);
      if (ingredients.share !== 'predicted') return shareDifference(sample, ingredients.share, threshold, ci.level);
    }
  }
  return resampledEstimate(sample, metric, threshold, ci, paired);
}
