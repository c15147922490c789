import { normalCdf } from './normal.ts';
import { type Bounds, zOfLevel } from './proportion.ts';

/** Variance of an AUC whose true value is θ, by Hanley and McNeil with N* of Newcombe's method 5 (Statistics in Medicine 25, 2006). */
function variance(theta: number, positives: number, negatives: number): number {
  const n = (positives + negatives) / 2 - 1;
  return (theta * (1 - theta) * (1 + (n * (1 - theta)) / (2 - theta) + (n * theta) / (1 + theta))) / (positives * negatives);
}

/** Bounds θ with A − θ = ±z√V(θ). At A = 1 (or 0) that bound is 1 (or 0). Null where a class is missing. */
export function newcombe5(auc: number, positives: number, negatives: number, level: number): Bounds | null {
  if (positives < 1 || negatives < 1) return null;
  const z = zOfLevel(level);
  const lower = (value: number) => {
    if (value <= 0) return 0;
    let low = 0;
    let high = value;
    for (let step = 0; step < 200; step++) {
      const middle = (low + high) / 2;
      if (middle <= low || middle >= high) break;
      if (value - middle > z * Math.sqrt(variance(middle, positives, negatives))) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  // V(θ) = V(1 − θ), so the upper bound is the lower one mirrored.
  return [lower(auc), 1 - lower(1 - auc)];
}

/** One-sided p of "the AUC is at least `limit`", by the same score. */
export function newcombe5PBelow(auc: number, positives: number, negatives: number, limit: number): number | null {
  if (positives < 1 || negatives < 1) return null;
  if (limit <= 0) return 1;
  if (limit >= 1) return auc >= 1 ? 1 : 0;
  return normalCdf((auc - limit) / Math.sqrt(variance(limit, positives, negatives)));
}

const logit = (p: number) => Math.log(p / (1 - p));

/** Bounds on the logit scale; the caller makes sure that 0 < auc < 1 and the variance is not 0. */
export function logitBounds(auc: number, aucVariance: number, level: number): Bounds {
  const half = (zOfLevel(level) * Math.sqrt(aucVariance)) / (auc * (1 - auc));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return [back(logit(auc) - half), back(logit(auc) + half)];
}

/** One-sided p of "the AUC is at least `limit`" on the logit scale. */
export const logitPBelow = (auc: number, aucVariance: number, limit: number): number =>
  limit <= 0 ? 1 : limit >= 1 ? 0 : normalCdf(((logit(auc) - logit(limit)) * auc * (1 - auc)) / Math.sqrt(aucVariance));
