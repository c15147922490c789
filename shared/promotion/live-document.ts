import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';
import { personSchema } from './event-document.ts';

const version = z.strictObject({ number: z.number().int().positive(), digest: digestSchema });

export const holdSchema = z.strictObject({
  /** The event that placed it. */
  id: digestSchema,
  /** Only this model's bytes; null holds the stage whatever the version. */
  digest: digestSchema.nullable(),
  reason: z.string(),
  by: personSchema,
  at: z.iso.datetime(),
  /** Ends by itself; null only ends by `/weighin unhold`. */
  until: z.iso.datetime().nullable(),
});
export type Hold = z.infer<typeof holdSchema>;

/**
 * Phases of what runs: `idle` (nothing was ever started), `pending` (handed over, not begun), rollout phases of the engine, and the
 * terminal ones. A phase that is not terminal is the stage's lock: there is no lock object.
 */
export const phases = [
  'idle',
  'pending',
  'shifting',
  'verifying',
  'analysing',
  'promoting',
  'paused',
  'rolling-back',
  'succeeded',
  'rolled-back',
  'superseded',
  'failed',
] as const;
export type Phase = (typeof phases)[number];
export const terminalPhases: readonly Phase[] = ['idle', 'succeeded', 'rolled-back', 'superseded', 'failed'];

/** `weighin/state:live/<model>/<stage>.json`, `weighin/live@1`: what runs now, as far as the bot made it so. */
export const liveDocumentSchema = z.strictObject({
  schema: z.literal('weighin/live@1'),
  model: entryName,
  stage: entryName,
  /** Of the stage file that this follows; 0 before the first. */
  generation: z.number().int().nonnegative(),
  /** Rises with every write of this file. */
  revision: z.number().int().nonnegative(),
  /** Rises when another process takes over; a stale one's writes lose. */
  fence: z.number().int().nonnegative(),
  rolloutId: z.string().nullable(),
  plan: digestSchema.nullable(),
  strategy: z.string().nullable(),
  phase: z.enum(phases),
  step: z.number().int().nonnegative(),
  stepStartedAt: z.iso.datetime().nullable(),
  guardedSeconds: z.number().nonnegative(),
  pausedBy: personSchema.nullable(),
  stable: version.nullable(),
  candidate: version.nullable(),
  weight: z.strictObject({ desired: z.number(), observed: z.number().nullable(), at: z.iso.datetime().nullable() }).nullable(),
  looks: z.array(z.record(z.string(), z.unknown())),
  guard: z
    .strictObject({
      driver: z.string(),
      owner: z.string().nullable(),
      lastAt: z.iso.datetime().nullable(),
      maxSilenceS: z.number().positive(),
    })
    .nullable(),
  effects: z.array(z.strictObject({ key: z.string(), kind: z.string(), state: z.enum(['wanted', 'done']) })),
  deployment: z.strictObject({ id: z.number().int(), state: z.string() }).nullable(),
  holds: z.array(holdSchema),
  /** Versions that succeeded here, oldest first, at most the last 20; `at` is when. */
  verified: z.array(
    z.strictObject({
      number: z.number().int().positive(),
      digest: digestSchema,
      generation: z.number().int().positive(),
      at: z.iso.datetime(),
    }),
  ),
  /** Digests that were rolled back here and when: a soak begins anew after it. */
  rolledBack: z.array(z.strictObject({ digest: digestSchema, at: z.iso.datetime() })),
  /** What the engine keeps of a rollout that it carries out (`shared/rollout/engine/engine-state.ts`); absent for any other. */
  engine: z.record(z.string(), z.unknown()).optional(),
});
export type LiveDocument = z.infer<typeof liveDocumentSchema>;
