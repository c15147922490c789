import { type Alternative, type MannWhitney, mannWhitneyAsymptotic, mannWhitneyExact } from '../../statistics/mann-whitney.ts';
import type { PooledNumbers } from './pool-samples.ts';

/** U of the reference by midranks over the pooled values, with Σ(t³ − t) of the ties. */
export function rankSum({ reference, current, n, m }: PooledNumbers): MannWhitney {
  let u = 0;
  let ties = 0;
  for (let i = 0, beside = 0; i < reference.length; i++) {
    const [first, second] = [reference[i]!, current[i]!];
    u += first * (beside + second / 2);
    const tied = first + second;
    ties += (tied - 1) * tied * (tied + 1);
    beside += second;
  }
  return { u, n, m, ties };
}

/** SciPy's `auto`: exact without ties while a side has at most 8 rows, else normal with continuity. Null where nothing is defined. */
export function mannWhitneyAuto(ranks: MannWhitney, alternative: Alternative): number | null {
  const small = Math.min(ranks.n, ranks.m);
  if (small > 8 || ranks.ties > 0 || ranks.n * ranks.m > EXACT_CELLS) return mannWhitneyAsymptotic(ranks, alternative, true);
  // The distribution is the same for (n, m) and (m, n), and cheap by the smaller.
  return mannWhitneyExact({ ...ranks, n: small, m: Math.max(ranks.n, ranks.m) }, alternative);
}

/** Beyond, eight rows against millions: counting ways would take memory that the normal tail does not need. */
const EXACT_CELLS = 8_000_000;
