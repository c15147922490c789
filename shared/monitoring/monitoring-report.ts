import { z } from 'zod';
import { driftReportSchema, levelSchema } from '../drift/drift-report.ts';
import { calibrationSchema } from '../production/performance.ts';

/** Why a model would be trained again. */
export const retrainCauses = ['drift', 'performance', 'new-data', 'schedule'] as const;
export const retrainCauseSchema = z.enum(retrainCauses);

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const moment = z.iso.datetime();

/**
 * From the first window that alarmed until `m` windows in a row did not: what an issue is about, and what is retrained once.
 * Its id is a fact of the windows, so a run that is repeated finds the same.
 */
export const episodeSchema = z.strictObject({
  /** `<model>/<stage>/<kind>/<start of the first window>`. */
  id: z.string().max(300),
  kind: z.enum(['drift', 'performance']),
  since: moment,
  /** Null while it goes on. */
  until: moment.nullable(),
  level: levelSchema,
  /** One sentence, without data values. */
  headline: z.string().max(500),
});
export type Episode = z.infer<typeof episodeSchema>;

/**
 * `monitoring.json`, what a scheduled run leaves as an artifact of the default branch: the bot opens, updates and closes issues by it and
 * starts retraining. It holds no data value unless privacy allows it.
 */
export const monitoringReportSchema = z.strictObject({
  schema: z.literal('weighin/monitoring@1'),
  model: name,
  stage: name,
  /** Version that the stage ran when the run began, where it is known. */
  version: z.string().nullable(),
  createdAt: moment,
  window: z.strictObject({ start: moment, end: moment, rows: z.number().int().nonnegative() }).nullable(),
  /** The newest window against the reference profile, after k of m; null where there was no data. */
  drift: driftReportSchema.nullable(),
  /** Realised metrics of the newest window with labels; null without labels. */
  performance: z
    .strictObject({
      window: z.strictObject({ start: moment, end: moment }),
      metric: z.string(),
      value: z.number().nullable(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      reference: z.number().nullable(),
      n: z.number().int().nonnegative(),
      level: levelSchema,
      /** Whether as many positives come as the scores promise; of probabilities alone. */
      calibration: calibrationSchema.nullable().optional(),
      /** When the metric changed, by the change point over the windows; null where it did not. */
      since: moment.nullable().optional(),
    })
    .nullable(),
  /** Open ones, and the newest that ended: whoever missed a run still hears of it. Oldest first. */
  episodes: z.array(episodeSchema),
  /** What the model's `retrain.on` asks for now. Cooldown and once-an-episode are the bot's to keep. */
  retrain: z
    .strictObject({
      cause: retrainCauseSchema,
      /** Episode id, data digest or schedule moment: one retraining each. */
      key: z.string().max(300),
      reason: z.string().max(500),
    })
    .nullable(),
});
export type MonitoringReport = z.infer<typeof monitoringReportSchema>;
