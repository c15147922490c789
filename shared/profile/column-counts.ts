import { z } from 'zod';

/** At most so many values or categories of a column are kept one by one. */
export const keptValues = 1_000;
/** Beyond them, categories are counted by the first ten bits of their MD5. */
export const hashSlots = 1_024;

const count = z.number().int().nonnegative();

/**
 * An exact sum of doubles as `<integer>p<exponent>`: integer · 2^exponent, the integer odd, or `0p0`. Addition is exact, so the order of
 * rows, parts and engines can't be seen in it.
 */
export const exactSumSchema = z.string().regex(/^(?:0p0|-?[1-9]\d*p-?\d+)$/);

/** `[k, n]` by ascending k, n > 0; k is the log-linear bucket of |x| (`bucket.ts`). */
const buckets = z.array(z.tuple([z.number().int(), count.min(1)]));
const side = z.strictObject({ underflow: count, buckets, overflow: count });

/**
 * A column of numbers. `values` are all finite ones, ascending, while they are at most `keptValues` different ones; beyond that
 * `histogram` holds them by sign and bucket. The one can be made of the other, never back: a merge degrades as the whole would.
 */
export const numericCountsSchema = z.strictObject({
  kind: z.literal('numeric'),
  null: count,
  nan: count,
  negativeInfinity: count,
  positiveInfinity: count,
  /** Both zeros; they are in neither side of a histogram. */
  zero: count,
  /** Of finite values; null where there is none. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Of finite values with 1e-300 <= |x| <= 8.9e307, and their squares. */
  sum: exactSumSchema,
  squares: exactSumSchema,
  values: z.array(z.tuple([z.number(), count.min(1)])).nullable(),
  histogram: z.strictObject({ negative: side, positive: side }).nullable(),
});
export type NumericCounts = z.infer<typeof numericCountsSchema>;

/**
 * A column of texts or booleans. `counts` by value in byte order while they are at most `keptValues` different ones; beyond that
 * `hashed[h]` counts the rows whose value's MD5 begins with the bits h. In a profile that left the runner, a value of fewer than 20 rows
 * stands as `#` and 16 hex digits (`outward-profile.ts`).
 */
export const categoryCountsSchema = z.strictObject({
  kind: z.literal('categories'),
  null: count,
  counts: z.array(z.tuple([z.string(), count.min(1)])).nullable(),
  hashed: z.array(count).length(hashSlots).nullable(),
  /** Code points of the values that are there; null where there is none. */
  lengths: z.strictObject({ min: count, max: count, sum: count }).nullable(),
});
export type CategoryCounts = z.infer<typeof categoryCountsSchema>;

/** A column of dates or timestamps, by UTC day. */
export const timeCountsSchema = z.strictObject({
  kind: z.literal('times'),
  null: count,
  /** ISO 8601 in UTC with microseconds; null where there is none. */
  min: z.string().nullable(),
  max: z.string().nullable(),
  /** `[YYYY-MM-DD, n]` ascending; of months (`YYYY-MM`) where there are more than 10,000 days. */
  days: z.array(z.tuple([z.string(), count.min(1)])),
});
export type TimeCounts = z.infer<typeof timeCountsSchema>;

export const columnCountsSchema = z.discriminatedUnion('kind', [numericCountsSchema, categoryCountsSchema, timeCountsSchema]);
export type ColumnCounts = z.infer<typeof columnCountsSchema>;
