import { normalCdf, normalSf } from './normal.ts';
import { type Bounds, wilson } from './proportion.ts';
import { binomialDensity } from './saddle-point.ts';

/** Pooled z of p1 − p2; null where the pooled rate is 0 or 1. */
export function twoProportionZ(x1: number, n1: number, x2: number, n2: number): number | null {
  const pooled = (x1 + x2) / (n1 + n2);
  const variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2);
  return variance > 0 ? (x1 / n1 - x2 / n2) / Math.sqrt(variance) : null;
}

export const twoSidedP = (z: number): number => 2 * normalCdf(-Math.abs(z));
export const greaterP = (z: number): number => normalSf(z);

/** Newcombe's hybrid score interval of p1 − p2 (1998, method 10), without continuity correction. */
export function newcombeDifference(x1: number, n1: number, x2: number, n2: number, level: number): Bounds | null {
  const first = wilson(x1, n1, level);
  const second = wilson(x2, n2, level);
  if (!first || !second) return null;
  const p1 = x1 / n1;
  const p2 = x2 / n2;
  return [p1 - p2 - Math.hypot(p1 - first[0], second[1] - p2), p1 - p2 + Math.hypot(first[1] - p1, p2 - second[0])];
}

/** Fisher's exact two-sided p of [[x1, n1 − x1], [x2, n2 − x2]]: tables no likelier than the observed, slack 1e-7 as SciPy. */
export function fisherExact(x1: number, n1: number, x2: number, n2: number): number {
  const drawn = x1 + x2;
  const share = drawn / (n1 + n2);
  if (drawn === 0 || share === 1) return 1;
  // Hypergeometric density as a ratio of binomial densities, each at full precision.
  const whole = binomialDensity(drawn, n1 + n2, share, 1 - share);
  const density = (k: number) => (binomialDensity(k, n1, share, 1 - share) * binomialDensity(drawn - k, n2, share, 1 - share)) / whole;
  const limit = density(x1) * (1 + 1e-7);
  let sum = 0;
  for (let k = Math.max(0, drawn - n2); k <= Math.min(n1, drawn); k++) {
    const p = density(k);
    if (p <= limit) sum += p;
  }
  return Math.min(1, sum);
}
