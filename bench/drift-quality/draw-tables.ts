import { bucketMiddle, bucketOrder, bucketRange } from '../../shared/profile/bucket.ts';
import type { CategoryCounts, NumericCounts } from '../../shared/profile/column-counts.ts';
import { normalCdf, normalQuantile } from '../../shared/statistics/normal.ts';
import { drawBinomial, type Random } from '../../shared/statistics/random.ts';

/**
 * Tables by their counts alone. Numbers are normal and rounded to the middle of their bucket (1/128 of themselves), so that every method
 * sees the very same rows, and the counts of independent columns can be drawn at once: a multinomial, exactly.
 */
export interface DrawnColumn {
  readonly name: string;
  readonly kind: 'numeric' | 'categories';
  /** Ascending values, or category indices. */
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** Middles of all buckets that a number of size 1 can reach; the two nearest to zero take what is nearer still. */
const smallest = 2 ** -12;
const largest = 9;
const orders: readonly number[] = (() => {
  const positive = Array.from({ length: bucketOrder(largest) - bucketOrder(smallest) }, (_, index) => bucketOrder(smallest) + index);
  return [...positive.map((order) => -order).reverse(), ...positive];
})();
const middles = Float64Array.from(orders, bucketMiddle);
const lows = orders.map((order, index) => (index === 0 ? -Infinity : order === -orders[index - 1]! ? 0 : bucketRange(order).low));

/** Probability of each bucket for a normal of this mean and standard deviation. */
export function normalShares(mean: number, sd: number): Float64Array {
  const edges = [...lows.map((low) => normalCdf((low - mean) / sd)), 1];
  return Float64Array.from(middles, (_, index) => Math.max(0, edges[index + 1]! - edges[index]!));
}

/** Shares of a column's categories: uneven, as they are in life. The first one takes `points` from all others. */
export function categoryShares(categories: number, points = 0): Float64Array {
  const weights = Float64Array.from({ length: categories }, (_, index) => 1 / (index + 1.5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const [first = 0] = shares;
  return shares.map((share, index) => (index === 0 ? share + points : share * (1 - points / (1 - first))));
}

/** A multinomial draw, as conditional binomials. */
export function drawCounts(random: Random, n: number, shares: Float64Array): Float64Array {
  const counts = new Float64Array(shares.length);
  let left = n;
  let share = 1;
  for (let index = 0; index < shares.length && left > 0; index++) {
    const own = shares[index]!;
    const drawn = share <= own ? left : drawBinomial(random, left, own / share);
    counts[index] = drawn;
    left -= drawn;
    share -= own;
  }
  return counts;
}

export const numericColumn = (name: string, counts: Float64Array): DrawnColumn =>
  compact({ name, kind: 'numeric', values: middles, counts });
export const categoryColumn = (name: string, counts: Float64Array): DrawnColumn =>
  compact({ name, kind: 'categories', values: Float64Array.from(counts, (_, index) => index), counts });

function compact({ name, kind, values, counts }: DrawnColumn): DrawnColumn {
  let kept = 0;
  const present = new Float64Array(values.length);
  const rows = new Float64Array(values.length);
  for (let index = 0; index < counts.length; index++) {
    if (counts[index] === 0) continue;
    present[kept] = values[index]!;
    rows[kept++] = counts[index]!;
  }
  return { name, kind, values: present.subarray(0, kept), counts: rows.subarray(0, kept) };
}

/** Where a standard normal falls, for columns that are drawn row by row because they hang together. */
export const bucketOf = (() => {
  const first = bucketOrder(smallest);
  const last = bucketOrder(largest) - 1;
  const half = last - first + 1;
  return (z: number): number => {
    const order = Math.min(Math.max(bucketOrder(Math.abs(z)), first), last) - first;
    return z < 0 ? half - 1 - order : half + order;
  };
})();
export const bucketCount = orders.length;

/** The category that a standard normal stands for: a copula keeps columns of different kinds correlated. */
export function categoryCuts(shares: Float64Array): Float64Array {
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    return sum >= 1 - 1e-12 ? Infinity : normalQuantile(sum);
  });
}

/** Two standard normals, by Marsaglia's polar method. */
export function drawNormals(random: Random, into: Float64Array): void {
  for (let at = 0; at < into.length; at += 2) {
    let u = 0;
    let v = 0;
    let s = 0;
    do {
      u = random.uint32() / 2147483648 - 1;
      v = random.uint32() / 2147483648 - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    into[at] = u * factor;
    if (at + 1 < into.length) into[at + 1] = v * factor;
  }
}

const noNumbers = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0, zero: 0 } as const;

/** As a profile counts it. Sums are not what drift is judged by, and are left at zero. */
export function countsOf({ kind, values, counts }: DrawnColumn): NumericCounts | CategoryCounts {
  if (kind === 'categories')
    return {
      kind: 'categories',
      null: 0,
      counts: Array.from(values, (value, index): [string, number] => [`c${String(value).padStart(2, '0')}`, counts[index]!]),
      hashed: null,
      lengths: { min: 3, max: 3, sum: 3 * counts.reduce((sum, n) => sum + n, 0) },
    };
  return {
    kind: 'numeric',
    ...noNumbers,
    min: values[0] ?? null,
    max: values.at(-1) ?? null,
    sum: '0p0',
    squares: '0p0',
    values: null,
    histogram: { negative: side(values, counts, -1), positive: side(values, counts, 1) },
  };
}

function side(values: Float64Array, counts: Float64Array, sign: 1 | -1) {
  const offset = 1_023 * 64;
  const buckets = Array.from(values, (value, index): [number, number] => [bucketOrder(Math.abs(value)) - offset, counts[index]!]).filter(
    (_, index) => Math.sign(values[index]!) === sign,
  );
  return { underflow: 0, buckets: sign < 0 ? buckets.reverse() : buckets, overflow: 0 };
}
