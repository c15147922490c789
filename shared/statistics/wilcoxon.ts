import { normalCdf } from './normal.ts';
import { midranks } from './ranks.ts';

/** Wilcoxon's signed ranks, zero differences dropped. `statistic` is the smaller rank sum. */
export interface SignedRanks {
  readonly statistic: number;
  readonly n: number;
  readonly ties: number;
}

export function signedRanks(differences: readonly number[]): SignedRanks {
  const kept = differences.filter((difference) => difference !== 0);
  const { ranks, ties } = midranks(kept.map(Math.abs));
  let plus = 0;
  let minus = 0;
  kept.forEach((difference, i) => {
    if (difference > 0) plus += ranks[i]!;
    else minus += ranks[i]!;
  });
  return { statistic: Math.min(plus, minus), n: kept.length, ties };
}

/** Two-sided p by the normal approximation; null where no difference is left. */
export function wilcoxonAsymptotic({ statistic, n, ties }: SignedRanks, continuity: boolean): number | null {
  const sd = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  if (!(sd > 0)) return null;
  const excess = statistic - (n * (n + 1)) / 4;
  return Math.min(1, 2 * normalCdf((continuity && excess !== 0 ? excess + 0.5 : excess) / sd));
}

/** Two-sided exact p (no ties), by the counts of subset sums. */
export function wilcoxonExact({ statistic, n }: SignedRanks): number {
  const size = (n * (n + 1)) / 2 + 1;
  const counts = new Float64Array(size);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++) for (let k = size - 1; k >= rank; k--) counts[k]! += counts[k - rank]!;
  let below = 0;
  for (let k = 0; k <= statistic; k++) below += counts[k]!;
  return Math.min(1, (2 * below) / 2 ** n);
}
