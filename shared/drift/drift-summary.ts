import { z } from 'zod';
import { type DriftReport, levelSchema } from './drift-report.ts';

const count = z.number().int().nonnegative();

/** What a model's report keeps of a drift report: enough for a comment; the rest is `drift.json` beside it. */
export const driftSummarySchema = z.strictObject({
  level: levelSchema,
  /** The report in one sentence of prose, names in backticks. */
  sentence: z.string(),
  /** What it is compared with: `training of production v11`. */
  against: z.string(),
  columns: z.strictObject({ compared: count, shift: count, drift: count, notTested: count }),
  /** Those that moved, what matters most first; at most twenty. */
  moved: z.array(
    z.strictObject({ column: z.string(), level: levelSchema, effect: z.number().nullable(), adjustedP: z.number().nullable() }),
  ),
});
export type DriftSummary = z.infer<typeof driftSummarySchema>;

const mostMoved = 20;

export const summarizeDrift = (report: DriftReport, sentence: string): DriftSummary => ({
  level: report.dataset.level,
  sentence,
  against: report.reference.name,
  columns: report.dataset.columns,
  moved: report.columns
    .filter(({ level }) => level !== 'none')
    .slice(0, mostMoved)
    .map(({ column, level, effect, adjustedP }) => ({ column, level, effect, adjustedP })),
});
