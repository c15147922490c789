import { z } from 'zod';
import { levelSchema } from '../drift/drift-report.ts';
import { metricResultSchema } from '../evaluation/evaluation-result.ts';
import { noticeSchema } from '../verdict/notice.ts';
import { verdictSchema } from '../verdict/verdict.ts';

const count = z.number().int().nonnegative();
const interval = z.strictObject({ low: z.number(), high: z.number() });

/** Probabilities against what came true. */
export const calibrationSchema = z.strictObject({
  /** Positives that the scores promised, and those that came. */
  expected: z.number(),
  observed: count,
  /** observed / expected with its interval; null where nothing was promised. */
  ratio: z.number().nullable(),
  interval: interval.nullable(),
  /** Two-sided, of "as many come as are promised": z of the Poisson-binomial count. */
  pValue: z.number().nullable(),
  /** Murphy's parts of the Brier score over ten bins: brier ≈ reliability − resolution + uncertainty. */
  reliability: z.number(),
  resolution: z.number(),
  uncertainty: z.number(),
  level: levelSchema,
});
export type Calibration = z.infer<typeof calibrationSchema>;

const windowMetricSchema = z.strictObject({
  name: z.string(),
  value: z.number().nullable(),
  interval: interval.nullable(),
  method: z.string().nullable(),
  n: count,
  positives: count.nullable(),
  greaterIsBetter: z.boolean().nullable(),
  unit: metricResultSchema.shape.unit,
  /** What it is held against; null without a reference. */
  reference: z.number().nullable(),
  /** Value − reference, and the interval of that difference. */
  delta: z.number().nullable(),
  deltaInterval: interval.nullable(),
  level: levelSchema,
  /** Of this window alone, before k of m. */
  windowLevel: levelSchema,
  note: z.string().nullable(),
});
export type WindowMetric = z.infer<typeof windowMetricSchema>;

export const performanceWindowSchema = z.strictObject({
  /** ISO 8601 in UTC. */
  start: z.string(),
  end: z.string(),
  /** Answers that were given in it, by the model; those of fallbacks are in `degraded`. */
  rows: count,
  degraded: count,
  /** Answers whose truth is known and that metrics are computed from. */
  labelled: count,
  metrics: z.array(windowMetricSchema),
  calibration: calibrationSchema.nullable(),
});
export type PerformanceWindow = z.infer<typeof performanceWindowSchema>;

/** How a model did in production, as far as labels have come. */
export const performanceSchema = z.strictObject({
  schema: z.literal('weighin/performance@1'),
  model: z.string().nullable(),
  /** Of the newest window with labels enough, by the metric that decides. */
  verdict: verdictSchema,
  level: levelSchema,
  headline: z.string(),
  /** The metric that decides. */
  metric: z.string(),
  /** Two-sided; .90 is one-sided .05. */
  confidence: z.number(),
  reference: z.strictObject({
    kind: z.enum(['evaluation', 'windows', 'none']),
    /** Windows that it was learnt from; 0 for an evaluation. */
    windows: count,
    value: z.number().nullable(),
    /** Of an evaluation: its interval; of windows: where a next window is expected. */
    interval: interval.nullable(),
  }),
  /** How far below the reference all of the interval must lie to be drift, on the metric's own scale. */
  margin: z.number().nullable(),
  agree: z.strictObject({ k: z.number().int(), m: z.number().int() }),
  windows: z.array(performanceWindowSchema),
  /** Start of the window with which it began; null where nothing did. */
  since: z.string().nullable(),
  notices: z.array(noticeSchema),
});
export type Performance = z.infer<typeof performanceSchema>;
