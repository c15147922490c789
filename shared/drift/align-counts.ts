import { bucketRange } from '../profile/bucket.ts';
import { hashedValue, hashSlot, isHashedValue } from '../profile/category-counts.ts';
import { type CategoryCounts, hashSlots, type NumericCounts } from '../profile/column-counts.ts';
import { orderedBuckets } from '../profile/ordered-buckets.ts';

/** Codes are few. */
const mostRecovered = 128;

/** Rows of several sides (reference, current, windows) over the same places. */
export interface Aligned {
  /** Numbers: orders of buckets, ascending. Categories: undefined. */
  readonly orders?: Int32Array;
  /** Categories: their names in byte order, or slots of hashes as `slot 17`. Numbers: undefined. */
  readonly names?: readonly string[];
  readonly sides: readonly Float64Array[];
}

export function alignNumbers(sides: readonly NumericCounts[]): Required<Pick<Aligned, 'orders' | 'sides'>> {
  const buckets = sides.map(orderedBuckets);
  const orders = unionOf(buckets.map(({ order }) => order));
  return {
    orders,
    sides: buckets.map(({ order, n }) => {
      const rows = new Float64Array(orders.length);
      for (let at = 0, place = 0; at < order.length; at++) {
        while (orders[place] !== order[at]) place++;
        rows[place] = n[at]!;
      }
      return rows;
    }),
  };
}

function unionOf(sorted: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(sorted.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const one of sorted) {
    all.set(one, end);
    end += one.length;
  }
  all.sort();
  let kept = 0;
  for (let at = 0; at < all.length; at++) if (at === 0 || all[at] !== all[at - 1]) all[kept++] = all[at]!;
  return all.slice(0, kept);
}

/** Numbers with few values count as codes: each value is a category. `hashed`: by slot, whoever knows names. */
export function alignCategories(
  sides: readonly (CategoryCounts | NumericCounts)[],
  hashed: boolean,
): Required<Pick<Aligned, 'names' | 'sides'>> {
  if (hashed) {
    return {
      names: Array.from({ length: hashSlots }, (_, slot) => `slot ${slot}`),
      sides: sides.map((side) => Float64Array.from(slotsOf(side))),
    };
  }
  const listed = sides.map(categoriesOfSide);
  const nameOf = namesBehindHashes(listed);
  const places = new Map<string, number>();
  for (const categories of listed) for (const [value] of categories) places.set(nameOf(value), 0);
  const names = inByteOrder([...places.keys()]);
  names.forEach((name, place) => {
    places.set(name, place);
  });
  return {
    names,
    sides: listed.map((categories) => {
      const rows = new Float64Array(names.length);
      for (const [value, n] of categories) rows[places.get(nameOf(value))!]! += n;
      return rows;
    }),
  };
}

const categoriesOfSide = (side: CategoryCounts | NumericCounts): readonly (readonly [string, number])[] =>
  side.kind === 'categories' ? (side.counts ?? []) : (codesOf(side) ?? []).map(([value, n]) => [String(value), n] as const);

/**
 * Whole numbers one by one: as they were kept, or from buckets that hold one whole number each (those below 64 do), as a profile that
 * left the runner has them. null where that can't be told.
 */
export function codesOf(counts: NumericCounts): readonly (readonly [number, number])[] | null {
  if (counts.values) return counts.values.map(([value, n]) => [value === 0 ? 0 : value, n] as const);
  const { order, n } = orderedBuckets(counts);
  if (order.length > mostRecovered) return null;
  const codes: [number, number][] = [];
  for (let i = 0; i < order.length; i++) {
    const { low, high } = bucketRange(order[i]!);
    // A positive bucket holds its lower edge, a negative one its upper.
    const code = low >= 0 ? Math.ceil(low) : Math.floor(high);
    const next = low >= 0 ? code + 1 < high : code - 1 > low;
    const inside = low >= 0 ? code < high || code === low : code > low || code === high;
    if (next || !inside) return null;
    codes.push([code === 0 ? 0 : code, n[i]!]);
  }
  return codes;
}

function slotsOf(side: CategoryCounts | NumericCounts): readonly number[] {
  if (side.kind === 'categories' && side.hashed) return side.hashed;
  const slots = new Array<number>(hashSlots).fill(0);
  for (const [value, n] of categoriesOfSide(side)) slots[hashSlot(value)]! += n;
  return slots;
}

/** A profile that left the runner hashes rare values: where another side names the value, both mean the same. */
function namesBehindHashes(sides: readonly (readonly (readonly [string, number])[])[]): (value: string) => string {
  if (!sides.some((categories) => categories.some(([value]) => isHashedValue(value)))) return (value) => value;
  const known = new Map<string, string>();
  for (const categories of sides) for (const [value] of categories) if (!isHashedValue(value)) known.set(hashedValue(value), value);
  return (value) => known.get(value) ?? value;
}

/** As UTF-8 bytes compare: by code point. */
function inByteOrder(names: string[]): string[] {
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort();
  return names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ name }) => name);
}
