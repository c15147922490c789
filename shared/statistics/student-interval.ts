import type { Bounds } from './proportion.ts';
import { studentCdf, studentQuantile } from './student-t.ts';
import { compensatedSum, meanOf } from './sums.ts';

/** A mean with its standard error, degrees of freedom and t interval. `bounds` is null for one value alone. */
export interface MeanEstimate {
  readonly mean: number;
  readonly se: number | null;
  readonly df: number | null;
}

/** Mean of independent values. */
export function meanEstimate(values: ArrayLike<number>): MeanEstimate {
  const mean = meanOf(values);
  const n = values.length;
  if (n < 2) return { mean, se: null, df: null };
  const squares = compensatedSum(n, (i) => (values[i]! - mean) ** 2);
  return { mean, se: Math.sqrt(squares / (n - 1) / n), df: n - 1 };
}

/** Mean of values that hang together in clusters: CR1 (cluster sums, G/(G−1)), with G − 1 degrees of freedom. */
export function clusteredMeanEstimate(values: ArrayLike<number>, clusters: ArrayLike<number>, count: number): MeanEstimate {
  const mean = meanOf(values);
  const sums = new Float64Array(count);
  const seen = new Uint8Array(count);
  for (let i = 0; i < values.length; i++) {
    sums[clusters[i]!]! += values[i]! - mean;
    seen[clusters[i]!] = 1;
  }
  const groups = seen.reduce((total, flag) => total + flag, 0);
  if (groups < 2) return { mean, se: null, df: null };
  const squares = compensatedSum(count, (g) => sums[g]! ** 2);
  return { mean, se: Math.sqrt((squares * groups) / (groups - 1)) / values.length, df: groups - 1 };
}

export function studentBounds({ mean, se, df }: MeanEstimate, level: number): Bounds | null {
  if (se === null || df === null) return null;
  const half = -studentQuantile((1 - level) / 2, df) * se;
  return [mean - half, mean + half];
}

/** One-sided p of "the mean is at least `limit`". */
export const studentPBelow = ({ mean, se, df }: MeanEstimate, limit: number): number | null =>
  se === null || df === null || se === 0 ? null : studentCdf((mean - limit) / se, df);
