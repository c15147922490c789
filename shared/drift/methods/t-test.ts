import { studentSf } from '../../statistics/student-t.ts';
import type { NumericSample } from '../sample.ts';
import { momentsOf } from './moments.ts';

export interface TTest {
  /** Infinite where both sides are constant and differ; null where nothing is defined. */
  readonly statistic: number | null;
  readonly df: number | null;
  /** Two-sided. */
  readonly p: number | null;
}

/** Student's t of reference − current, equal variances; one row on one side is enough. */
export function studentTest(reference: NumericSample, current: NumericSample): TTest {
  const [n, m] = [reference.n, current.n];
  if (n < 1 || m < 1 || n + m < 3) return { statistic: null, df: null, p: null };
  const [a, b] = [momentsOf(reference), momentsOf(current)];
  const df = n + m - 2;
  const variance = ((a.squares + b.squares) / df) * (1 / n + 1 / m);
  return { ...testOf(a.mean - b.mean, variance, df), df };
}

/** Welch's t with Satterthwaite's degrees of freedom; 1 where both sides are constant, as SciPy. */
export function welchTest(reference: NumericSample, current: NumericSample): TTest {
  const [n, m] = [reference.n, current.n];
  if (n < 2 || m < 2) return { statistic: null, df: null, p: null };
  const [a, b] = [momentsOf(reference), momentsOf(current)];
  const [first, second] = [a.squares / (n - 1) / n, b.squares / (m - 1) / m];
  const variance = first + second;
  const df = variance > 0 ? variance ** 2 / (first ** 2 / (n - 1) + second ** 2 / (m - 1)) : 1;
  return { ...testOf(a.mean - b.mean, variance, df), df };
}

function testOf(difference: number, variance: number, df: number): { readonly statistic: number | null; readonly p: number | null } {
  if (variance === 0 && difference === 0) return { statistic: null, p: null };
  const statistic = difference / Math.sqrt(variance);
  return { statistic, p: Math.min(1, 2 * studentSf(Math.abs(statistic), df)) };
}
