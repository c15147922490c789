import { incompleteBeta } from './beta.ts';
import { binomialDensity } from './saddle-point.ts';

export const binomialPmf = (successes: number, n: number, p: number): number => binomialDensity(successes, n, p, 1 - p);

/** P(X ≤ k). */
export const binomialCdf = (k: number, n: number, p: number): number => (k < 0 ? 0 : k >= n ? 1 : incompleteBeta(k + 1, n - k, p).upper);
/** P(X > k). */
export const binomialSf = (k: number, n: number, p: number): number => (k < 0 ? 1 : k >= n ? 0 : incompleteBeta(k + 1, n - k, p).lower);

/**
 * Exact binomial test. Two-sided sums every outcome no likelier than the observed one, with SciPy's slack of 1e-7,
 * found by bisection on the far side since the density falls away from the mode.
 */
export function binomialTest(successes: number, n: number, p: number, alternative: 'less' | 'greater' | 'two-sided'): number {
  if (alternative === 'less') return binomialCdf(successes, n, p);
  if (alternative === 'greater') return binomialSf(successes - 1, n, p);
  const limit = binomialPmf(successes, n, p) * (1 + 1e-7);
  const mean = n * p;
  if (successes === mean) return 1;
  const fits = (k: number) => binomialPmf(k, n, p) <= limit;
  if (successes < mean) {
    // First k above the mean with a density at most the limit.
    let low = Math.ceil(mean);
    let high = n + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) high = middle;
      else low = middle + 1;
    }
    return Math.min(1, binomialCdf(successes, n, p) + binomialSf(low - 1, n, p));
  }
  let low = -1;
  let high = Math.floor(mean);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return Math.min(1, binomialSf(successes - 1, n, p) + binomialCdf(low, n, p));
}
