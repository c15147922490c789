import { kstwoSurvival } from '../statistics/kolmogorov.ts';
import { type Dispersion, scaledSurvival, total } from './dispersion.ts';
import { type Places, rankTest } from './rank-test.ts';

export interface NumberComparison {
  /** D, the largest difference of the shares at or below a place. */
  readonly effect: number;
  /** The place where it is reached. */
  readonly at: number;
  readonly statistic: number | null;
  readonly df: number;
  readonly pRanks: number | null;
  readonly pKs: number | null;
  /** min(1, 2 · the smaller of both); null where all rows lie in one bucket. */
  readonly p: number | null;
}

/** The default for numbers, both sides over the same buckets in order (`decisions.md` §3: location + scale by ranks, and KS). */
export function compareNumbers(places: Places, dispersion: Dispersion): NumberComparison {
  const { effect, at } = largestDistance(places);
  const { statistic, df } = rankTest(places);
  if (statistic === null) return { effect, at, statistic, df, pRanks: null, pKs: null, p: null };
  const n = total(places.reference) / dispersion.phi;
  const m = total(places.current) / dispersion.phi;
  const pRanks = scaledSurvival(statistic, df, dispersion);
  const pKs = kstwoSurvival(effect, Math.max(1, halfToEven((n * m) / (n + m))));
  return { effect, at, statistic, df, pRanks, pKs, p: Math.min(1, 2 * Math.min(pRanks, pKs)) };
}

export function largestDistance({ reference, current }: Places): { readonly effect: number; readonly at: number } {
  const n = total(reference);
  const m = total(current);
  let effect = 0;
  let at = 0;
  for (let i = 0, r = 0, c = 0; i < reference.length; i++) {
    r += reference[i]!;
    c += current[i]!;
    const distance = Math.abs(r / n - c / m);
    if (distance > effect) {
      effect = distance;
      at = i;
    }
  }
  return { effect, at };
}

/** As SciPy rounds nm/(n + m). */
function halfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
