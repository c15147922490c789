import { z } from 'zod';
import { entryName } from '../../config/schema-parts.ts';
import { phases } from '../../promotion/live-document.ts';

const count = z.number().int().nonnegative();
const arm = z.strictObject({ bad: count, total: count });
const bound = z.union([z.number(), z.literal('Infinity')]);

/**
 * What a guard says of itself between the records in Git: `POST /guard` of the bot, for the board and `/weighin status` alone. Nothing is
 * decided by it. Signed as deliveries are: `x-weighin-signature-256: sha256=<HMAC of the body>` with WEIGHIN_GUARD_SECRET.
 */
export const heartbeatSchema = z.strictObject({
  schema: z.literal('weighin/guard@1'),
  /** `acme/churn` */
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  owner: z.string().min(1).max(200),
  at: z.iso.datetime(),
  rollouts: z
    .array(
      z.strictObject({
        rolloutId: z.string().max(200),
        model: entryName,
        stage: entryName,
        phase: z.enum(phases),
        step: z.number().int().nonnegative(),
        weight: z.strictObject({ desired: z.number(), observed: z.number().nullable() }),
        /** Of the step, guarded seconds and how long it is held. */
        held: z.strictObject({ seconds: z.number().nonnegative(), of: z.number().nonnegative() }).nullable(),
        metrics: z
          .array(
            z.strictObject({
              name: z.string().max(60),
              candidate: arm,
              stable: arm,
              limit: z.number().nullable(),
              ratio: bound.nullable(),
              ratioBounds: z.strictObject({ lower: z.number(), upper: bound }).nullable(),
              strength: z.number().nullable(),
              /** Why there are no counts now. */
              missing: z.string().max(200).nullable(),
            }),
          )
          .max(20),
        says: z.string().max(300).nullable(),
      }),
    )
    .max(200),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
