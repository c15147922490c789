import { z } from 'zod';
import { digestSchema } from '../dataset/manifest.ts';
import { noticeSchema } from '../verdict/notice.ts';

export const intervalSchema = z.strictObject({
  low: z.number(),
  high: z.number(),
  /** Two-sided: 0.90 gives two one-sided .05 bounds. */
  level: z.number(),
  /** `tango`, `wilson`, `logit-delong`, `delong`, `newcombe-5`, `paired-t`, `t`, `paired-bca`, `bca`, `paired-percentile`, `percentile`, … */
  method: z.string(),
});
export type Interval = z.infer<typeof intervalSchema>;

/** A metric on its own scale and in its own unit. `interval` is of `delta` where there is a baseline, else of `value`. */
export const metricResultSchema = z.strictObject({
  name: z.string(),
  /** null is *undefined* (one class only, no positives …), with the reason in `note`; never 0 or NaN. */
  value: z.number().nullable(),
  baseline: z.number().nullable(),
  /** candidate − baseline. */
  delta: z.number().nullable(),
  interval: intervalSchema.nullable(),
  /** `region=south`, or null over all rows. */
  slice: z.string().nullable(),
  n: z.number().int(),
  positives: z.number().int().nullable(),
  /** Whether more is better; null where neither is. */
  greaterIsBetter: z.boolean().nullable(),
  unit: z.enum(['share', 'ms', 'bytes', 'count', 'target', 'none']),
  note: z.string().nullable(),
});
export type MetricResult = z.infer<typeof metricResultSchema>;

/** A gate judged: `shared/gate/` makes these, every reader of a report shows them. Scales are the metric's own unless said. */
export const gateResultSchema = z.strictObject({
  /** Stable within a policy: `roc_auc.min`, `recall.maxRegression[region=south]`. */
  id: z.string(),
  /** `metric` for the gates of the policy; the others make one family with them in the verdict. */
  kind: z.enum(['metric', 'contract', 'test', 'card', 'baseline']),
  metric: z.string(),
  slice: z.string().nullable(),
  rule: z.string(),
  limit: z.number().nullable(),
  prove: z.enum(['safe', 'harm']).nullable(),
  decide: z.enum(['bound', 'point']).nullable(),
  severity: z.enum(['fail', 'warn']),
  status: verdictOf(),
  mark: z.enum(['not shown']).nullable(),
  /** Two or three words for tables: `shown worse`, `shown good enough`, `shown better`, `identical`, `not shown`, `too few rows`, `no baseline`. */
  answer: z.string(),
  /** The candidate's value, and the baseline's on the same rows. */
  value: z.number().nullable(),
  baseline: z.number().nullable(),
  /** What is judged, oriented so that larger is better, and its one-sided bounds at (1 − level)/2. */
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  /** The figure that met or missed `bound`, both on the oriented scale: the lower bound, or the estimate with `decide: point`. */
  observed: z.number().nullable(),
  bound: z.number().nullable(),
  level: z.number().nullable(),
  method: z.string().nullable(),
  /** One-sided p of "not worse than the limit", and after Holm in the harm family. */
  p: z.number().nullable(),
  adjustedP: z.number().nullable(),
  n: z.number().int().nullable(),
  positives: z.number().int().nullable(),
  negatives: z.number().int().nullable(),
  /** Rows with which an open answer would settle, at 80 % power; null when no number of rows would, or none is needed. */
  rowsNeeded: z.number().int().nullable(),
  /** The smallest regression that this test set can show, on the metric's own scale. */
  smallestVisible: z.number().nullable(),
  unit: metricResultSchema.shape.unit,
  /** Stable, for scripts: `GATE_FAILED`, `GATE_INCONCLUSIVE`, `TOO_FEW_ROWS`, `UNDEFINED_METRIC`, `NO_BASELINE` … */
  reason: z.string(),
  /** One sentence that a reviewer understands. */
  message: z.string(),
});
export type GateResult = z.infer<typeof gateResultSchema>;

function verdictOf() {
  return z.enum(['pass', 'warn', 'inconclusive', 'fail', 'error']);
}

const points = z.array(z.tuple([z.number(), z.number()]));
/** What the plots are drawn from; at most 200 points a line. */
export const plotsSchema = z.strictObject({
  roc: z.strictObject({ candidate: points, baseline: points.nullable() }).nullable(),
  precisionRecall: z.strictObject({ candidate: points, baseline: points.nullable() }).nullable(),
  /** Bins of equal width: mean score, observed share, rows. */
  calibration: z
    .strictObject({
      candidate: z.array(z.strictObject({ mean: z.number(), observed: z.number(), rows: z.number().int() })),
      baseline: z.array(z.strictObject({ mean: z.number(), observed: z.number(), rows: z.number().int() })).nullable(),
    })
    .nullable(),
  /** Share of rows in each of 20 equal bins of the score. */
  scores: z.strictObject({ candidate: z.array(z.number()), baseline: z.array(z.number()).nullable() }).nullable(),
});
export type Plots = z.infer<typeof plotsSchema>;

/** The model that the candidate was compared with. */
export const baselineSchema = z.strictObject({
  stage: z.string(),
  version: z.number().int(),
  digest: digestSchema,
  /** When the version was born, and how many days before the run. */
  createdAt: z.string(),
  ageDays: z.number(),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** `evaluation.json`. */
export const evaluationResultSchema = z.strictObject({
  task: z.enum(['binary', 'multiclass', 'regression']),
  /** null: no baseline yet, or `onMissing` said so. */
  baseline: baselineSchema.nullable(),
  rows: z.number().int(),
  positives: z.number().int().nullable(),
  /** Digest of the test rows' identities: looks are counted by it. */
  testDigest: digestSchema.nullable(),
  /** Distinct candidates seen on this test set, this one included, and the chance bound after so many looks. */
  looks: z.strictObject({ count: z.number().int(), budget: z.number().int(), alphaReuse: z.number() }).nullable(),
  identical: z.boolean(),
  metrics: z.array(metricResultSchema),
  gates: z.array(gateResultSchema),
  plots: plotsSchema,
  notices: z.array(noticeSchema),
  /** Seconds, rows a second and milliseconds of scoring, where a model was run. */
  scoring: z.strictObject({ rows: z.number().int(), seconds: z.number() }).nullable(),
  /** Permutation importance of the candidate's answers by column: which drift can matter to it; of ONNX models alone. */
  importance: z.record(z.string(), z.number().nonnegative()).nullable().optional(),
});
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;
