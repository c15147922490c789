import { incompleteBeta } from './beta.ts';
import { normalQuantile } from './normal.ts';

/** P(T > t) with `df` degrees of freedom, exact in the tail. */
export function studentSf(t: number, df: number): number {
  if (t < 0) return 1 - studentSf(-t, df);
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  return 0.5 * incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square)).lower;
}

/** P(T ≤ t). */
export const studentCdf = (t: number, df: number): number => studentSf(-t, df);

/** t with P(T ≤ t) = p: bisection between brackets that grow from the normal quantile. */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentQuantile(1 - p, df);
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  // The tails of t are heavier, so |t| is at least |z|.
  let low = -normalQuantile(p) * (1 - 1e-12);
  let high = Math.max(2 * low, 1);
  while (studentSf(high, df) > p) {
    low = high;
    high *= 2;
  }
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (studentSf(middle, df) > p) low = middle;
    else high = middle;
  }
  return -(low + high) / 2;
}
