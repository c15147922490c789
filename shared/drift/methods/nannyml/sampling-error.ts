import { type EstimatedMetric, estimatedMetrics, type ScoredRows } from './scored-rows.ts';

/** What one row of the reference contributes to a metric varies by `deviation`; `share` of the rows contribute. */
interface Component {
  readonly deviation: number;
  readonly share: number;
}

/** Standard errors of the metrics of `rows` rows, from the spread of single reference rows (NannyML `sampling_error`). */
export function samplingErrors(reference: ScoredRows): (rows: number) => Readonly<Record<EstimatedMetric, number | null>> {
  const components = componentsOf(reference);
  return (rows) =>
    Object.fromEntries(
      estimatedMetrics.map((name) => {
        const { deviation, share } = components[name];
        return [name, share > 0 ? deviation / Math.sqrt(rows * share) : null];
      }),
      // Every metric has its entry.
    ) as Record<EstimatedMetric, number | null>;
}

function componentsOf(reference: ScoredRows): Readonly<Record<EstimatedMetric, Component>> {
  const { predicted, truth } = reference;
  const rows = truth.length;
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  for (let i = 0; i < rows; i++) {
    if (predicted[i] === 1) truth[i] === 1 ? tp++ : fp++;
    else truth[i] === 1 ? fn++ : tn++;
  }
  const ofHits = (hits: number, misses: number, factor = 1): Component => {
    const all = hits + misses;
    return all === 0 ? { deviation: 0, share: 0 } : { deviation: (factor * Math.sqrt(hits * misses)) / all, share: all / rows };
  };
  return {
    roc_auc: aucComponent(reference),
    accuracy: { ...ofHits(tp + tn, fp + fn), share: 1 },
    f1: ofHits(tp, fp + fn, (tp + fp + fn) / ((fp + fn) / 2 + tp)),
    precision: ofHits(tp, fp),
    recall: ofHits(tp, fn),
    specificity: ofHits(tn, fp),
  };
}

/** The spread, over rows of the rarer class, of the share of the other class that scores lower. */
function aucComponent({ score, truth }: ScoredRows): Component {
  const positives = truth.reduce((sum, label) => sum + label, 0);
  const flipped = positives > truth.length / 2;
  const isRare = (row: number) => (truth[row] === 1) !== flipped;
  const order = Array.from(score.keys()).sort((a, b) => (flipped ? -1 : 1) * (score[a]! - score[b]!));
  const rare = flipped ? truth.length - positives : positives;
  const shares: number[] = [];
  let others = 0;
  for (const row of order) {
    if (isRare(row)) shares.push(others / (truth.length - rare));
    else others++;
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  return { deviation: Math.sqrt(variance), share: rare / truth.length };
}
