import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const predictionLogSchemaName = 'weighin/prediction@1';

/**
 * One answer of a model in production, `weighin/prediction@1`: a line of JSON, or a row of Parquet with the same columns and `features`
 * as a STRUCT. Whoever serves writes it; monitoring, skew, replay, shadow and A/B read it.
 */
export const predictionSchema = z.strictObject({
  /** Names the request; a label that comes later carries the same. Unique within the log for one variant: a shadow answers the same request. */
  id: z.string().min(1),
  /** When it was answered, ISO 8601 with seconds and with an offset or `Z`. */
  time: z.iso.datetime({ offset: true }).regex(/T\d\d:\d\d:\d\d/),
  model: z.string().min(1),
  /** `v12`. */
  version: z.string().regex(/^v[1-9]\d*$/),
  /** Arm of a rollout or experiment: stable, candidate, control, treatment, shadow …; null where there is one. */
  variant: z.string().nullable().default(null),
  /** What the model was asked, by the name of its input. */
  features: z.record(z.string(), value),
  /** The positive class's probability, or the predicted number; null where the model gives a label alone. */
  score: z.number().nullable(),
  /** The label or number that was answered. */
  prediction: value,
  /** From the request's arrival to its answer, in milliseconds. */
  latency_ms: z.number().nonnegative(),
  /** Answered by a fallback, not by the model. */
  degraded: z.boolean().default(false),
  /** What turned out to be true, where it is known already. */
  label: value.optional(),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** Columns of a log beside `features`, in the schema's order. */
export const logFields = [
  'id',
  'time',
  'model',
  'version',
  'variant',
  'features',
  'score',
  'prediction',
  'latency_ms',
  'degraded',
  'label',
] as const;
export type LogField = (typeof logFields)[number];

/** Those that may be left out. */
export const optionalFields: readonly LogField[] = ['variant', 'degraded', 'label'];
