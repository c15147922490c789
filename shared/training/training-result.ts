import { z } from 'zod';
import { digestSchema } from '../dataset/manifest.ts';
import { noticeSchema } from '../verdict/notice.ts';

export const modelFormatSchema = z.enum(['onnx', 'command', 'predictions', 'metrics']);
export type ModelFormat = z.infer<typeof modelFormatSchema>;

/** `training.json`: how the candidate came to be. */
export const trainingResultSchema = z.strictObject({
  /** `given`: the model file was there already, nothing was trained. */
  by: z.enum(['command', 'trainer', 'given']),
  command: z.string().nullable(),
  trainer: z.string().nullable(),
  params: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  seconds: z.number(),
  model: z.strictObject({
    format: modelFormatSchema,
    /** Relative to the model's output folder. */
    file: z.string(),
    digest: digestSchema,
    bytes: z.number().int(),
    /** ONNX only. */
    opset: z.number().int().nullable(),
    inputs: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    outputs: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  }),
  /** What the training script said of itself in `metrics.json`: shown as *reported*, never decides but in `format: metrics`. */
  reported: z.record(z.string(), z.number()),
  /** `metrics.jsonl`: one series a name, as [step, value]. */
  curves: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  environment: z.record(z.string(), z.string()),
  /** What the trainer or the reader of the reported numbers left out, and why. */
  notices: z.array(noticeSchema),
});
export type TrainingResult = z.infer<typeof trainingResultSchema>;

/** One of `tests:`, run. */
export const testResultSchema = z.strictObject({
  name: z.string(),
  command: z.string(),
  status: z.enum(['pass', 'warn', 'fail']),
  severity: z.enum(['fail', 'warn']),
  exitCode: z.number().int().nullable(),
  seconds: z.number(),
  /** From JUnit, where the command left it. */
  cases: z.strictObject({ total: z.number().int(), failed: z.number().int(), skipped: z.number().int() }).nullable(),
  /** Failed cases by name, first twenty. */
  failures: z.array(z.string()),
  message: z.string(),
  /** Last lines of the log of a failed command. */
  tail: z.array(z.string()),
});
export type TestResult = z.infer<typeof testResultSchema>;
