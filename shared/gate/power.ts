import { normalQuantile } from '../statistics/normal.ts';

export const POWER = 0.8;

/** How many standard errors a difference must be to be shown with this power: z₁₋α + z_power. */
export const visibleErrors = (alpha: number, power = POWER): number => normalQuantile(1 - alpha) + normalQuantile(power);

/**
 * `maxRegression: auto`: the smallest margin that the test set can decide at a true difference of 0, up to two significant
 * digits. The number in the baseline's report for this test set holds instead, larger or smaller: otherwise every candidate
 * would choose its margin by its own standard error. Null where nothing varies and no number holds.
 */
export function autoMargin(
  se: number,
  alpha: number,
  previous: number | null,
  power = POWER,
): { unrounded: number; margin: number | null } {
  const unrounded = visibleErrors(alpha, power) * se;
  return { unrounded, margin: previous ?? (unrounded > 0 ? twoDigitsUp(unrounded) : null) };
}

/** A value within 1e-9 of two digits stays. */
function twoDigitsUp(value: number): number {
  let exponent = Math.floor(Math.log10(value)) - 1;
  let digits = Math.ceil((value / 10 ** exponent) * (1 - 1e-9));
  if (digits >= 100) {
    digits /= 10;
    exponent++;
  }
  // Through text, since 12 · 10⁻³ is not .012 in binary.
  return Number(`${Math.ceil(digits)}e${exponent}`);
}

/** Rows with which an open answer would settle: the whole number above n((z₁₋α + z_power) se/(margin + estimate))²; null where no number would. */
export function rowsNeeded(n: number, se: number, margin: number, estimate: number, alpha: number, power = POWER): number | null {
  const distance = margin + estimate;
  if (!(distance > 0)) return null;
  const rows = Math.ceil(n * ((visibleErrors(alpha, power) * se) / distance) ** 2);
  return Number.isSafeInteger(rows) ? rows : null;
}
