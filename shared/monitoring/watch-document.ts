import { z } from 'zod';
import { driftWindowSchema, levelSchema } from '../drift/drift-report.ts';
import { episodeSchema, monitoringReportSchema, retrainCauseSchema } from './monitoring-report.ts';

const moment = z.iso.datetime();

/** One retraining: claimed before it is dispatched, so that two bots never start it twice. */
const retrainingSchema = z.strictObject({
  key: z.string(),
  cause: retrainCauseSchema,
  reason: z.string(),
  at: moment,
  /** `claimed`: somebody is about to dispatch it. */
  state: z.enum(['claimed', 'dispatched']),
});
export type Retraining = z.infer<typeof retrainingSchema>;

const watchedEpisodeSchema = episodeSchema.extend({
  /** Null until it is opened. */
  issue: z.number().int().positive().nullable(),
  /** Whether the bot closed it: once, so that a person may open it again. */
  closed: z.boolean(),
});
export type WatchedEpisode = z.infer<typeof watchedEpisodeSchema>;

/**
 * `weighin/state:monitoring/<model>/<stage>.json`, `weighin/watch@1`: what scheduled runs reported of a model in production, and what the
 * bot did about it. The numbers themselves are in the store; this is what issues, `/drift` and promotions show.
 */
export const watchDocumentSchema = z.strictObject({
  schema: z.literal('weighin/watch@1'),
  model: z.string(),
  stage: z.string(),
  /** The newest run that was taken in: an older one that is told late changes nothing. */
  run: z.strictObject({ id: z.number().int().positive(), attempt: z.number().int().positive(), url: z.string() }),
  at: moment,
  version: z.string().nullable(),
  drift: z
    .strictObject({
      level: levelSchema,
      headline: z.string(),
      window: z.strictObject({ start: moment, end: moment, rows: z.number().int().nonnegative() }).nullable(),
      since: z.string().nullable(),
      compared: z.number().int().nonnegative(),
      /** Those that moved, at most twenty. */
      columns: z.array(
        z.strictObject({ column: z.string(), level: levelSchema, effect: z.number().nullable(), adjustedP: z.number().nullable() }),
      ),
      windows: z.array(driftWindowSchema.pick({ start: true, end: true, rows: true, level: true })),
    })
    .nullable(),
  performance: monitoringReportSchema.shape.performance,
  /** Newest last, at most twenty. */
  episodes: z.array(watchedEpisodeSchema),
  /** Newest last, at most fifty. */
  retrainings: z.array(retrainingSchema),
  /** What was wished and not started, for the issue to say so. */
  waiting: z.strictObject({ cause: retrainCauseSchema, reason: z.string(), until: moment }).nullable(),
});
export type WatchDocument = z.infer<typeof watchDocumentSchema>;
