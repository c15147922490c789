import { z } from 'zod';
import { entryName } from '../../config/schema-parts.ts';
import { columnTypes, digestSchema } from '../../dataset/manifest.ts';
import { UserError } from '../../errors.ts';
import { modelFormatSchema } from '../../training/training-result.ts';
import { verdictSchema } from '../../verdict/verdict.ts';

/**
 * What the jobs of a weigh run hand to each other, as files in artifacts. A job believes nothing of them that it can find for itself, and
 * the task only by the digest that the resolving job gave as an output, which no other job can write.
 */
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const account = z.number().int().nonnegative();
const run = z.strictObject({ id: account, attempt: account });
/** A plain name: it is joined to a folder. */
export const fileName = z.string().regex(/^[\w-][\w.-]{0,99}$/);
const modelFile = z.strictObject({ file: fileName, digest: digestSchema, bytes: z.number().int().nonnegative() });

/** `task.json`: what is weighed, for whom. */
export const weighTaskSchema = z.strictObject({
  schema: z.literal('weighin/weigh-task@1'),
  purpose: z.enum(['pull', 'register', 'promote']),
  model: entryName,
  repositoryId: account,
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  defaultBranch: z.string().min(1),
  /** The configuration's path from the top of the repository. */
  config: z.string().min(1),
  /** Where the default branch stood: its policy judges. */
  policyCommit: commit,
  /** null where a version is weighed again: its record says of which commit it was made. */
  headSha: commit.nullable(),
  base: commit.nullable(),
  pull: account.nullable(),
  claimedRun: run.nullable(),
  promotion: z.string().nullable(),
  stage: entryName.nullable(),
  version: account.nullable(),
  /** As the artifact of the claimed run held it; lies beside the task. */
  candidate: modelFile.nullable(),
  /** Bytes that were measured of the same inputs before come first: a retraining is asked for new ones. */
  reuse: z.boolean(),
  authors: z.array(account),
  actors: z.array(account),
  changed: z.array(z.string()).max(100),
});
export type WeighTask = z.infer<typeof weighTaskSchema>;

/** `rows.json`, beside `rows.parquet`: what a model is asked, without the answers. */
export const weighRowsSchema = z.strictObject({
  schema: z.literal('weighin/weigh-rows@1'),
  model: entryName,
  task: z.enum(['binary', 'multiclass', 'regression']),
  format: modelFormatSchema,
  score: z.string().nullable(),
  positive: z.string().nullable(),
  features: z.array(z.strictObject({ name: z.string(), type: z.enum(columnTypes) })),
  /** `format: command`. */
  predict: z.string().nullable(),
  setup: z.string().nullable(),
  /** Of the configuration in the repository, '' at the top: where the command runs. */
  folder: z.string(),
  testDigest: digestSchema,
  rows: z.number().int().positive(),
  seed: z.number().int(),
  candidate: modelFile,
  baseline: modelFile.nullable(),
});
export type WeighRows = z.infer<typeof weighRowsSchema>;

export const sides = ['candidate', 'baseline'] as const;
export type Side = (typeof sides)[number];

/** `predictions.json` of one side; numbers lie beside it as little-endian doubles. Written where a model ran: nothing of it is believed. */
export const predictionsSchema = z.strictObject({
  schema: z.literal('weighin/predictions@1'),
  side: z.enum(sides),
  subject: digestSchema,
  testDigest: digestSchema,
  answer: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('scores'),
      dtype: z.enum(['float32', 'float64']),
      seconds: z.number().nonnegative(),
      /** Whether calls were timed: `latency-candidate.f64` and, with a baseline, `latency-baseline.f64`. */
      timed: z.boolean(),
      /** Permutation importance by column, of ONNX candidates. */
      importance: z.record(z.string(), z.number().nonnegative()).nullable().optional(),
    }),
    z.strictObject({ kind: z.literal('error'), code: z.string().regex(/^[A-Z][A-Z_]{2,60}$/), message: z.string().max(4_000) }),
  ]),
});
export type Predicted = z.infer<typeof predictionsSchema>;

/** `judged.json`, beside `report.json`. */
export const judgedSchema = z.strictObject({
  schema: z.literal('weighin/judged@1'),
  /** Digest of the task's bytes. */
  task: digestSchema,
  model: entryName,
  verdict: verdictSchema,
  headSha: commit,
  tree: commit,
  subject: modelFile,
  /** artifact: of the claimed run. measured: bytes that were measured for a pull request. version: a version's own. */
  origin: z.enum(['artifact', 'measured', 'version']),
  inputs: digestSchema,
  report: digestSchema,
  decision: digestSchema,
  testDigest: digestSchema.nullable(),
  version: z.strictObject({ number: account, record: digestSchema }).nullable(),
  /** Of the pull request whose bytes they are, where `origin` is measured. */
  pull: account.nullable(),
  base: commit.nullable(),
  authors: z.array(account),
  actors: z.array(account),
});
export type Judged = z.infer<typeof judgedSchema>;

/** A document of an earlier job. @throws UserError WEIGH_FILE_INVALID */
export function readWeighDocument<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema, name: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    throw new UserError(
      'WEIGH_FILE_INVALID',
      `${name} is not what this version of Weighin writes.`,
      'Run the whole workflow again, all of its jobs with one version.',
    );
  }
}
