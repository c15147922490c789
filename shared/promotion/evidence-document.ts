import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';

const run = z.strictObject({ id: z.number().int().positive(), attempt: z.number().int().positive() });

/**
 * `evidence.json` of a weigh run, `weighin/evidence@1`: what was weighed, for whom, by which run. It travels with `report.json` (and
 * `version.json` where a version was born) in the artifact `weighin-evidence-<model>-<attempt>`, each file below `<model>/`.
 * Whoever reads it proves it first: the run's path, event, branch and the artifact's digest, or the attestation.
 */
export const evidenceDocumentSchema = z.strictObject({
  schema: z.literal('weighin/evidence@1'),
  /** pull: a pull request's candidate; register: the default branch's, which became a version; promote: a version again, for a promotion. */
  purpose: z.enum(['pull', 'register', 'promote']),
  model: entryName,
  /** The model's bytes. */
  subject: digestSchema,
  /** The pull request whose head was weighed, as the API maps run to PR; null for the other purposes. */
  pull: z.number().int().positive().nullable(),
  headSha: z.string().regex(/^[0-9a-f]{40}$/),
  /** The run of the weigh workflow itself. */
  run,
  /** The pull request's own run, whose model was weighed. */
  claimedRun: run.nullable(),
  /** `<model>.<stage>.<generation>` for which a version was weighed again. */
  promotion: z.string().nullable(),
  version: z.strictObject({ number: z.number().int().positive(), record: digestSchema }).nullable(),
  /** Of report.json's bytes, and of its decision core. */
  report: digestSchema,
  decision: digestSchema,
});
export type EvidenceDocument = z.infer<typeof evidenceDocumentSchema>;

/** Workflow files that the suite trusts by their path on the default branch. */
export const weighWorkflow = '.github/workflows/weighin-weigh.yml';
export const claimWorkflow = '.github/workflows/weighin.yml';
export const botWorkflow = '.github/workflows/weighin-bot.yml';
export const monitorWorkflow = '.github/workflows/weighin-monitor.yml';
export const evidenceArtifact = (model: string, attempt: number) => `weighin-evidence-${model}-${attempt}`;

/** `repository_dispatch` event types and their payloads' schema names. */
export const weighDispatch = 'weighin-weigh';
export const rolloutDispatch = 'weighin-rollout';
export const retrainDispatch = 'weighin-retrain';

/** Payload of `weighin-weigh` for a promotion; for `/weighin run`, `promotion` is null and `headSha` names what to weigh. */
export const weighRequestSchema = z.strictObject({
  schema: z.literal('weighin/weigh@1'),
  model: entryName.nullable(),
  promotion: z.string().nullable(),
  version: z.number().int().positive().nullable(),
  pull: z.number().int().positive().nullable(),
  headSha: z.string().nullable(),
});
export type WeighRequest = z.infer<typeof weighRequestSchema>;
