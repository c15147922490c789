import { bucketOrder, orderOffset, overflowOrder, underflowOrder, zeroOrder } from './bucket.ts';
import { type ColumnCounts, keptValues, type NumericCounts } from './column-counts.ts';
import { type ExactSum, exactDouble, exactSumText, meanOfSum, parseExactSum, sumExact, varianceOfSums } from './exact-sum.ts';

/** Rows of a column that are no finite number, by why. */
export interface NotFinite {
  readonly null: number;
  readonly nan: number;
  readonly negativeInfinity: number;
  readonly positiveInfinity: number;
}

/** A column while it is being put together: either every value, or rows by bucket order. */
export interface NumericParts extends NotFinite {
  readonly min: number | null;
  readonly max: number | null;
  readonly sum: ExactSum;
  readonly squares: ExactSum;
  readonly values: readonly (readonly [number, number])[] | null;
  /** Rows by order; used where `values` is null. */
  readonly orders: ReadonlyMap<number, number>;
}

/** `[value, rows]` in any order, every value once and finite; at most `keptValues` of them are kept, more become a histogram. */
export function numericOfValues(values: readonly (readonly [number, number])[], rest: NotFinite): NumericCounts {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const sums: ExactSum[] = [];
  const squares: ExactSum[] = [];
  for (const [value, n] of sorted) {
    const order = Math.abs(bucketOrder(value));
    if (order <= underflowOrder || order === overflowOrder) continue;
    const { integer, exponent } = exactDouble(value);
    const times = integer * BigInt(n);
    sums.push({ integer: times, exponent });
    squares.push({ integer: times * integer, exponent: exponent * 2 });
  }
  return numericOfParts({
    ...rest,
    min: sorted[0]?.[0] ?? null,
    max: sorted.at(-1)?.[0] ?? null,
    sum: sumExact(sums),
    squares: sumExact(squares),
    values: sorted,
    orders: new Map(),
  });
}

export function numericOfParts(parts: NumericParts): NumericCounts {
  const keeps = parts.values !== null && parts.values.length <= keptValues;
  const orders = keeps || parts.values === null ? parts.orders : ordersOfValues(parts.values);
  return {
    kind: 'numeric',
    null: parts.null,
    nan: parts.nan,
    negativeInfinity: parts.negativeInfinity,
    positiveInfinity: parts.positiveInfinity,
    zero: (keeps ? parts.values.find(([value]) => value === 0)?.[1] : orders.get(zeroOrder)) ?? 0,
    min: parts.min,
    max: parts.max,
    sum: exactSumText(parts.sum),
    squares: exactSumText(parts.squares),
    // A negative zero has no place in a text.
    values: keeps ? parts.values.map(([value, n]) => [value === 0 ? 0 : value, n]) : null,
    histogram: keeps ? null : { negative: sideOf(orders, -1), positive: sideOf(orders, 1) },
  };
}

type Side = NonNullable<NumericCounts['histogram']>['positive'];

function sideOf(orders: ReadonlyMap<number, number>, sign: 1 | -1): Side {
  const buckets: [number, number][] = [];
  for (const [order, n] of orders) {
    const own = order * sign;
    if (own > underflowOrder && own < overflowOrder) buckets.push([own - orderOffset, n]);
  }
  return {
    underflow: orders.get(underflowOrder * sign) ?? 0,
    buckets: buckets.sort(([a], [b]) => a - b),
    overflow: orders.get(overflowOrder * sign) ?? 0,
  };
}

function ordersOfValues(values: readonly (readonly [number, number])[]): Map<number, number> {
  const orders = new Map<number, number>();
  for (const [value, n] of values) addTo(orders, bucketOrder(value), n);
  return orders;
}

const addTo = <Key>(map: Map<Key, number>, key: Key, n: number) => map.set(key, (map.get(key) ?? 0) + n);

/** Rows by bucket order, of the one form or the other: equal columns give equal maps. */
export function ordersOf(counts: NumericCounts): Map<number, number> {
  if (counts.values) return ordersOfValues(counts.values);
  const orders = new Map<number, number>();
  if (counts.zero > 0) orders.set(zeroOrder, counts.zero);
  for (const sign of [-1, 1] as const) {
    const side = counts.histogram?.[sign < 0 ? 'negative' : 'positive'];
    if (!side) continue;
    if (side.underflow > 0) orders.set(underflowOrder * sign, side.underflow);
    if (side.overflow > 0) orders.set(overflowOrder * sign, side.overflow);
    for (const [k, n] of side.buckets) orders.set((k + orderOffset) * sign, n);
  }
  return orders;
}

export function mergeNumeric(parts: readonly NumericCounts[]): NumericCounts {
  const total = (field: keyof NotFinite) => parts.reduce((sum, part) => sum + part[field], 0);
  const extreme = (field: 'min' | 'max') =>
    parts.reduce<number | null>((found, part) => {
      const own = part[field];
      return own === null ? found : found === null ? own : Math[field](found, own);
    }, null);
  const whole = parts.every((part) => part.values !== null);
  const values = new Map<number, number>();
  if (whole) for (const part of parts) for (const [value, n] of part.values ?? []) addTo(values, value, n);
  const orders = new Map<number, number>();
  if (!whole) for (const part of parts) for (const [order, n] of ordersOf(part)) addTo(orders, order, n);
  return numericOfParts({
    null: total('null'),
    nan: total('nan'),
    negativeInfinity: total('negativeInfinity'),
    positiveInfinity: total('positiveInfinity'),
    min: extreme('min'),
    max: extreme('max'),
    sum: sumExact(parts.map((part) => parseExactSum(part.sum))),
    squares: sumExact(parts.map((part) => parseExactSum(part.squares))),
    values: whole ? [...values].sort(([a], [b]) => a - b) : null,
    orders,
  });
}

/** Rows with a finite value. */
export function finiteRows(counts: NumericCounts): number {
  if (counts.values) return counts.values.reduce((sum, [, n]) => sum + n, 0);
  let rows = 0;
  for (const n of ordersOf(counts).values()) rows += n;
  return rows;
}

/** Rows that are NULL, NaN or infinite. */
export const missingRows = (counts: ColumnCounts): number =>
  counts.kind === 'numeric' ? counts.null + counts.nan + counts.negativeInfinity + counts.positiveInfinity : counts.null;

export interface Moments {
  readonly n: number;
  /** Of finite values, rounded once; null without rows, and where a value beyond 8.9e307 has no place in the sum. */
  readonly mean: number | null;
  /** With n - 1; null below two rows. */
  readonly variance: number | null;
}

/** An underflow counts as zero, which is less than the result's own rounding. */
export function momentsOf(counts: NumericCounts): Moments {
  const n = finiteRows(counts);
  if (n === 0 || Math.max(-(counts.min ?? 0), counts.max ?? 0) > 8.9e307) return { n, mean: null, variance: null };
  const sum = parseExactSum(counts.sum);
  return { n, mean: meanOfSum(sum, n), variance: n < 2 ? null : varianceOfSums(sum, parseExactSum(counts.squares), n, 1) };
}
