import { mannWhitney } from '../../../statistics/mann-whitney.ts';

/** Rows of a binary classifier in the order of the file. */
export interface ScoredRows {
  /** The model's probability of the positive class. */
  readonly score: Float64Array;
  /** 1: predicted positive. */
  readonly predicted: Float64Array;
  /** 1: positive. */
  readonly truth: Float64Array;
}

export const estimatedMetrics = ['roc_auc', 'accuracy', 'f1', 'precision', 'recall', 'specificity'] as const;
export type EstimatedMetric = (typeof estimatedMetrics)[number];
export type Metrics = Readonly<Record<EstimatedMetric, number | null>>;

/**
 * The metrics that rows with these chances of being positive are expected to have; with truths for chances, the realised ones. Null: one
 * class only, or nothing to divide by.
 */
export function expectedMetrics({ score, predicted }: Pick<ScoredRows, 'score' | 'predicted'>, chance: Float64Array): Metrics {
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  chance.forEach((p, i) => {
    if (predicted[i] === 1) {
      tp += p;
      fp += 1 - p;
    } else {
      fn += p;
      tn += 1 - p;
    }
  });
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    roc_auc: expectedAuc(score, chance),
    accuracy: ratio(tp + tn, chance.length),
    f1: ratio(tp, tp + (fp + fn) / 2),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
  };
}

/** Chance that a positive row scores above a negative one, ties by half. */
function expectedAuc(score: Float64Array, chance: Float64Array): number | null {
  const order = Array.from(score.keys()).sort((a, b) => score[a]! - score[b]!);
  let below = 0;
  let positives = 0;
  let wins = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let here = 0;
    while (end < order.length && score[order[end]!] === score[order[start]!]) here += chance[order[end++]!]!;
    const negatives = end - start - here;
    wins += here * (below + negatives / 2);
    below += negatives;
    positives += here;
    start = end;
  }
  return positives > 0 && below > 0 ? wins / (positives * below) : null;
}

/** AUC of labelled rows; null with one class. */
export function realisedAuc({ score, truth }: ScoredRows): number | null {
  const [positives, negatives] = [1, 0].map((label) => score.filter((_, i) => truth[i] === label)) as [Float64Array, Float64Array];
  return positives.length > 0 && negatives.length > 0 ? mannWhitney(positives, negatives).u / (positives.length * negatives.length) : null;
}
