import type { Tolerance } from './contract.ts';
import { meets, toleranceText } from './wording.ts';

/** Whether so many violating rows are let pass; without a tolerance none is. */
export function passes({ tolerance }: { readonly tolerance: Tolerance | null }, failed: number, total: number): boolean {
  if (!tolerance) return failed === 0;
  return meets(tolerance.limit, tolerance.unit === 'percent' ? percentOf(failed, total) : failed);
}

/** Rounded to nine digits, so that 110 of 1,000 is 11 and not a hair more. */
export const percentOf = (part: number, whole: number) => (whole === 0 ? 0 : Number(((100 * part) / whole).toPrecision(9)));

/** Nothing to say where no row may violate. */
export const toleranceNote = (tolerance: Tolerance) =>
  tolerance.limit.operator === 'mustBe' && tolerance.limit.low === 0 ? '' : ` (must be ${toleranceText(tolerance)})`;
