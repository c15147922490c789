import { z } from 'zod';
import { verdictSchema } from '../verdict/verdict.ts';

/** none: nothing to tell; shift: real, and small; drift: real, and large enough to act on. */
export const levels = ['none', 'shift', 'drift'] as const;
export const levelSchema = z.enum(levels);
export type Level = z.infer<typeof levelSchema>;

const count = z.number().int().nonnegative();
const sides = z.strictObject({ reference: count, current: count });
/** A bin or category, and the shares of its rows: what carries the change. */
const movedSchema = z.strictObject({ where: z.string(), reference: z.number(), current: z.number() });

export const driftColumnSchema = z.strictObject({
  column: z.string(),
  /** numeric: compared by order; categorical: by equality. */
  type: z.enum(['numeric', 'categorical', 'text', 'time']),
  /** `default`, or the named method; what was tested stands in `test`. */
  method: z.string(),
  /** Of the default: the effect. Of a named method: its own statistic, distance or p-value; null where it doesn't apply. */
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  /** Share of rows that would have to move: D for numbers, TV for categories; null where nothing could be compared. */
  effect: z.number().nullable(),
  /** Dispersion learnt from the reference's own windows; 1: rows assumed independent. */
  phi: z.number(),
  pValue: z.number().nullable(),
  adjustedP: z.number().nullable(),
  level: levelSchema,
  drifted: z.boolean(),
  /** Why nothing was tested: not-enough-data, all-missing, constant, type-changed, missing-column, does-not-apply …; null where it was. */
  notTested: z.string().nullable(),
  /** exact: of every row; bounded: of a profile's buckets, at most `bound` away; sampled: of some rows. */
  exactness: z.enum(['exact', 'bounded', 'sampled']),
  bound: z.number().nullable(),
  /** Rows with a value. */
  n: sides,
  /** Largest changes first, at most eight. */
  moved: z.array(movedSchema),
  /** The model's permutation importance of this column, where it is known. */
  importance: z.number().nullable(),
  /** Both distributions over the same bins or categories, as shares, for people: at most 40. */
  shape: z.strictObject({ labels: z.array(z.string()), reference: z.array(z.number()), current: z.array(z.number()) }).nullable(),
  /** Shown, never decides: psi, w1 (over the reference's robust spread), mean and missing share of both sides … */
  shown: z.record(z.string(), z.number().nullable()),
});
export type DriftColumn = z.infer<typeof driftColumnSchema>;

export const driftFindingSchema = z.strictObject({
  kind: z.enum([
    'missingness',
    'unseen',
    'vanished',
    'range',
    'type',
    'missing-column',
    'new-column',
    'constant',
    'staleness',
    'not-enough-data',
  ]),
  column: z.string(),
  level: levelSchema,
  effect: z.number().nullable(),
  pValue: z.number().nullable(),
  adjustedP: z.number().nullable(),
  /** One sentence; holds no data value unless privacy allows it. */
  message: z.string(),
});
export type DriftFinding = z.infer<typeof driftFindingSchema>;

/** Where the change is: rows with these values, and what changes without them. */
export const driftSegmentSchema = z.strictObject({
  where: z
    .array(z.strictObject({ column: z.string(), value: z.string() }))
    .min(1)
    .max(2),
  column: z.string(),
  rows: sides,
  effect: z.number(),
  adjustedP: z.number().nullable(),
  /** Share of the column's change that this segment accounts for. */
  explains: z.number().nullable(),
});
export type DriftSegment = z.infer<typeof driftSegmentSchema>;

export const driftWindowSchema = z.strictObject({
  start: z.string(),
  end: z.string(),
  rows: count,
  /** Of this window alone, before k of m. */
  level: levelSchema,
  columns: z.array(
    z.strictObject({ column: z.string(), effect: z.number().nullable(), adjustedP: z.number().nullable(), level: levelSchema }),
  ),
});
export type DriftWindow = z.infer<typeof driftWindowSchema>;

/** `weighin drift --json`: what moved between two tables. */
export const driftReportSchema = z.strictObject({
  schema: z.literal('weighin/drift@1'),
  /** fail: an alarm; warn: a shift; inconclusive: nothing could be tested; pass. */
  verdict: verdictSchema,
  headline: z.string(),
  model: z.string().nullable(),
  method: z.string(),
  reference: z.strictObject({ name: z.string(), rows: count, from: z.string().nullable(), to: z.string().nullable() }),
  current: z.strictObject({ name: z.string(), rows: count, from: z.string().nullable(), to: z.string().nullable() }),
  dataset: z.strictObject({
    level: levelSchema,
    /** Share of the compared columns that drifted. */
    share: z.number(),
    drifted: z.boolean(),
    columns: z.strictObject({ compared: count, shift: count, drift: count, notTested: count }),
    /** p-values under Benjamini-Hochberg. */
    family: count,
  }),
  /** Drifted first, then shifted, by what matters (importance · effect). */
  columns: z.array(driftColumnSchema),
  findings: z.array(driftFindingSchema),
  segments: z.array(driftSegmentSchema),
  windows: z.array(driftWindowSchema),
  /** When it began, by the change point over the windows; null where there are none. */
  since: z.string().nullable(),
  agree: z.strictObject({ k: z.number().int(), m: z.number().int() }),
  limits: z.strictObject({ alpha: z.number(), shift: z.number(), alarm: z.number(), shareLimit: z.number().nullable() }),
});
export type DriftReport = z.infer<typeof driftReportSchema>;
