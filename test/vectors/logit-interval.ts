import { logitBounds, newcombe5 } from '../../shared/statistics/auc-interval.ts';
import { delongCovariance, NO_VARIANCE, placements, rocAuc } from '../../shared/statistics/delong.ts';
import { ascendingOrder, tieEnds } from '../../shared/statistics/order.ts';

/** The logit interval at any size, as the vectors ask for it; a gate takes it from 100 rows of each class on. */
export function logitIntervalOf(labels: Float64Array, scores: Float64Array, level: number) {
  const order = ascendingOrder(scores);
  const ranking = { order, ends: tieEnds(scores, order) };
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const auc = rocAuc(labels, ranking);
  if (auc === null) return { auc: null, variance: null, lower: null, upper: null, method: null };
  const own = placements(labels, ranking, positives);
  const variance = delongCovariance(labels, own, own, positives);
  const logit = variance !== null && variance >= NO_VARIANCE;
  const bounds = logit ? logitBounds(auc, variance, level) : newcombe5(auc, positives, labels.length - positives, level);
  return { auc, variance, lower: bounds?.[0] ?? null, upper: bounds?.[1] ?? null, method: logit ? 'logit_delong' : 'newcombe5' };
}
