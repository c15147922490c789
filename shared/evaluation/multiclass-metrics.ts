import { rocAuc } from '../statistics/delong.ts';
import { ascendingOrder, tieEnds } from '../statistics/order.ts';
import { logLossClip } from './binary-metrics.ts';
import { calibrationBin } from './calibration-bins.ts';
import {
  accuracy,
  averaged,
  balancedAccuracy,
  type Confusion,
  cohensKappa,
  defined,
  f1Of,
  type MetricValue,
  matthews,
  precisionOf,
  recallOf,
  undefinedValue,
} from './confusion.ts';
import type { Ingredients, MetricDefinition, Terms } from './metric-definition.ts';
import type { ModelScores, Sample } from './sample.ts';

/** The likeliest class of a row, the first of equals. */
export function likeliest(scores: Float64Array, row: number, width: number): number {
  let best = 0;
  for (let k = 1; k < width; k++) if (scores[row * width + k]! > scores[row * width + best]!) best = k;
  return best;
}

/** Rows are normed before clipping: probabilities from float32 models miss 1 by some 1e-7. */
const logLosses: Terms = ({ labels, n, dtype, classes }, { scores }) => {
  const width = classes.length;
  const eps = logLossClip(dtype);
  const losses = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const p = scores[i * width + labels[i]!]!;
    losses[i] = -Math.log(Math.min(1 - eps, Math.max(eps, p)));
  }
  return [losses];
};

const squaredSums: Terms = ({ labels, n, classes }, { scores }) => {
  const width = classes.length;
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < width; k++) sums[i]! += (scores[i * width + k]! - Number(labels[i] === k)) ** 2;
  return [sums];
};

/** AUC of one column for `positive` against the rows of `others`. */
function aucOf(
  { labels, n, classes }: Sample,
  { scores }: ModelScores,
  positive: number,
  others: (label: number) => boolean,
): number | null {
  const width = classes.length;
  const rows: number[] = [];
  for (let i = 0; i < n; i++) if (labels[i] === positive || others(labels[i]!)) rows.push(i);
  const keys = Float64Array.from(rows, (row) => scores[row * width + positive]!);
  const order = ascendingOrder(keys);
  return rocAuc(
    rows.map((row) => Number(labels[row] === positive)),
    { order, ends: tieEnds(keys, order) },
  );
}

export const oneVersusRestAucs = (sample: Sample, model: ModelScores): readonly (number | null)[] =>
  sample.classes.map((_, k) => aucOf(sample, model, k, (label) => label !== k));

const rowsPerClass = ({ labels, classes }: Sample) => {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label]!++;
  return counts;
};

const oneVersusRest =
  (average: 'macro' | 'weighted') =>
  (sample: Sample, model: ModelScores): MetricValue => {
    const aucs = oneVersusRestAucs(sample, model);
    const rows = rowsPerClass(sample);
    if (aucs.some((auc) => auc === null)) return undefinedValue('a class has no row');
    const weights = average === 'macro' ? rows.map(() => 1) : rows;
    return defined(aucs.reduce<number>((sum, auc, k) => sum + auc! * weights[k]!, 0) / weights.reduce((a, b) => a + b, 0));
  };

/** Hand and Till (2001): the mean over pairs of classes of both directions' AUC. */
const oneVersusOne =
  (average: 'macro' | 'weighted') =>
  (sample: Sample, model: ModelScores): MetricValue => {
    const rows = rowsPerClass(sample);
    if (rows.some((count) => count === 0)) return undefinedValue('a class has no row');
    let sum = 0;
    let weights = 0;
    for (let a = 0; a < rows.length; a++)
      for (let b = a + 1; b < rows.length; b++) {
        const weight = average === 'macro' ? 1 : rows[a]! + rows[b]!;
        const both = aucOf(sample, model, a, (label) => label === b)! + aucOf(sample, model, b, (label) => label === a)!;
        sum += (weight * both) / 2;
        weights += weight;
      }
    return weights > 0 ? defined(sum / weights) : undefinedValue('one class only');
  };

/** Rows whose class is among the k likeliest. Of equal scores the later class ranks first, as in scikit-learn. */
const topK =
  (k: number): Terms =>
  ({ labels, n, classes }, { scores }) => {
    const width = classes.length;
    const found = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const label = labels[i]!;
      const own = scores[i * width + label]!;
      let ahead = 0;
      for (let j = 0; j < width; j++) {
        const other = scores[i * width + j]!;
        if (other > own || (other === own && j > label)) ahead++;
      }
      found[i] = ahead < k ? 1 : 0;
    }
    return [found];
  };

function topLabelCalibration({ labels, n, classes }: Sample, { scores }: ModelScores): MetricValue {
  const width = classes.length;
  const gaps = new Float64Array(10);
  for (let i = 0; i < n; i++) {
    const best = likeliest(scores, i, width);
    const p = scores[i * width + best]!;
    gaps[calibrationBin(p)]! += p - Number(labels[i] === best);
  }
  return n > 0 ? defined(gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / n) : undefinedValue('no rows');
}

function multiclass(
  name: string,
  greaterIsBetter: boolean,
  ingredients: Ingredients,
  unit: MetricDefinition['unit'] = 'share',
): MetricDefinition {
  return { name, tasks: ['multiclass'], greaterIsBetter, unit, needs: 'none', ingredients };
}
const counted = (name: string, of: (confusion: Confusion) => MetricValue, share?: 'rows') =>
  multiclass(name, true, { kind: 'confusion', of, ...(share ? { share } : {}) });

export const multiclassMetrics: readonly MetricDefinition[] = [
  counted('accuracy', accuracy, 'rows'),
  counted('balanced_accuracy', balancedAccuracy),
  ...(['macro', 'micro', 'weighted'] as const).flatMap((average) => [
    counted(`f1_${average}`, (confusion) => averaged(confusion, f1Of, average)),
    counted(`precision_${average}`, (confusion) => averaged(confusion, precisionOf, average)),
    counted(`recall_${average}`, (confusion) => averaged(confusion, recallOf, average)),
  ]),
  multiclass('log_loss', false, { kind: 'mean', terms: logLosses }, 'none'),
  multiclass('brier_sum', false, { kind: 'mean', terms: squaredSums }, 'none'),
  ...(['macro', 'weighted'] as const).flatMap((average) => [
    multiclass(`roc_auc_ovr_${average}`, true, { kind: 'plain', of: oneVersusRest(average) }),
    multiclass(`roc_auc_ovo_${average}`, true, { kind: 'plain', of: oneVersusOne(average) }),
  ]),
  counted('mcc', matthews),
  counted('kappa', (confusion) => cohensKappa(confusion)),
  counted('kappa_linear', (confusion) => cohensKappa(confusion, 'linear')),
  counted('kappa_quadratic', (confusion) => cohensKappa(confusion, 'quadratic')),
  multiclass('ece_top_label', false, { kind: 'plain', of: topLabelCalibration }),
];

/** `top_2_accuracy`. */
export const topAccuracyMetric = (name: string, k: number): MetricDefinition => multiclass(name, true, { kind: 'mean', terms: topK(k) });
