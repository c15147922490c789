import { incompleteBeta } from './beta.ts';

/** P(X > x) of Fisher's F with `d1` and `d2` degrees of freedom (DLMF 8.17: I of d2/(d2 + d1 x)), exact in the tail. */
export function fSurvival(x: number, d1: number, d2: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const whole = d2 + d1 * x;
  return incompleteBeta(d2 / 2, d1 / 2, d2 / whole, (d1 * x) / whole).lower;
}
