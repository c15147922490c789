import { createRandom } from '../../../statistics/random.ts';
import type { PooledCategories } from '../pool-samples.ts';

const ROUNDS = 1000;

/**
 * Evidently's TVD: the share of 1000 random divisions of all rows whose total variation is at least the observed one. Its draws come from
 * NumPy's generator, these from ours, hence equal within .04. Ties are decided by the rounding of doubles, as there.
 */
export function permutedVariation({ reference, current, n, m }: PooledCategories): number {
  const all = reference.map((count, i) => count + current[i]!);
  const observed = variation(reference, all, n, m);
  const random = createRandom(0);
  const rows = new Uint32Array(n + m);
  let filled = 0;
  all.forEach((count, category) => {
    rows.fill(category, filled, filled + count);
    filled += count;
  });
  // The smaller side is drawn: a partial shuffle of so many rows.
  const drawn = Math.min(n, m);
  let reached = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Float64Array(all.length);
    for (let i = 0; i < drawn; i++) {
      const other = i + Math.floor(random.uniform() * (rows.length - i));
      const row = rows[other]!;
      rows[other] = rows[i]!;
      rows[i] = row;
      counts[row]!++;
    }
    if (variation(counts, all, drawn, n + m - drawn) >= observed) reached++;
  }
  return reached / ROUNDS;
}

function variation(side: Float64Array, all: Float64Array, rows: number, others: number): number {
  let sum = 0;
  for (let i = 0; i < all.length; i++) sum += Math.abs(side[i]! / rows - (all[i]! - side[i]!) / others);
  return sum / 2;
}
