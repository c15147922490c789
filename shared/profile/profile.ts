import { z } from 'zod';
import { columnTypes } from '../source/column-type.ts';
import { columnCountsSchema } from './column-counts.ts';

export const profileSchemaName = 'weighin/profile@1';

const count = z.number().int().nonnegative();

/** The rows of one segment in one window. Together the cells are the table: every row is in exactly one. */
const cellSchema = z.strictObject({
  /** Values of the columns in `by`, as texts; null for a missing one. Empty without `by`. */
  segment: z.array(z.string().nullable()),
  /** Where the window begins, ISO 8601 in UTC; null without windows, and for rows without a time. */
  window: z.string().nullable(),
  rows: count,
  /** One for each of the profile's columns, in their order. */
  columns: z.array(columnCountsSchema),
});
export type ProfileCell = z.infer<typeof cellSchema>;

/**
 * Mergeable statistics of a table: integer counts alone, and sums that are exact, so that the parts' profiles merge to the whole's,
 * byte for byte, whichever engine counted. Canonical JSON with a digest: an edited file is refused.
 */
export const profileSchema = z.strictObject({
  schema: z.literal(profileSchemaName),
  /** sha256 of the document's JCS without this field. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** outward: rare categories are hashed, values are buckets, extremes and sums are rounded. */
  privacy: z.enum(['exact', 'outward']),
  rows: count,
  /** Columns that the cells are segments of, at most two. */
  by: z.array(z.string()).max(2),
  /** Windows of `milliseconds`, counted from 1970-01-01T00:00:00Z, by the time in `column`; weeks begin on Monday. */
  window: z.strictObject({ column: z.string(), milliseconds: z.number().int().positive() }).nullable(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.enum(columnTypes) })),
  /** By window, then by segment; rows without a time come first. */
  cells: z.array(cellSchema),
});
export type Profile = z.infer<typeof profileSchema>;
