import { fisherExact } from '../statistics/two-proportions.ts';
import { type Dispersion, scaledSurvival, total } from './dispersion.ts';
import { homogeneityTest } from './homogeneity-test.ts';
import type { Places } from './rank-test.ts';

export interface CategoryComparison {
  /** TV, half the sum of the differences of shares: the share of rows that would have to move. */
  readonly effect: number;
  readonly statistic: number | null;
  readonly df: number | null;
  /** null where both sides hold one and the same category. */
  readonly p: number | null;
  readonly test: 'chi2' | 'fisher' | 'quasi_f' | 'pooled' | null;
}

/** The default for categories (`decisions.md` §3): χ² of homogeneity with small categories pooled; 2 × 2 with few rows: Fisher. */
export function compareCategories(places: Places, dispersion: Dispersion): CategoryComparison {
  const effect = totalVariation(places);
  const { statistic, df, categories, sparse } = homogeneityTest(places);
  if (categories < 2) return { effect, statistic: null, df: null, p: null, test: null };
  if (statistic === null) return { effect, statistic: null, df: null, p: 1, test: 'pooled' };
  if (sparse && dispersion.windows === null && dispersion.phi === 1) {
    const place = places.reference.findIndex((rows, i) => rows + places.current[i]! > 0);
    const n = total(places.reference);
    const m = total(places.current);
    return { effect, statistic, df, p: fisherExact(places.reference[place]!, n, places.current[place]!, m), test: 'fisher' };
  }
  return { effect, statistic, df, p: scaledSurvival(statistic, df, dispersion), test: dispersion.windows === null ? 'chi2' : 'quasi_f' };
}

export function totalVariation({ reference, current }: Places): number {
  const n = total(reference);
  const m = total(current);
  let sum = 0;
  for (let i = 0; i < reference.length; i++) sum += Math.abs(reference[i]! / n - current[i]! / m);
  return sum / 2;
}
