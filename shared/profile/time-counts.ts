import type { TimeCounts } from './column-counts.ts';

/** Beyond so many different days they are counted by month. */
const keptDays = 10_000;
const millisecondsPerDay = 86_400_000;

export interface TimeParts {
  readonly null: number;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly min: bigint | null;
  readonly max: bigint | null;
  /** `[days since 1970-01-01, rows]`, every day once. */
  readonly days: readonly (readonly [number, number])[];
}

export function timesOf({ null: nulls, min, max, days }: TimeParts): TimeCounts {
  const counts = days.map(([day, n]) => [isoDay(day), n] as const);
  return {
    kind: 'times',
    null: nulls,
    min: min === null ? null : isoTime(min),
    max: max === null ? null : isoTime(max),
    days: byDay(counts),
  };
}

/** By month beyond the cap, and where a part already is. */
function byDay(counts: Iterable<readonly [string, number]>): [string, number][] {
  let found = added(counts);
  if (found.size > keptDays || ([...found.keys()].some(isMonth) && found.size > 0)) {
    found = added([...found].map(([day, n]) => [isMonth(day) ? day : day.slice(0, day.lastIndexOf('-')), n]));
  }
  return [...found].sort(([a], [b]) => dayOrder(a) - dayOrder(b));
}

function added(counts: Iterable<readonly [string, number]>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [day, n] of counts) sums.set(day, (sums.get(day) ?? 0) + n);
  return sums;
}

const isMonth = (day: string) => /^[+-]?\d+-\d\d$/.test(day);
const dayOrder = (day: string) => Date.parse(isMonth(day) ? `${day}-01` : day);

/** `YYYY-MM-DD`; years outside of 0 to 9999 with a sign and six digits, as ECMAScript writes them. */
const isoDay = (day: number): string => new Date(day * millisecondsPerDay).toISOString().slice(0, -'T00:00:00.000Z'.length);

/** With microseconds: `2024-01-31T23:59:59.000001Z`. */
export function isoTime(microseconds: bigint): string {
  const rest = ((microseconds % 1_000n) + 1_000n) % 1_000n;
  const milliseconds = Number((microseconds - rest) / 1_000n);
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

export function mergeTimes(parts: readonly TimeCounts[]): TimeCounts {
  const there = (field: 'min' | 'max') => parts.flatMap((part) => part[field] ?? []).sort(compareTimes);
  return {
    kind: 'times',
    null: parts.reduce((sum, part) => sum + part.null, 0),
    min: there('min')[0] ?? null,
    max: there('max').at(-1) ?? null,
    days: byDay(parts.flatMap((part) => part.days)),
  };
}

/** Texts of `isoTime`, by time: years with a sign don't sort as text. */
function compareTimes(a: string, b: string): number {
  return Date.parse(`${a.slice(0, -4)}Z`) - Date.parse(`${b.slice(0, -4)}Z`) || Number(a.slice(-4, -1)) - Number(b.slice(-4, -1));
}
