import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';
import { modelFormatSchema } from '../training/training-result.ts';
import { verdictSchema } from '../verdict/verdict.ts';

/** 0: somebody whom no account here is known for. */
const accountId = z.number().int().nonnegative();

/**
 * `models/<model>/versions/<N>.json`: an immutable entry of a model's history, `weighin/version@1`.
 * What the surroundings cannot say is null, never left out and never a guess: a laptop has no repository id, a model that was
 * adopted no training.
 */
export const versionRecordSchema = z.strictObject({
  schema: z.literal('weighin/version@1'),
  model: entryName,
  number: z.number().int().positive(),
  /** When the version was born, ISO 8601 in UTC. */
  createdAt: z.iso.datetime(),
  /** claimed: made where code of a change ran; measured: made by the weigh run of the default branch. */
  trust: z.enum(['claimed', 'measured']),
  /** The model's bytes: the blob under `digest`. */
  subject: z.strictObject({
    digest: digestSchema,
    bytes: z.number().int().nonnegative(),
    format: modelFormatSchema,
    opset: z.number().int().nullable(),
    /** Of the JCS of inputs and outputs. */
    signature: digestSchema.nullable(),
  }),
  source: z.strictObject({
    repositoryId: z.number().int().positive().nullable(),
    /** `owner/name`. */
    repository: z.string().nullable(),
    commit: z.string().nullable(),
    base: z.string().nullable(),
    tree: z.string().nullable(),
    pull: z.number().int().positive().nullable(),
    /** Account ids: they decide, logins are display. */
    authors: z.array(accountId),
    actors: z.array(accountId),
    /** Whose word it is: `actions`, `laptop`, `adopted`, or the name of another scheduler. */
    builder: z.string().min(1),
  }),
  training: z
    .strictObject({
      command: z.string().nullable(),
      /** A built-in trainer's name, where there was no command. */
      trainer: z.string().nullable().optional(),
      params: digestSchema.nullable(),
      seed: z.number().int().nullable(),
      environment: digestSchema.nullable(),
    })
    .nullable(),
  dataset: z
    .strictObject({
      digest: digestSchema,
      contract: digestSchema.nullable(),
      split: digestSchema.nullable(),
      heldout: z.boolean(),
    })
    .nullable(),
  evaluation: z
    .strictObject({
      /** The blob that holds report.json. */
      report: digestSchema,
      decision: digestSchema,
      policy: digestSchema,
      baseline: digestSchema.nullable(),
      verdict: verdictSchema,
    })
    .nullable(),
  attestation: z
    .strictObject({
      bundle: digestSchema,
      signer: z.string(),
      run: z.strictObject({ id: z.number().int(), attempt: z.number().int() }),
    })
    .nullable(),
});
export type VersionRecord = z.infer<typeof versionRecordSchema>;

/** A version before it has its number. */
export type VersionDraft = Omit<VersionRecord, 'schema' | 'number'>;
