import { normalSf } from './normal.ts';
import { midranks } from './ranks.ts';

export type Alternative = 'two-sided' | 'less' | 'greater';

/** U of x, with what its p-values need. */
export interface MannWhitney {
  readonly u: number;
  readonly n: number;
  readonly m: number;
  readonly ties: number;
}

export function mannWhitney(x: ArrayLike<number>, y: ArrayLike<number>): MannWhitney {
  const n = x.length;
  const both = Float64Array.from({ length: n + y.length }, (_, i) => (i < n ? x[i]! : y[i - n]!));
  const { ranks, ties } = midranks(both);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ranks[i]!;
  return { u: sum - (n * (n + 1)) / 2, n, m: y.length, ties };
}

/** Normal approximation with the tie-corrected variance; null where all values are equal and nothing corrects the 0/0. */
export function mannWhitneyAsymptotic({ u, n, m, ties }: MannWhitney, alternative: Alternative, continuity: boolean): number | null {
  const total = n + m;
  const sd = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  const statistic = alternative === 'greater' ? u : alternative === 'less' ? n * m - u : Math.max(u, n * m - u);
  const excess = statistic - (n * m) / 2 - (continuity ? 0.5 : 0);
  if (sd === 0) return excess === 0 ? null : excess > 0 ? 0 : 1;
  const p = normalSf(excess / sd);
  return Math.min(1, alternative === 'two-sided' ? 2 * p : p);
}

/** The exact null distribution (no ties), by the counts of partitions; sizes up to some hundreds. */
export function mannWhitneyExact({ u, n, m }: MannWhitney, alternative: Alternative): number {
  // counts[k]: ways to reach U = k, from the generating function Π(1 − q^(m+i))/(1 − q^i).
  const size = n * m + 1;
  const counts = new Float64Array(size);
  counts[0] = 1;
  for (let i = 1; i <= n; i++) {
    for (let k = size - 1; k >= m + i; k--) counts[k]! -= counts[k - m - i]!;
    for (let k = i; k < size; k++) counts[k]! += counts[k - i]!;
  }
  let all = 0;
  let above = 0;
  const statistic = alternative === 'greater' ? u : alternative === 'less' ? n * m - u : Math.max(u, n * m - u);
  for (let k = 0; k < size; k++) {
    all += counts[k]!;
    if (k >= statistic) above += counts[k]!;
  }
  return Math.min(1, ((alternative === 'two-sided' ? 2 : 1) * above) / all);
}
