import { logitBounds, logitPBelow, newcombe5, newcombe5PBelow } from '../statistics/auc-interval.ts';
import { delongBounds, delongCovariance, delongPBelow, NO_VARIANCE, placements, rocAuc } from '../statistics/delong.ts';
import { zOfLevel } from '../statistics/proportion.ts';
import type { Sample } from './sample.ts';
import type { Uncertainty } from './uncertainty.ts';
import { sided, spread } from './uncertainty.ts';

/** From how many rows of the rarer class DeLong's variance of one AUC is trusted; below it Newcombe's method 5. */
const ROWS_FOR_DELONG = 100;

/** One AUC: DeLong on the logit where both classes have 100 rows and something varies, else Newcombe's method 5. */
export function aucEstimate(sample: Sample, level: number): Uncertainty | null {
  const { labels, positives, n, candidate, clusters } = sample;
  const auc = rocAuc(labels, candidate);
  if (auc === null) return null;
  const negatives = n - positives;
  const enough = Math.min(positives, negatives) >= ROWS_FOR_DELONG;
  const own = enough || clusters ? placements(labels, candidate, positives) : null;
  const variance = own ? delongCovariance(labels, own, own, positives, clusters) : null;
  if (own && variance !== null && variance >= NO_VARIANCE && auc > 0 && auc < 1) {
    const [low, high] = logitBounds(auc, variance, level);
    return {
      method: clusters ? 'logit-obuchowski' : 'logit-delong',
      low,
      high,
      se: Math.sqrt(variance),
      p: sided((limit) => logitPBelow(auc, variance, limit)),
    };
  }
  const bounds = newcombe5(auc, positives, negatives, level);
  return {
    method: 'newcombe-5',
    ...spread(bounds),
    se: bounds ? (bounds[1] - bounds[0]) / (2 * zOfLevel(level)) : null,
    p: sided((limit) => newcombe5PBelow(auc, positives, negatives, limit)),
  };
}

/** The difference of two AUCs on the same rows by DeLong (clusters: Obuchowski). */
export function aucDifference(sample: Sample, level: number): Uncertainty | null {
  const { labels, positives, candidate, baseline, clusters } = sample;
  if (!baseline) return null;
  const first = rocAuc(labels, candidate);
  const second = rocAuc(labels, baseline);
  if (first === null || second === null) return null;
  const own = placements(labels, candidate, positives);
  const other = placements(labels, baseline, positives);
  for (let i = 0; i < own.length; i++) own[i]! -= other[i]!;
  const difference = first - second;
  const variance = delongCovariance(labels, own, own, positives, clusters);
  const method = clusters ? 'obuchowski' : 'delong';
  if (variance === null) return { method, low: null, high: null, se: null, p: () => null };
  return {
    method,
    ...spread(delongBounds(difference, variance, level)),
    se: Math.sqrt(variance),
    p: (limit, side) =>
      side === 'at-least' ? delongPBelow(difference, variance, limit) : delongPBelow(0 - difference, variance, 0 - limit),
  };
}
