import { sum } from 'simple-statistics';

/**
 * Sum with Neumaier's compensation (1974), as the package's `sum` has it: the error does not grow with the number of terms.
 * This one takes terms as they are computed, so that a million rows need no array of their own.
 */
export function compensatedSum(length: number, term: (index: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < length; i++) {
    const value = term(i);
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}

/** The package indexes and asks for the length, which a typed array answers too; its type says `number[]`. */
export const sumOf = (values: ArrayLike<number>): number => sum(values as number[]);
export const meanOf = (values: ArrayLike<number>): number => sumOf(values) / values.length;
