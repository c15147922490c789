import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetManifest } from '../../dataset/manifest.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import { refuseOutOfRange } from '../../scoring/open-command-scorer.ts';
import type { CompareScorers } from '../compare-scorers.ts';
import { type Predicted, predictionsSchema, readWeighDocument, type Side } from './weigh-documents.ts';

/** A predictions.json says little; more is no answer. */
const documentLimit = 100_000;
const fewestCalls = 1;
const mostCalls = 100_000;

/**
 * Brings the answers of both sides from where the models ran, as an attacker's data: of exactly these models, for exactly these rows, one
 * number a row, finite and, for a probability, within 0 … 1. `folder` holds one folder a side.
 */
export const answersIn =
  (folder: string, candidate: string): CompareScorers =>
  async (_context, run, { training, found, manifest, rows }) => {
    const testDigest = manifest.splits.test.rowIds;
    const task = run.config.task;
    const read = (side: Side, subject: string) => readSide(join(folder, side), { side, subject, testDigest, rows, task });
    const own = await read('candidate', candidate);
    const other = found.resolved
      ? await askedBaseline(() => read('baseline', found.resolved?.record.subject.digest ?? ''), found.baseline)
      : null;
    // A command's job could write down any time: only models that this suite runs itself are timed.
    const timed = own.timed && run.config.model.format === 'onnx';
    const importance = timed && own.importance ? ofFeatures(own.importance, manifest) : null;
    let latency = timed ? await readLatency(join(folder, 'candidate'), other !== null && 'scores' in other) : null;
    return {
      candidate: own.scores,
      baseline: other && 'scores' in other ? other.scores : null,
      dtype: own.dtype,
      modelBytes: { candidate: training.model.bytes, baseline: found.resolved?.record.subject.bytes ?? null },
      scoring: { rows, seconds: own.seconds },
      importance,
      incompatible: other && 'incompatible' in other ? other.incompatible : null,
      notices: other && 'incompatible' in other ? [other.notice] : [],
      // What is asked a second time is not there: all rounds were timed in one go.
      measureLatency: async () => {
        const first = latency;
        latency = null;
        return first;
      },
      again: null,
      close: async () => {},
    };
  };

/** It only orders what people read; of columns that the model may read, and no others. */
function ofFeatures(importance: Readonly<Record<string, number>>, { features }: DatasetManifest): Readonly<Record<string, number>> {
  const names = new Set(features.map(({ name }) => name));
  return Object.fromEntries(Object.entries(importance).filter(([name]) => names.has(name)));
}

interface Expected {
  readonly side: Side;
  readonly subject: string;
  readonly testDigest: string;
  readonly rows: number;
  readonly task: string;
}

async function readSide(folder: string, expected: Expected) {
  const { side, rows } = expected;
  const bytes = await readBounded(join(folder, 'predictions.json'), documentLimit);
  if (!bytes)
    throw new InfrastructureError('PREDICT_LOST', `The job that asks the ${side} left no answer: it failed, or ran out of memory or time.`);
  const predicted: Predicted = readWeighDocument(bytes, predictionsSchema, 'predictions.json');
  if (predicted.side !== side || predicted.subject !== expected.subject || predicted.testDigest !== expected.testDigest)
    throw new UserError(
      'NOT_SAME_ROWS',
      `The answers of the ${side} are of another model, or of other rows.`,
      'Run the whole workflow again.',
    );
  const { answer } = predicted;
  if (answer.kind === 'error') throw new UserError(answer.code, answer.message, 'The log of the job predict says more.');
  const raw = await readBounded(join(folder, 'scores.f64'), rows * 8);
  if (raw?.byteLength !== rows * 8)
    throw new UserError(
      'PREDICTIONS_ROW_COUNT',
      `The ${side} did not give one number for each of the ${rows} rows.`,
      'Run the whole workflow again.',
    );
  const scores = doubles(raw);
  if (scores.some((score) => !Number.isFinite(score)))
    throw new UserError('PREDICTIONS_NOT_FINITE', `The ${side} gave answers that are no finite numbers.`, 'Every row needs a score.');
  if (expected.task !== 'regression') refuseOutOfRange(scores);
  return { scores, dtype: answer.dtype, seconds: answer.seconds, timed: answer.timed, importance: answer.importance ?? null };
}

/** A baseline that can't answer is told and ends nothing; one that could not be asked is an error. */
async function askedBaseline(
  ask: () => ReturnType<typeof readSide>,
  baseline: { readonly stage: string; readonly version: number } | null,
) {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const named = baseline ? `${baseline.stage} v${baseline.version}` : 'the baseline';
    return {
      incompatible: {
        reason: 'BASELINE_INCOMPATIBLE' as const,
        cause: `${cause.message.slice(0, 1).toLowerCase()}${cause.message.slice(1).replace(/\.$/, '')}`,
      },
      notice: {
        code: 'BASELINE_INCOMPATIBLE',
        message: `${named} can't answer these rows, so nothing was compared. ${cause.message} Keep what it reads in the data until it is replaced.`,
      },
    };
  }
}

async function readLatency(folder: string, withBaseline: boolean) {
  const read = async (side: Side) => {
    const bytes = await readBounded(join(folder, `latency-${side}.f64`), mostCalls * 8);
    if (!bytes || bytes.byteLength % 8 !== 0 || bytes.byteLength < fewestCalls * 8) return null;
    const times = doubles(bytes);
    return times.every((time) => Number.isFinite(time) && time >= 0) ? times : null;
  };
  const candidate = await read('candidate');
  const baseline = withBaseline ? await read('baseline') : null;
  if (!candidate || (baseline && baseline.length !== candidate.length)) return null;
  return { candidate, baseline };
}

/** Null where there is no such file. @throws UserError where it is larger than it may be. */
async function readBounded(path: string, limit: number): Promise<Uint8Array | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  if (found.size > limit)
    throw new UserError('WEIGH_FILE_INVALID', `An answer has ${found.size} bytes; ${limit} are expected.`, 'Run the whole workflow again.');
  return readFile(path);
}

/** A copy, since bytes of a file need not lie where doubles may begin. */
const doubles = (bytes: Uint8Array) => new Float64Array(bytes.slice().buffer);
