import { bucketOrder, overflowOrder, underflowOrder, zeroOrder } from './bucket.ts';
import { bucketSums } from './bucket-sums.ts';
import { keptValues, type NumericCounts } from './column-counts.ts';
import { type ExactSum, sumExact } from './exact-sum.ts';
import { type NotFinite, numericOfParts, numericOfValues } from './numeric-counts.ts';

/** Counts one column of one cell from raw values, row after row: as the engines' statements do, to the last bit. */
export interface NumberCounter {
  /** `nulls[row]` is 1 where the value, then NaN, is NULL. */
  add(values: Float64Array, nulls: Uint8Array | undefined): void;
  addOne(value: number, isNull: boolean): void;
  counts(): NumericCounts;
}

/** Of one bucket: rows, then sums of the three parts of q (16, 15 and 15 bits) and of their products. */
const fields = 9;
/** Products are below 2^33, so that so many of them stay exact in a double. */
const rowsBetweenFlushes = 2 ** 19;
/** The buckets next to the domain's ends are looked at closely. */
const surelyAbove = bucketOrder(1e-300);
const surelyBelow = bucketOrder(8.9e307);

/**
 * Values one by one until there are too many different ones, then buckets in a hash table of the counter's own: its size follows the
 * buckets that occur, and thousands of cells fit.
 */
export function createNumberCounter(): NumberCounter {
  const rest: Record<keyof NotFinite, number> = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };
  let values: Map<number, number> | undefined = new Map();
  const outside = new Map<number, number>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;

  // Two places: of tens of thousands of counters most never see as many values as are kept, and need none.
  let shift = 32 - 1;
  // Keys are orders with the sign as the 18th bit, plus one: 0 is an empty place.
  let keys = new Int32Array(1 << 1);
  let table = new Float64Array(fields << 1);
  let used = 0;
  const flushed = new Map<number, { n: bigint; q: bigint; r: bigint }>();
  let sinceFlush = 0;

  const one = new Float64Array(1);
  const oneWords = new Uint32Array(one.buffer);

  const place = (key: number): number => {
    let at = Math.imul(key, 0x9e3779b1) >>> shift;
    const mask = keys.length - 1;
    while (keys[at] !== key) {
      if (keys[at] === 0) {
        if (used * 2 >= keys.length) {
          grow();
          return place(key);
        }
        keys[at] = key;
        used++;
        break;
      }
      at = (at + 1) & mask;
    }
    return at * fields;
  };

  const grow = () => {
    const [oldKeys, oldTable] = [keys, table];
    shift--;
    keys = new Int32Array(oldKeys.length * 2);
    table = new Float64Array(keys.length * fields);
    used = 0;
    for (const [index, key] of oldKeys.entries()) {
      if (key !== 0) table.set(oldTable.subarray(index * fields, (index + 1) * fields), place(key));
    }
  };

  const flush = () => {
    for (const [index, key] of keys.entries()) {
      if (key === 0) continue;
      const at = index * fields;
      const part = (field: number) => BigInt(table[at + field]!);
      const sums = flushed.get(key) ?? { n: 0n, q: 0n, r: 0n };
      sums.n += part(0);
      sums.q += (part(1) << 30n) + (part(2) << 15n) + part(3);
      sums.r += (part(4) << 60n) + (part(5) << 46n) + (part(6) << 30n) + (part(7) << 16n) + part(8);
      flushed.set(key, sums);
    }
    table.fill(0);
    sinceFlush = 0;
  };

  /** What is in no bucket: missing, zero, and beyond the domain. */
  const addOutside = (value: number, isNull: boolean) => {
    if (isNull) rest.null++;
    else if (Number.isNaN(value)) rest.nan++;
    else if (value === Number.POSITIVE_INFINITY) rest.positiveInfinity++;
    else if (value === Number.NEGATIVE_INFINITY) rest.negativeInfinity++;
    else {
      const order = bucketOrder(value);
      outside.set(order, (outside.get(order) ?? 0) + 1);
      if (value < min) min = value;
      if (value > max) max = value;
    }
  };

  const isInside = (order: number, value: number) =>
    (order > surelyAbove && order < surelyBelow) || (Number.isFinite(value) && value !== 0 && isBucket(Math.abs(bucketOrder(value))));

  const addWords = (value: number, high: number, low: number) => {
    if (value < min) min = value;
    if (value > max) max = value;
    const at = place((high >>> 14) + 1);
    const a = ((high & 0x3fff) << 2) | (low >>> 30);
    const b = (low >>> 15) & 0x7fff;
    const c = low & 0x7fff;
    table[at]! += 1;
    table[at + 1]! += a;
    table[at + 2]! += b;
    table[at + 3]! += c;
    table[at + 4]! += a * a;
    table[at + 5]! += a * b;
    table[at + 6]! += 2 * a * c + b * b;
    table[at + 7]! += b * c;
    table[at + 8]! += c * c;
  };

  /** n rows of one value, which is then in the buckets alone. */
  const addBucketed = (value: number, n: number) => {
    one[0] = value;
    const [low, high] = [oneWords[0]!, oneWords[1]!];
    for (let row = 0; row < n; row++) {
      if (isInside((high >>> 14) & 0x1ffff, value)) addWords(value, high, low);
      else addOutside(value, false);
      if (++sinceFlush >= rowsBetweenFlushes) flush();
    }
  };

  const keepValue = (kept: Map<number, number>, value: number) => {
    kept.set(value, (kept.get(value) ?? 0) + 1);
    if (kept.size <= keptValues) return;
    values = undefined;
    for (const [own, n] of kept) addBucketed(own, n);
  };

  const addOne = (value: number, isNull: boolean) => {
    if (values) {
      if (Number.isFinite(value)) keepValue(values, value);
      else addOutside(value, isNull);
      return;
    }
    if (isNull) rest.null++;
    else addBucketed(value, 1);
  };

  return {
    addOne,
    add(numbers, nulls) {
      let row = 0;
      for (; values && row < numbers.length; row++) addOne(numbers[row]!, nulls?.[row] === 1);
      const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
      for (; row < numbers.length; row++) {
        const high = words[row * 2 + 1]!;
        const order = (high >>> 14) & 0x1ffff;
        if (order > surelyAbove && order < surelyBelow) {
          addWords(numbers[row]!, high, words[row * 2]!);
          if (++sinceFlush >= rowsBetweenFlushes) flush();
        } else addOne(numbers[row]!, nulls?.[row] === 1);
      }
    },
    counts() {
      if (values)
        return numericOfValues(
          [...values].map(([value, n]) => [value + 0, n]),
          rest,
        );
      flush();
      const orders = new Map(outside);
      const sums: ExactSum[] = [];
      const squares: ExactSum[] = [];
      for (const [key, { n, q, r }] of flushed) {
        const own = (key - 1) & 0x1ffff;
        const sign = (key - 1) >>> 17 === 0 ? 1 : -1;
        orders.set(own * sign, Number(n));
        const { sum, square } = bucketSums(own, n, q, r);
        sums.push(sign < 0 ? { ...sum, integer: -sum.integer } : sum);
        squares.push(square);
      }
      return numericOfParts({ ...rest, min: min + 0, max: max + 0, sum: sumExact(sums), squares: sumExact(squares), values: null, orders });
    },
  };
}

const isBucket = (order: number) => order !== zeroOrder && order !== underflowOrder && order !== overflowOrder;
