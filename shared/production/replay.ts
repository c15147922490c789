import { z } from 'zod';
import { gateResultSchema, metricResultSchema } from '../evaluation/evaluation-result.ts';
import { noticeSchema } from '../verdict/notice.ts';
import { verdictSchema } from '../verdict/verdict.ts';

const count = z.number().int().nonnegative();
const interval = z.strictObject({ low: z.number(), high: z.number(), level: z.number(), method: z.string() });

/** `weighin evaluate --replay --json`: what the candidate would have answered to real traffic, beside what production did answer. */
export const replaySchema = z.strictObject({
  schema: z.literal('weighin/replay@1'),
  /** Of the gates on the rows whose label came; inconclusive where none did. */
  verdict: verdictSchema,
  headline: z.string(),
  model: z.string(),
  task: z.enum(['binary', 'multiclass', 'regression']),
  /** sha256 of the candidate's file. */
  candidate: z.string(),
  log: z.strictObject({
    source: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    /** Who answered what was replayed. */
    answered: z.array(z.strictObject({ version: z.string(), variant: z.string().nullable(), rows: count })),
  }),
  rows: z.strictObject({
    replayed: count,
    /** Whose truth is known and that the candidate was not trained on: metrics and gates are of these. */
    labelled: count,
    /** Left out: answered by a fallback; a shadow's; features that lack an input of the candidate; no answer of production; beyond maxRows. */
    degraded: count,
    shadow: count,
    incomplete: count,
    unanswered: count,
    beyondMaximum: count,
  }),
  /** Answers that are the same decision for both; null for numbers without decisions. */
  agreement: z.strictObject({ rows: count, share: z.number(), interval: interval.nullable() }).nullable(),
  /** Decisions that would change, most rows first. */
  moved: z.array(z.strictObject({ from: z.string(), to: z.string(), rows: count, share: z.number() })),
  /** Of scores or numbers; null where the model answers classes. Candidate − production. */
  scores: z
    .strictObject({
      meanProduction: z.number(),
      meanCandidate: z.number(),
      meanDifference: z.number(),
      interval: interval.nullable(),
      meanAbsoluteDifference: z.number(),
      quantiles: z.array(z.strictObject({ share: z.number(), production: z.number(), candidate: z.number() })),
      /** Kolmogorov and Smirnov's largest difference of the two distributions; p as for independent rows, hence on the safe side. */
      d: z.number(),
      pValue: z.number(),
    })
    .nullable(),
  /** On the labelled rows: value is the candidate's, baseline production's. */
  metrics: z.array(metricResultSchema),
  gates: z.array(gateResultSchema),
  notices: z.array(noticeSchema),
});
export type Replay = z.infer<typeof replaySchema>;
