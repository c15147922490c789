import { overflowOrder, underflowOrder, zeroOrder } from './bucket.ts';
import { bucketSums } from './bucket-sums.ts';
import { addLengths, type Category, categoriesOfParts, type Lengths, lengthsOf } from './category-counts.ts';
import { type ColumnCounts, hashSlots } from './column-counts.ts';
import { type ExactSum, sumExact } from './exact-sum.ts';
import { type NotFinite, numericOfParts, numericOfValues } from './numeric-counts.ts';
import { type CountRow, notFiniteOrders } from './profile-sql.ts';
import { timesOf } from './time-counts.ts';

/** One column of one cell from the rows that an engine counted. None: a cell without rows, or a column of nothing. */
export function collectCounts(kind: ColumnCounts['kind'], rows: readonly CountRow[]): ColumnCounts {
  return kind === 'numeric' ? collectNumbers(rows) : kind === 'categories' ? collectTexts(rows) : collectTimes(rows);
}

const reasons = new Map<number, keyof NotFinite>(
  Object.entries(notFiniteOrders).map(([reason, order]) => [order, reason as keyof NotFinite]),
);

function collectNumbers(rows: readonly CountRow[]): ColumnCounts {
  const rest: Record<keyof NotFinite, number> = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };
  const finite: CountRow[] = [];
  for (const row of rows) {
    const reason = reasons.get(row.o ?? notFiniteOrders.null);
    if (reason) rest[reason] += row.n;
    else finite.push(row);
  }
  if (finite.every((row) => row.v !== null))
    return numericOfValues(
      finite.map((row) => [row.v === 0 ? 0 : (row.v ?? 0), row.n]),
      rest,
    );

  const orders = new Map<number, number>();
  const sums: ExactSum[] = [];
  const squares: ExactSum[] = [];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { o, n, q, r, lo, hi } of finite) {
    const order = o ?? zeroOrder;
    orders.set(order, (orders.get(order) ?? 0) + n);
    min = Math.min(min, lo ?? min);
    max = Math.max(max, hi ?? max);
    const own = Math.abs(order);
    if (own === zeroOrder || own === underflowOrder || own === overflowOrder) continue;
    const { sum, square } = bucketSums(own, BigInt(n), BigInt(q ?? 0), BigInt(r ?? 0));
    sums.push(order < 0 ? { ...sum, integer: -sum.integer } : sum);
    squares.push(square);
  }
  // Zero and minus zero are one number, and only the first has a text of its own.
  return numericOfParts({ ...rest, min: min + 0, max: max + 0, sum: sumExact(sums), squares: sumExact(squares), values: null, orders });
}

function collectTexts(rows: readonly CountRow[]): ColumnCounts {
  let nulls = 0;
  let lengths: Lengths | null = null;
  const counts: Category[] = [];
  const slots = new Array<number>(hashSlots).fill(0);
  let isHashed = false;
  for (const { t, o, n, q, lo, hi } of rows) {
    if (t !== null) counts.push([t, n]);
    else if (o === null) nulls += n;
    else {
      isHashed = true;
      slots[o / 4]! += n;
      lengths = addLengths(lengths, { min: lo ?? 0, max: hi ?? 0, sum: Number(q) });
    }
  }
  return categoriesOfParts({
    null: nulls,
    counts: isHashed ? null : counts,
    hashed: isHashed ? slots : null,
    lengths: isHashed ? lengths : lengthsOf(counts),
  });
}

function collectTimes(rows: readonly CountRow[]): ColumnCounts {
  let nulls = 0;
  let min: bigint | null = null;
  let max: bigint | null = null;
  const days: [number, number][] = [];
  for (const { o, n, q, r } of rows) {
    if (o === null || q === null || r === null) {
      nulls += n;
      continue;
    }
    days.push([o, n]);
    const [first, last] = [BigInt(q), BigInt(r)];
    if (min === null || first < min) min = first;
    if (max === null || last > max) max = last;
  }
  return timesOf({ null: nulls, min, max, days });
}
