import { categoriesOf } from '../../shared/profile/category-counts.ts';
import type { ColumnCounts } from '../../shared/profile/column-counts.ts';
import { numericOfValues } from '../../shared/profile/numeric-counts.ts';
import type { Profile } from '../../shared/profile/profile.ts';
import { sealProfile } from '../../shared/profile/seal-profile.ts';
import { timesOf } from '../../shared/profile/time-counts.ts';

export type Value = number | string | boolean | bigint | null;
export interface RowsProfile {
  readonly columns: Profile['columns'];
  readonly rows: readonly (readonly Value[])[];
  readonly by?: readonly string[];
  /** Of a column of times, whose values are microseconds as bigints. */
  readonly window?: { readonly column: string; readonly milliseconds: number };
}

/** The plain rule, one value after the other: what every engine's statements must give to the byte. */
export function profileOfRows({ columns, rows, by = [], window }: RowsProfile): Profile {
  const indexOf = (name: string) => columns.findIndex((column) => column.name === name);
  const cells = new Map<string, { place: { segment: (string | null)[]; window: string | null }; rows: (readonly Value[])[] }>();
  for (const row of rows) {
    const segment = by.map((name) => {
      const value = row[indexOf(name)];
      return value === null || value === undefined ? null : String(value);
    });
    const time = window ? row[indexOf(window.column)] : null;
    const place = { segment, window: typeof time === 'bigint' && window ? windowStart(time, window.milliseconds) : null };
    const key = JSON.stringify(place);
    const cell = cells.get(key) ?? { place, rows: [] };
    cell.rows.push(row);
    cells.set(key, cell);
  }
  if (cells.size === 0 && by.length === 0 && !window) cells.set('', { place: { segment: [], window: null }, rows: [] });
  return sealProfile({
    privacy: 'exact',
    by: [...by],
    window: window ?? null,
    columns,
    cells: [...cells.values()].map((cell) => ({
      ...cell.place,
      rows: cell.rows.length,
      columns: columns.map(({ type }, index) =>
        countColumn(
          type,
          cell.rows.map((row) => row[index] ?? null),
        ),
      ),
    })),
  });
}

function windowStart(micros: bigint, milliseconds: number): string {
  const offset = milliseconds % 604_800_000 === 0 ? -3 * 86_400_000 : 0;
  const time = Number(micros) / 1_000;
  const start = Math.floor((time - offset) / milliseconds) * milliseconds + offset;
  return new Date(start).toISOString().replace('Z', '000Z');
}

function countColumn(type: Profile['columns'][number]['type'], values: readonly Value[]): ColumnCounts {
  const there = values.filter((value) => value !== null);
  const nulls = values.length - there.length;
  if (type === 'number' || type === 'integer') {
    const numbers = there.map(Number);
    const count = (test: (value: number) => boolean) => numbers.filter(test).length;
    return numericOfValues([...tally(numbers.filter(Number.isFinite).map((value) => value + 0))], {
      null: nulls,
      nan: count(Number.isNaN),
      positiveInfinity: count((value) => value === Number.POSITIVE_INFINITY),
      negativeInfinity: count((value) => value === Number.NEGATIVE_INFINITY),
    });
  }
  if (type === 'text' || type === 'boolean') return categoriesOf([...tally(there.map(String))], nulls);
  const times = there.map(BigInt);
  const days = tally(times.map((time) => Number((time - (((time % day) + day) % day)) / day)));
  const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return timesOf({ null: nulls, min: sorted[0] ?? null, max: sorted.at(-1) ?? null, days: [...days] });
}

const day = 86_400_000_000n;

function tally<Item>(items: readonly Item[]): Map<Item, number> {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
