import { z } from 'zod';
import { verdictSchema } from '../verdict/verdict.ts';
import { brokenRules, warnedRules } from './log-rule.ts';

const count = z.number().int().nonnegative();

/** `weighin logs check --json`: whether a prediction log keeps its schema. Holds places, counts and names, never a value. */
export const logCheckSchema = z.strictObject({
  schema: z.literal('weighin/log-check@1'),
  /** fail: lines that readers leave out, or ids that repeat; warn: what is read, and should be mended; pass. */
  verdict: verdictSchema,
  headline: z.string(),
  log: z.string(),
  format: z.enum(['json', 'parquet']),
  files: z.array(z.string()),
  /** Blank lines are not counted. */
  rows: count,
  /** Of the lines that keep the schema; ISO 8601 in UTC. */
  from: z.string().nullable(),
  to: z.string().nullable(),
  findings: z.array(
    z.strictObject({
      rule: z.enum([...brokenRules, ...warnedRules, 'repeated-id', 'future-time', 'score-range']),
      field: z.string().nullable(),
      severity: z.enum(['fail', 'warn']),
      rows: count,
      /** The first of them; lines count from 1 in each file, rows in Parquet. */
      first: z.array(z.strictObject({ file: z.string(), line: z.number().int().positive() })),
      message: z.string(),
    }),
  ),
  /** Who answered, most answers first; at most 1,000. */
  answered: z.array(z.strictObject({ model: z.string(), version: z.string(), variant: z.string().nullable(), rows: count })),
  /** UTC days, ascending; at most 3,660. */
  days: z.array(z.strictObject({ day: z.string(), rows: count })),
  labelled: count,
  degraded: count,
  withoutScore: count,
  features: z.array(z.strictObject({ name: z.string(), type: z.string(), missing: count })),
});
export type LogCheck = z.infer<typeof logCheckSchema>;
export type LogFinding = LogCheck['findings'][number];
