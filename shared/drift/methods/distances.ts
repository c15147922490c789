import type { NumericSample } from '../sample.ts';
import { momentsOf } from './moments.ts';
import type { PooledNumbers } from './pool-samples.ts';

/** ∫|F − G|, the first Wasserstein distance, in the unit of the values. */
export const wassersteinDistance = (pooled: PooledNumbers): number => integrate(pooled, Math.abs);

/** √(2∫(F − G)²): Székely's energy distance as `scipy.stats.energy_distance` scales it, in the square root of the values' unit. */
export const energyDistance = (pooled: PooledNumbers): number => Math.sqrt(2 * integrate(pooled, (difference) => difference * difference));

function integrate({ values, reference, current, n, m }: PooledNumbers, of: (difference: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0, below = 0, beside = 0; i + 1 < values.length; i++) {
    below += reference[i]!;
    beside += current[i]!;
    const term = of(below / n - beside / m) * (values[i + 1]! - values[i]!);
    const next = sum + term;
    lost += sum >= term ? sum - next + term : term - next + sum;
    sum = next;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}

/** Evidently divides by the reference's standard deviation (ddof 0), at least .001. */
export const wassersteinNorm = (reference: NumericSample): number => Math.max(Math.sqrt(momentsOf(reference).squares / reference.n), 0.001);
