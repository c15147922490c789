import { compensatedSum } from '../../statistics/sums.ts';
import type { NumericSample } from '../sample.ts';

/** Mean, and the sum of squares about it. Shifted by a value of the sample: a constant column has squares of exactly 0. */
export function momentsOf({ values, counts, n }: NumericSample): { readonly mean: number; readonly squares: number } {
  const origin = values[values.length >> 1] ?? 0;
  const shift = compensatedSum(values.length, (i) => counts[i]! * (values[i]! - origin)) / n;
  const squares = compensatedSum(values.length, (i) => counts[i]! * (values[i]! - origin - shift) ** 2);
  return { mean: origin + shift, squares };
}
