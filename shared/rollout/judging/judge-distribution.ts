import { compareCategories } from '../../drift/compare-categories.ts';
import { independent } from '../../drift/dispersion.ts';

export interface DistributionJudgement {
  /** Shown beyond chance, and of at least `limit`: both, as drift decides. */
  readonly differs: boolean;
  /** Of the rows of one arm, the smallest part that would have to move for both to be distributed alike; 0 … 1, noise taken out. */
  readonly share: number;
  /** Of χ² of homogeneity; 1 where an arm is empty or everything lies in one bucket. */
  readonly p: number;
}

/** Effects are quotients of counts: one that is exactly the limit must reach it in spite of rounding. */
const SLACK = 1e-12;

/**
 * Whether two arms answer alike: their predictions counted by bucket of the same edges. Significant alone would find any difference in
 * enough traffic, and the size alone finds one in too little, so both are asked for. `alpha` is of one look: whoever looks k times hands in
 * a k-th of it.
 */
export function judgeDistribution(of: {
  readonly candidate: readonly number[];
  readonly stable: readonly number[];
  readonly limit: number;
  readonly alpha: number;
}): DistributionJudgement {
  const { candidate, stable, limit, alpha } = of;
  if (candidate.length !== stable.length) throw new RangeError('the arms are counted in buckets of different edges');
  const [n, m] = [sum(stable), sum(candidate)];
  if (n === 0 || m === 0) return { differs: false, share: 0, p: 1 };
  const p = compareCategories({ reference: Float64Array.from(stable), current: Float64Array.from(candidate) }, independent).p ?? 1;
  const share = shareToMove(candidate, stable, n, m);
  return { differs: p < alpha && share >= limit - SLACK, share, p };
}

/**
 * ½ Σ |d|, the total variation, with what chance adds to it taken out bucket by bucket: E d² = δ² + V, so √max(0, d² − V) stands for |δ|.
 * Plain total variation of 100 rows in 20 buckets is .2 where nothing differs.
 */
function shareToMove(candidate: readonly number[], stable: readonly number[], n: number, m: number): number {
  let moved = 0;
  for (const [at, count] of candidate.entries()) {
    const difference = count / m - stable[at]! / n;
    const pooled = (count + stable[at]!) / (n + m);
    const variance = pooled * (1 - pooled) * (1 / n + 1 / m);
    moved += Math.sqrt(Math.max(0, difference * difference - variance));
  }
  return moved / 2;
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
