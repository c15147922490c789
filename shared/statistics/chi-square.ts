import { incompleteGamma } from './gamma.ts';

/** P(X > x) of chi-square with `df` degrees of freedom (DLMF 8.2.4: Q(df/2, x/2)), exact in the tail. */
export const chiSquareSurvival = (x: number, df: number): number => incompleteGamma(df / 2, x / 2).upper;

/** x with P(X > x) = p, 0 < p < 1: bisection between brackets that grow. */
export function chiSquareQuantileAbove(p: number, df: number): number {
  let low = 0;
  let high = Math.max(1, df);
  while (chiSquareSurvival(high, df) > p) {
    low = high;
    high *= 2;
  }
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (chiSquareSurvival(middle, df) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
