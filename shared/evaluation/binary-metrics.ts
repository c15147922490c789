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
import type { Ingredients, MetricDefinition, ShareOf, Terms } from './metric-definition.ts';
import type { ModelScores, Sample } from './sample.ts';

export const NOT_PROBABILITIES = 'the scores are not between 0 and 1';

export const areProbabilities = ({ scores }: ModelScores): boolean => {
  for (let i = 0; i < scores.length; i++) if (scores[i]! < 0 || scores[i]! > 1) return false;
  return true;
};

/** Probabilities are clipped by the machine epsilon of the score's own precision, as scikit-learn does. */
export const logLossClip = (dtype: Sample['dtype']): number => (dtype === 'float32' ? 1.1920928955078125e-7 : 2.220446049250313e-16);

const logLosses: Terms = ({ labels, n, dtype }, model) => {
  if (!areProbabilities(model)) return NOT_PROBABILITIES;
  const eps = logLossClip(dtype);
  const losses = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const p = Math.min(1 - eps, Math.max(eps, model.scores[i]!));
    losses[i] = -(labels[i] ? Math.log(p) : Math.log1p(-p));
  }
  return [losses];
};

const squaredErrors: Terms = ({ labels, n }, model) => {
  if (!areProbabilities(model)) return NOT_PROBABILITIES;
  const errors = new Float64Array(n);
  for (let i = 0; i < n; i++) errors[i] = (model.scores[i]! - labels[i]!) ** 2;
  return [errors];
};

/** Recall of the other class. */
const specificity = (confusion: Confusion): MetricValue => {
  const { value, note } = recallOf(confusion, 0);
  return note ? { value, note: 'no row is negative: 0 by convention' } : defined(value ?? 0);
};

function binary(
  name: string,
  greaterIsBetter: boolean,
  needs: MetricDefinition['needs'],
  ingredients: Ingredients,
  unit: MetricDefinition['unit'] = 'share',
): MetricDefinition {
  return { name, tasks: ['binary'], greaterIsBetter, unit, needs, ingredients };
}
const counted = (name: string, needs: MetricDefinition['needs'], of: (confusion: Confusion) => MetricValue, share?: ShareOf) =>
  binary(name, true, needs, { kind: 'confusion', of, ...(share ? { share } : {}) });

export const binaryMetrics: readonly MetricDefinition[] = [
  binary('roc_auc', true, 'both', { kind: 'roc-auc' }),
  binary('average_precision', true, 'both', { kind: 'average-precision' }),
  binary('log_loss', false, 'none', { kind: 'mean', terms: logLosses }, 'none'),
  binary('brier', false, 'none', { kind: 'mean', terms: squaredErrors }, 'none'),
  binary('ece', false, 'none', { kind: 'calibration', of: 'positive' }),
  counted('accuracy', 'none', accuracy, 'rows'),
  counted('balanced_accuracy', 'both', balancedAccuracy),
  counted('precision', 'positives', (confusion) => precisionOf(confusion, 1), 'predicted'),
  counted('recall', 'positives', (confusion) => recallOf(confusion, 1), 'positives'),
  counted('specificity', 'negatives', specificity, 'negatives'),
  counted('f1', 'positives', (confusion) => f1Of(confusion, 1)),
  counted('mcc', 'both', matthews),
  counted('kappa', 'both', (confusion) => cohensKappa(confusion)),
  binary('ece_top_label', false, 'none', { kind: 'calibration', of: 'top-label' }),
  ...(['macro', 'micro', 'weighted'] as const).flatMap((average) => [
    counted(`precision_${average}`, 'both', (confusion) => averaged(confusion, precisionOf, average)),
    counted(`recall_${average}`, 'both', (confusion) => averaged(confusion, recallOf, average)),
    counted(`f1_${average}`, 'both', (confusion) => averaged(confusion, f1Of, average)),
  ]),
];

/** The gap of each row that a calibration error sums by bin, with the score that chooses the bin; `top-label` looks at the likelier class. */
export function calibrationGaps(
  { labels, n }: Sample,
  model: ModelScores,
  of: 'positive' | 'top-label',
): { readonly scores: Float64Array; readonly gaps: Float64Array } | MetricValue {
  if (!areProbabilities(model)) return undefinedValue(NOT_PROBABILITIES);
  const scores = new Float64Array(n);
  const gaps = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const p = model.scores[i]!;
    const top = of === 'positive' ? p : Math.max(p, 1 - p);
    const right = of === 'positive' ? labels[i]! : Number(labels[i] === (p >= 0.5 ? 1 : 0));
    scores[i] = top;
    gaps[i] = top - right;
  }
  return { scores, gaps };
}
