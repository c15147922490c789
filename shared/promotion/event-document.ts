import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';

/**
 * `weighin/state:events/<model>/<stage>/<generation>.jsonl`, one line an event, `weighin/event@1`: what happened to one promotion, in
 * order. Only facts that Git and GitHub don't keep themselves, or that an audit wants beside each other.
 */
export const eventTypes = [
  'promotion.requested',
  'promotion.weighing',
  'promotion.weighed',
  'promotion.planned',
  'promotion.replanned',
  'approval.counted',
  'approval.withdrawn',
  'gate.overridden',
  'promotion.merging',
  'promotion.merged',
  'promotion.started',
  'promotion.refused-at-start',
  'promotion.refused',
  'promotion.withdrawn',
  'promotion.superseded',
  'rollout.began',
  'rollout.advanced',
  'rollout.set',
  'rollout.paused',
  'rollout.resumed',
  'rollout.taken-over',
  'rollout.succeeded',
  'rollout.failed',
  'rollout.rolled-back',
  'rollout.superseded',
  'rollback.requested',
  'rollback.recorded',
  'hold.placed',
  'hold.lifted',
] as const;
export type EventType = (typeof eventTypes)[number];

export const personSchema = z.strictObject({
  id: z.number().int().nonnegative(),
  login: z.string(),
  type: z.enum(['User', 'Bot', 'Organization']),
});

export const eventLineSchema = z.strictObject({
  schema: z.literal('weighin/event@1'),
  /** `sha256(type + "\n" + cause)`: the same fact is the same event, however often it is delivered. */
  id: digestSchema,
  /** `id`-independent digest of the line before it (its JCS bytes); null on the first line. */
  prev: digestSchema.nullable(),
  /** Counts from 1 in its file. */
  seq: z.number().int().positive(),
  /** The forge's time, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  model: entryName,
  stage: entryName,
  /** 0 for what happens to a stage that was never promoted to. */
  generation: z.number().int().nonnegative(),
  /** `<model>.<stage>.<generation>`. */
  promotion: z.string(),
  type: z.enum(eventTypes),
  /** Account ids decide, logins are display. */
  actor: personSchema,
  /** The fact that made it, not the delivery: `comment:<id>:<line>`, `review:<id>:<state>`, `run:<id>:<attempt>`, `merge:<sha>`, `sweep:<what>`. */
  cause: z.string().min(1).max(200),
  data: z.record(z.string(), z.unknown()),
  /** `weighin[bot]/1.0.0`. */
  by: z.string(),
});
export type EventLine = z.infer<typeof eventLineSchema>;
