import { incompleteGamma } from './gamma.ts';

/** P(X > x) of chi-square with `df` degrees of freedom (DLMF 8.2.4: Q(df/2, x/2)), exact in the tail. */
export const chiSquareSurvival = (x: number, df: number): number => incompleteGamma(df / 2, x / 2).upper;
