import { rocAuc } from '../statistics/delong.ts';
import { meanOf } from '../statistics/sums.ts';
import { calibrationGaps } from './binary-metrics.ts';
import { CALIBRATION_BINS, calibrationBins } from './calibration-bins.ts';
import { type Confusion, defined, type MetricValue, undefinedValue } from './confusion.ts';
import type { MetricDefinition, Terms } from './metric-definition.ts';
import { likeliest } from './multiclass-metrics.ts';
import { averagePrecisionOf } from './ranking-metrics.ts';
import type { ModelScores, Sample } from './sample.ts';

const ONE_CLASS = 'the rows hold one class only';

const cache = new WeakMap<ModelScores, Map<string, MetricValue>>();

/** A metric of one model on a sample, computed once. Undefined is null with the reason, never 0 or NaN. */
export function metricValue(sample: Sample, model: ModelScores, metric: MetricDefinition, threshold: number): MetricValue {
  const known = cache.get(model) ?? new Map<string, MetricValue>();
  cache.set(model, known);
  const key = `${metric.name}@${threshold}`;
  const found = known.get(key) ?? compute(sample, model, metric, threshold);
  known.set(key, found);
  return found;
}

function compute(sample: Sample, model: ModelScores, { ingredients }: MetricDefinition, threshold: number): MetricValue {
  if (sample.n === 0) return undefinedValue('no rows');
  switch (ingredients.kind) {
    case 'confusion':
      return ingredients.of(confusionOf(sample, model, threshold));
    case 'roc-auc': {
      const auc = rocAuc(sample.labels, model);
      return auc === null ? undefinedValue(ONE_CLASS) : defined(auc);
    }
    case 'average-precision':
      return sample.positives > 0 ? defined(averagePrecisionOf(sample.labels, model)) : undefinedValue('no row is positive');
    case 'mean':
    case 'means': {
      const terms = termsOf(sample, model, ingredients.terms);
      if (typeof terms === 'string') return undefinedValue(terms);
      const means = terms.map(meanOf);
      return ingredients.kind === 'means' ? ingredients.of(means) : defined(means[0]!);
    }
    case 'calibration': {
      const gaps = calibrationGaps(sample, model, ingredients.of);
      if ('value' in gaps) return gaps;
      return defined(calibrationError(gaps.gaps, calibrationBins(gaps.scores)));
    }
    case 'plain':
      return ingredients.of(sample, model);
  }
}

/** Σ over bins of |Σ gaps|, a row's share each; compensated, as there are up to millions of rows in a bin. */
export function calibrationError(gaps: Float64Array, bins: Uint8Array): number {
  const sums = new Float64Array(CALIBRATION_BINS);
  const lost = new Float64Array(CALIBRATION_BINS);
  for (let i = 0; i < gaps.length; i++) {
    const bin = bins[i]!;
    const gap = gaps[i]!;
    const sum = sums[bin]!;
    const next = sum + gap;
    lost[bin]! += Math.abs(sum) >= Math.abs(gap) ? sum - next + gap : gap - next + sum;
    sums[bin] = next;
  }
  return sums.reduce((total, sum, bin) => total + Math.abs(sum + lost[bin]!), 0) / gaps.length;
}

const knownTerms = new WeakMap<ModelScores, Map<Terms, ReturnType<Terms>>>();

/** A metric's numbers of each row, computed once a model. */
export function termsOf(sample: Sample, model: ModelScores, terms: Terms): ReturnType<Terms> {
  const known = knownTerms.get(model) ?? new Map<Terms, ReturnType<Terms>>();
  knownTerms.set(model, known);
  const found = known.get(terms) ?? terms(sample, model);
  known.set(terms, found);
  return found;
}

const knownPredictions = new WeakMap<ModelScores, Map<number, Uint16Array>>();

/** The class that a model says of each row: score ≥ threshold, or the likeliest. */
export function predictedClasses(sample: Sample, model: ModelScores, threshold: number): Uint16Array {
  const known = knownPredictions.get(model) ?? new Map<number, Uint16Array>();
  knownPredictions.set(model, known);
  const found = known.get(threshold);
  if (found) return found;
  const predicted = new Uint16Array(sample.n);
  const width = sample.classes.length;
  if (sample.task === 'multiclass') for (let i = 0; i < sample.n; i++) predicted[i] = likeliest(model.scores, i, width);
  else for (let i = 0; i < sample.n; i++) predicted[i] = model.scores[i]! >= threshold ? 1 : 0;
  known.set(threshold, predicted);
  return predicted;
}

export const classCount = (sample: Sample): number => (sample.task === 'multiclass' ? sample.classes.length : 2);

export function confusionOf(sample: Sample, model: ModelScores, threshold: number): Confusion {
  const classes = classCount(sample);
  const counts = new Float64Array(classes * classes);
  const predicted = predictedClasses(sample, model, threshold);
  for (let i = 0; i < sample.n; i++) counts[sample.labels[i]! * classes + predicted[i]!]!++;
  return { classes, counts, total: sample.n };
}
