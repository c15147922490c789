import type { Limit, Tolerance } from './contract.ts';

/** 1234567 as 1,234,567, whatever the machine's language. */
export const counted = (count: number) => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `3 of 1,000 rows (0.3 %)`. A share that isn't zero never reads as zero, one that isn't whole never as 100. */
export function ofRows(failed: number, total: number): string {
  const percent = total === 0 ? 0 : (100 * failed) / total;
  const rounded = percent > 0 && percent < 0.1 ? '<0.1' : percent < 100 && percent > 99.9 ? '>99.9' : percent.toFixed(1);
  return `${counted(failed)} of ${counted(total)} ${total === 1 ? 'row' : 'rows'} (${rounded} %)`;
}

/** `first rows 17, 201, 988`: enough to look at, the rest stands in the check. */
export function firstRows(rows: readonly number[]): string {
  if (rows.length === 0) return '';
  return rows.length === 1 ? `; row ${rows[0]}` : `; first rows ${rows.slice(0, 5).join(', ')}`;
}

/** `at most 5 %`. */
export function limitText({ operator, low, high }: Limit, unit = ''): string {
  const number = (value: number) => `${value}${unit}`;
  switch (operator) {
    case 'mustBe':
      return `exactly ${number(low)}`;
    case 'mustNotBe':
      return `other than ${number(low)}`;
    case 'mustBeGreaterThan':
      return `more than ${number(low)}`;
    case 'mustBeGreaterOrEqualTo':
      return `at least ${number(low)}`;
    case 'mustBeLessThan':
      return `less than ${number(low)}`;
    case 'mustBeLessOrEqualTo':
      return `at most ${number(low)}`;
    case 'mustBeBetween':
      return `${low} … ${number(high)}`;
    case 'mustNotBeBetween':
      return `outside ${low} … ${number(high)}`;
  }
}

/** Both ends of `between` are inside. */
export function meets({ operator, low, high }: Limit, value: number): boolean {
  switch (operator) {
    case 'mustBe':
      return value === low;
    case 'mustNotBe':
      return value !== low;
    case 'mustBeGreaterThan':
      return value > low;
    case 'mustBeGreaterOrEqualTo':
      return value >= low;
    case 'mustBeLessThan':
      return value < low;
    case 'mustBeLessOrEqualTo':
      return value <= low;
    case 'mustBeBetween':
      return value >= low && value <= high;
    case 'mustNotBeBetween':
      return value < low || value > high;
  }
}

/** `at most 5 % of rows`. */
export const toleranceText = ({ limit, unit }: Tolerance) =>
  unit === 'percent' ? `${limitText(limit, ' %')} of rows` : `${limitText(limit)} rows`;
