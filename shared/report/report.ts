import { z } from 'zod';
import { contractResultSchema } from '../contract/contract-result.ts';
import { datasetManifestSchema, digestSchema } from '../dataset/manifest.ts';
import { driftSummarySchema } from '../drift/drift-summary.ts';
import { evaluationResultSchema, gateResultSchema } from '../evaluation/evaluation-result.ts';
import { testResultSchema, trainingResultSchema } from '../training/training-result.ts';
import { noticeSchema } from '../verdict/notice.ts';
import { verdictSchema } from '../verdict/verdict.ts';

/** `report.json`: everything that a run found about one model. Canonical JSON (RFC 8785), so it has a digest. */
export const reportSchema = z.strictObject({
  schema: z.literal('weighin/report@1'),
  model: z.string(),
  task: z.string(),
  /** claimed: made where code of the change ran; measured: made by the weigh run. */
  evidence: z.enum(['claimed', 'measured']),
  verdict: verdictSchema,
  /** Whether the verdict stops the job: never with `mode: advise`. */
  blocks: z.boolean(),
  mode: z.enum(['advise', 'enforce']),
  /** The sentence of the headline, without the model's name or a mark: `stopped. roc_auc fell by 6.1 points`. */
  headline: z.string(),
  /** One sentence that says why, and one that says what to do next. */
  why: z.string(),
  next: z.string(),
  createdAt: z.string(),
  source: z.strictObject({
    repository: z.string().nullable(),
    commit: z.string().nullable(),
    /** Commit with uncommitted changes beside it. */
    dirty: z.boolean(),
    pull: z.number().int().nullable(),
    changed: z.array(z.string()),
  }),
  policy: z.strictObject({ digest: digestSchema, file: z.string() }),
  /** Of everything that decides what a run finds (config entry, code, contract, data): the same digest, the same result. */
  inputs: digestSchema,
  contract: contractResultSchema.nullable(),
  tests: z.array(testResultSchema),
  dataset: datasetManifestSchema.nullable(),
  training: trainingResultSchema.nullable(),
  evaluation: evaluationResultSchema.nullable(),
  /** Of the training rows against those of the baseline's version; null where there is nothing to compare with. */
  drift: driftSummarySchema.nullable().optional(),
  /** Every gate of the run in one list: contract, tests, baseline, metrics, card. The verdict is the worst of them. */
  gates: z.array(gateResultSchema),
  card: z.strictObject({ file: z.string(), missing: z.array(z.string()) }).nullable(),
  notices: z.array(noticeSchema),
  runtime: z.strictObject({ weighin: z.string(), node: z.string(), platform: z.string(), seconds: z.number() }),
  /** Digest of subject, dataset, split, gate outcomes and policy: the same decision on another machine has the same one. */
  decisionDigest: digestSchema,
});
export type Report = z.infer<typeof reportSchema>;
