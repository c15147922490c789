import { createHash } from 'node:crypto';
import { type CategoryCounts, hashSlots, keptValues } from './column-counts.ts';

export type Lengths = NonNullable<CategoryCounts['lengths']>;
export type Category = readonly [value: string, rows: number];

/** Every value once, in any order: kept while there are few, counted by hash beyond. `exactly` the same as merging its parts. */
export function categoriesOf(values: readonly Category[], nulls: number): CategoryCounts {
  return categoriesOfParts({ null: nulls, counts: values, hashed: null, lengths: lengthsOf(values) });
}

/** A column while it is being put together; `hashed` where its values were never seen one by one. */
export interface CategoryParts {
  readonly null: number;
  readonly counts: readonly Category[] | null;
  readonly hashed: readonly number[] | null;
  readonly lengths: Lengths | null;
}

export function categoriesOfParts({ null: nulls, counts, hashed, lengths }: CategoryParts): CategoryCounts {
  const keeps = counts !== null && hashed === null && counts.length <= keptValues;
  return {
    kind: 'categories',
    null: nulls,
    counts: keeps ? inByteOrder(counts) : null,
    hashed: keeps ? null : addSlots(hashed, counts ?? []),
    lengths,
  };
}

/** As UTF-8 bytes compare, which UTF-16 units don't beyond U+FFFF. */
function inByteOrder(counts: readonly Category[]): [string, number][] {
  return counts
    .map(([value, n]) => ({ value, n, bytes: Buffer.from(value) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ value, n }) => [value, n]);
}

function addSlots(hashed: readonly number[] | null, counts: readonly Category[]): number[] {
  const slots = hashed ? [...hashed] : new Array<number>(hashSlots).fill(0);
  for (const [value, n] of counts) slots[hashSlot(value)]! += n;
  return slots;
}

/** What stands for a value in a profile that left the runner: 12 bits of its MD5, which say its slot, and 52 of its SHA-256. */
export const hashedValue = (value: string): string => `#${md5(value).slice(0, 3)}${sha256(value).slice(0, 13)}`;
export const isHashedValue = (value: string): boolean => /^#[0-9a-f]{16}$/.test(value);

const md5 = (value: string) => createHash('md5').update(value).digest('hex');
const sha256 = (value: string) => createHash('sha256').update(value).digest('hex');

/** The first ten bits of a value's MD5; a hashed value carries them. */
export function hashSlot(value: string): number {
  const digits = isHashedValue(value) ? value.slice(1, 4) : md5(value).slice(0, 3);
  return Number.parseInt(digits, 16) >> 2;
}

export function lengthsOf(values: readonly Category[]): Lengths | null {
  let lengths: Lengths | null = null;
  for (const [value, n] of values) {
    const own = codePoints(value);
    lengths = addLengths(lengths, { min: own, max: own, sum: own * n });
  }
  return lengths;
}

export function addLengths(a: Lengths | null, b: Lengths | null): Lengths | null {
  if (!a || !b) return a ?? b;
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), sum: a.sum + b.sum };
}

function codePoints(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) pairs++;
  return text.length - pairs;
}

export function mergeCategories(parts: readonly CategoryCounts[]): CategoryCounts {
  const nulls = parts.reduce((sum, part) => sum + part.null, 0);
  const lengths = parts.reduce<Lengths | null>((sum, part) => addLengths(sum, part.lengths), null);
  const whole = parts.every((part) => part.counts !== null);
  if (whole) {
    const counts = mergeCounts(parts.map((part) => part.counts ?? []));
    return categoriesOfParts({ null: nulls, counts, hashed: null, lengths });
  }
  const hashed = new Array<number>(hashSlots).fill(0);
  for (const part of parts) {
    const own = part.hashed ?? addSlots(null, part.counts ?? []);
    for (let slot = 0; slot < hashSlots; slot++) hashed[slot]! += own[slot]!;
  }
  return categoriesOfParts({ null: nulls, counts: null, hashed, lengths });
}

/** Sums by value; a value that one part names and another only hashes is one value, under its name. */
function mergeCounts(parts: readonly (readonly Category[])[]): Category[] {
  const counts = new Map<string, number>();
  for (const part of parts) for (const [value, n] of part) counts.set(value, (counts.get(value) ?? 0) + n);
  const hashes = [...counts.keys()].filter(isHashedValue);
  if (hashes.length === 0) return [...counts];
  const names = new Map([...counts.keys()].filter((value) => !isHashedValue(value)).map((value) => [hashedValue(value), value]));
  for (const hash of hashes) {
    const name = names.get(hash);
    if (name === undefined) continue;
    counts.set(name, (counts.get(name) ?? 0) + (counts.get(hash) ?? 0));
    counts.delete(hash);
  }
  return [...counts];
}
