import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';

const number = z.number().int().positive();
const operation = z.enum(['promote', 'adopt', 'rollback']);

/** What a stage pointed at before. */
const previousSchema = z.strictObject({ number, digest: digestSchema, generation: number });
const rolloutSchema = z.strictObject({ name: entryName, digest: digestSchema });

/** `registry/<model>/stages/<stage>.json`, `weighin/stage@1`: which version a stage should run. */
export const stageDocumentSchema = z.strictObject({
  schema: z.literal('weighin/stage@1'),
  model: entryName,
  stage: entryName,
  /** Rises by exactly 1 with every change, back to an older version too. */
  generation: number,
  operation,
  /** `<model>.<stage>.<generation>`. */
  promotion: z.string(),
  /** `digest` is the model's, `record` that of the version's record. */
  version: z.strictObject({ number, digest: digestSchema, record: digestSchema }),
  previous: previousSchema.nullable(),
  /** Digest of the plan beside it. */
  plan: digestSchema,
  rollout: rolloutSchema.nullable(),
});
export type StageDocument = z.infer<typeof stageDocumentSchema>;

/**
 * `registry/<model>/plans/<stage>-<generation>.json`, `weighin/plan@1`: all that an approval is given to. Its canonical bytes
 * are the file, so the file's digest is the plan's. What only a forge or a later part of the suite knows is null or empty.
 */
export const planDocumentSchema = z.strictObject({
  schema: z.literal('weighin/plan@1'),
  /** The forge's number of the repository; null where the plan was made without one. */
  repositoryId: number.nullable(),
  model: entryName,
  stage: entryName,
  operation,
  generation: number,
  from: previousSchema.nullable(),
  to: z.strictObject({ number, digest: digestSchema }),
  record: digestSchema,
  /** The decision core of the version's report: inputs and gate outcomes, without latency and runtime. Null: never evaluated. */
  evaluation: digestSchema.nullable(),
  /** What weighin.yaml resolves to for this model and stage. */
  policy: digestSchema,
  rollout: rolloutSchema.nullable(),
  /** Where the rollout goes: digest of its `target:`. */
  target: digestSchema.nullable(),
  overrides: z.array(z.unknown()),
});
export type PlanDocument = z.infer<typeof planDocumentSchema>;
