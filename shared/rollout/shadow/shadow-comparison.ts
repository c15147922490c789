import { z } from 'zod';
import { noticeSchema } from '../../verdict/notice.ts';

const count = z.int().nonnegative();
const share = z.number().gte(0).lte(1);
const interval = z.strictObject({ low: share, high: share, level: share, method: z.literal('clopper-pearson') });
/** Of one arm's answers to the compared requests, milliseconds. */
const latency = z.strictObject({ mean: z.number(), p50: z.number(), p95: z.number(), p99: z.number() });

/** `weighin rollout compare --json`: what a candidate that nobody was answered by said to the requests that stable answered. Holds no value of the data. */
export const shadowComparisonSchema = z.strictObject({
  schema: z.literal('weighin/shadow@1'),
  /** promote: they differ in no more than the limit, by the upper bound. keep: shown to differ in more, or not shown. */
  recommends: z.enum(['promote', 'keep']),
  verdict: z.enum(['pass', 'inconclusive', 'fail']),
  /** One sentence: the numbers. */
  why: z.string(),
  model: z.string(),
  stable: z.string(),
  candidate: z.string(),
  log: z.strictObject({ source: z.string(), files: count, from: z.string().nullable(), to: z.string().nullable() }),
  rows: z.strictObject({
    /** Answers of each, one a request. */
    stable: count,
    candidate: count,
    /** Requests that both answered, and that are compared. */
    compared: count,
    /** Of both, but left out: a fallback answered one; one has no answer. */
    degraded: count,
    unanswered: count,
    /** Answers whose id the other never answered. */
    stableAlone: count,
    candidateAlone: count,
    /** Of `stableAlone`, those while the candidate was being asked: it failed, was late, or too far behind. */
    missed: count,
    /** Answers beyond the first of an id, and lines that break the schema: of the whole log. */
    repeated: count,
    broken: count,
  }),
  disagreement: z.strictObject({
    rows: count,
    share: share.nullable(),
    interval: interval.nullable(),
    limit: share,
    /** Scores that differ by more than this are another answer; null: another label is. */
    tolerance: z.number().nullable(),
  }),
  /** Candidate − stable, of requests that both gave a score; null where none did. */
  scores: z
    .strictObject({
      rows: count,
      mean: z.number(),
      meanAbsolute: z.number(),
      quantiles: z.array(z.strictObject({ share, difference: z.number() })),
      beyond: z.strictObject({ difference: z.number(), rows: count, share }),
    })
    .nullable(),
  latency: z.strictObject({ stable: latency, candidate: latency }).nullable(),
  notices: z.array(noticeSchema),
});
export type ShadowComparison = z.infer<typeof shadowComparisonSchema>;
