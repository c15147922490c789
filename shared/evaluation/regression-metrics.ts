import { meanOf } from '../statistics/sums.ts';
import { defined, type MetricValue, undefinedValue } from './confusion.ts';
import type { Ingredients, MetricDefinition, Terms } from './metric-definition.ts';
import type { ModelScores, Sample } from './sample.ts';

/** One number a row from target and prediction. */
const perRow =
  (of: (target: number, prediction: number) => number): Terms =>
  ({ labels, n }, { scores }) => {
    const terms = new Float64Array(n);
    for (let i = 0; i < n; i++) terms[i] = of(labels[i]!, scores[i]!);
    return [terms];
  };

const squared = perRow((target, prediction) => (prediction - target) ** 2);
const absolute = perRow((target, prediction) => Math.abs(prediction - target));

/** Divided by at least the machine epsilon, as scikit-learn does; at exactly 0 that would be a number without meaning. */
const relative: Terms = (sample, model) =>
  sample.labels.includes(0)
    ? 'a target is 0, and an error relative to 0 says nothing'
    : perRow((y, p) => Math.abs(p - y) / Math.max(Math.abs(y), Number.EPSILON))(sample, model);

const squaredLogs: Terms = (sample, model) =>
  sample.labels.some((y) => y <= -1) || model.scores.some((p) => p <= -1)
    ? 'a target or prediction is −1 or less, and has no logarithm'
    : perRow((y, p) => (Math.log1p(p) - Math.log1p(y)) ** 2)(sample, model);

/**
 * Errors, their squares, and targets around their mean: what R² and the explained variance are made of. Around the mean, since
 * sums of squares of large targets would cancel; scaled by the largest, since squares of 1e152 overflow when they are squared again.
 */
const varianceTerms: Terms = ({ labels, n }, { scores }) => {
  if (n < 2) return 'one row has no variance';
  const mean = meanOf(labels);
  const errors = new Float64Array(n);
  const targets = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    errors[i] = labels[i]! - scores[i]!;
    targets[i] = labels[i]! - mean;
  }
  return [errors, errors.map((error) => error * error), targets, targets.map((target) => target * target)];
};

/** 1 − unexplained/total; a constant target gives 1 when it is met exactly, else 0, as in scikit-learn. */
const explained = (unexplained: number, total: number): MetricValue =>
  total > 0 ? defined(1 - unexplained / total) : { value: unexplained > 0 ? 0 : 1, note: 'the target is constant' };

const positive = (value: number) => Math.max(0, value);

function regression(
  name: string,
  greaterIsBetter: boolean | null,
  ingredients: Ingredients,
  unit: MetricDefinition['unit'] = 'target',
): MetricDefinition {
  return { name, tasks: ['regression'], greaterIsBetter, unit, needs: 'none', ingredients };
}
const root = (means: readonly number[]): MetricValue => defined(Math.sqrt(means[0]!));

export const regressionMetrics: readonly MetricDefinition[] = [
  regression('rmse', false, { kind: 'means', terms: squared, of: root }),
  regression('mae', false, { kind: 'mean', terms: absolute }),
  regression('mse', false, { kind: 'mean', terms: squared }, 'none'),
  regression(
    'r2',
    true,
    { kind: 'means', terms: varianceTerms, of: ([, square, centre, spread]) => explained(square!, positive(spread! - centre! ** 2)) },
    'share',
  ),
  regression('mape', false, { kind: 'means', terms: relative, of: (means) => defined(means[0]!) }, 'share'),
  regression('median_ae', false, { kind: 'plain', of: medianAbsoluteError }),
  regression('max_error', false, { kind: 'plain', of: largestError }),
  regression(
    'explained_variance',
    true,
    {
      kind: 'means',
      terms: varianceTerms,
      of: ([error, square, centre, spread]) => explained(positive(square! - error! ** 2), positive(spread! - centre! ** 2)),
    },
    'share',
  ),
  regression('bias', null, { kind: 'mean', terms: perRow((target, prediction) => prediction - target) }),
  regression('rmsle', false, { kind: 'means', terms: squaredLogs, of: root }, 'none'),
];

/** `pinball_0.9`: the loss of a quantile. */
export const pinballMetric = (name: string, share: number): MetricDefinition =>
  regression(name, false, { kind: 'mean', terms: perRow((y, p) => Math.max(share * (y - p), (share - 1) * (y - p))) });

function medianAbsoluteError({ labels, n }: Sample, { scores }: ModelScores): MetricValue {
  if (n === 0) return undefinedValue('no rows');
  const errors = labels.map((label, i) => Math.abs(label - scores[i]!)).sort();
  return defined((errors[(n - 1) >> 1]! + errors[n >> 1]!) / 2);
}

function largestError({ labels }: Sample, { scores }: ModelScores): MetricValue {
  return defined(labels.reduce((largest, label, i) => Math.max(largest, Math.abs(label - scores[i]!)), 0));
}
