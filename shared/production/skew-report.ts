import { z } from 'zod';
import { driftReportSchema } from '../drift/drift-report.ts';
import { noticeSchema } from '../verdict/notice.ts';
import { verdictSchema } from '../verdict/verdict.ts';

const count = z.number().int().nonnegative();

/** `weighin skew --json`: whether serving saw what training saw. Holds places and counts, never a value. */
export const skewReportSchema = z.strictObject({
  schema: z.literal('weighin/skew@1'),
  /** fail: a column differs in more than `limit` of the joined rows, or serving lacks one that the model was trained on; warn; pass. */
  verdict: verdictSchema,
  headline: z.string(),
  training: z.strictObject({ source: z.string(), rows: count }),
  serving: z.strictObject({ source: z.string(), rows: count }),
  /** rows: answers joined to the rows they are of; distribution: nothing joined, so both are compared as a whole. */
  compared: z.enum(['rows', 'distribution']),
  /** What was joined by: column of the training data, and `id`, `time` or a feature of the log. */
  key: z.array(z.strictObject({ training: z.string(), serving: z.string() })),
  joined: z.strictObject({ answers: count, shareOfServing: z.number(), trainingRows: count }),
  limit: z.number(),
  tolerance: z.number(),
  /** Most differing first. */
  columns: z.array(
    z.strictObject({
      column: z.string(),
      types: z.strictObject({ training: z.string(), serving: z.string() }),
      tolerance: z.number().nullable(),
      /** Joined answers in which the column differs in any way, and their share. */
      differing: count,
      rate: z.number(),
      /** Of those: other values; null in training alone; null in serving alone; equal values of another type (1 and "1"). */
      otherValue: count,
      nullInTraining: count,
      nullInServing: count,
      otherType: count,
      /** Row of the training data, line of the log: the first of them in the log's order. */
      first: z.array(z.strictObject({ row: count, file: z.string(), line: count })),
      verdict: verdictSchema,
    }),
  ),
  /** Columns of one side alone. `missing` are those that the model was trained on and serving never logged. */
  missing: z.array(z.string()),
  onlyInTraining: z.array(z.string()),
  onlyInServing: z.array(z.string()),
  /** Where nothing joined. */
  drift: driftReportSchema.nullable(),
  notices: z.array(noticeSchema),
});
export type SkewReport = z.infer<typeof skewReportSchema>;
export type SkewColumn = SkewReport['columns'][number];
