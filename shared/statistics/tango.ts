import { normalCdf } from './normal.ts';
import { type Bounds, zOfLevel } from './proportion.ts';

/**
 * Tango's score for a paired difference of proportions (Statistics in Medicine 17, 1998): `b` rows that only the candidate
 * has right, `c` only the baseline, of `n`. z at the hypothesis "difference = d"; ±∞ where its variance is 0.
 */
function tangoZ(b: number, c: number, n: number, d: number): number {
  const quadratic = -b - c + (2 * n - b + c) * d;
  const constant = -c * d * (1 - d);
  const root = Math.sqrt(Math.max(0, quadratic * quadratic - 8 * n * constant));
  // The same root of 2n·q² + B·q + C, by the form that does not cancel.
  const q = quadratic > 0 ? (-2 * constant) / (root + quadratic) : (root - quadratic) / (4 * n);
  const variance = n * (2 * q + d * (1 - d));
  const numerator = b - c - n * d;
  if (numerator === 0) return 0;
  return variance > 0 ? numerator / Math.sqrt(variance) : numerator > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** Interval of (b − c)/n; null where n is 0. b − c = ±n: that bound is ±1. */
export function tango(b: number, c: number, n: number, level: number): Bounds | null {
  if (!(n > 0)) return null;
  const upper = (more: number, less: number) => (more - less === n ? 1 : search(more, less, n, zOfLevel(level)));
  return [-upper(c, b), upper(b, c)];
}

/** The d above the estimate where the score has fallen to −z. */
function search(b: number, c: number, n: number, z: number): number {
  let low = (b - c) / n;
  let high = 1;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (tangoZ(b, c, n, middle) > -z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One-sided p of "the difference is at least `d`"; null where n is 0. */
export const tangoPBelow = (b: number, c: number, n: number, d: number): number | null =>
  !(n > 0) ? null : d <= -1 ? 1 : d >= 1 ? (b - c === n && d === 1 ? 1 : 0) : normalCdf(tangoZ(b, c, n, d));
