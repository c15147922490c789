/** Sum with Neumaier's compensation (1974): the error does not grow with the number of terms. */
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

export const sumOf = (values: ArrayLike<number>): number => compensatedSum(values.length, (i) => values[i]!);
export const meanOf = (values: ArrayLike<number>): number => sumOf(values) / values.length;
