import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { digestOf } from '../../digest/canonical-json.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { literal } from '../../query/sql-text.ts';
import type { OpenSession } from '../../scoring/inference-session.ts';
import { openCommandScorer } from '../../scoring/open-command-scorer.ts';
import { openOnnxScorer } from '../../scoring/open-onnx-scorer.ts';
import { permutationImportance } from '../../scoring/permutation-importance.ts';
import { scoreRows } from '../../scoring/score-rows.ts';
import type { Predictions, Scorer } from '../../scoring/scorer.ts';
import { commandEnvironment } from '../../training/command-environment.ts';
import type { RunProcess } from '../../training/run-process.ts';
import { timeScorers, toScores } from '../compare-scorers.ts';
import type { Progress } from '../progress.ts';
import { writeJson } from '../run-folder.ts';
import { type Predicted, readWeighDocument, type Side, type WeighRows, weighRowsSchema } from './weigh-documents.ts';

export interface AnswerDeps {
  readonly engine: () => Promise<QueryEngine>;
  readonly openSession: OpenSession;
  readonly runProcess: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

/** How long a team's command may take for all rows; the job's own limit is longer. */
const commandLimitMs = 20 * 60_000;

/**
 * The job in which a model runs: rows in, predictions out. It holds no secret, no label and no token. Each side has a runner of its own,
 * since a command's code could change the other side's answers; ONNX is data, so there both models are timed side by side, call by call, by
 * this process and not by the model. Whatever goes wrong with the model is its answer.
 */
export async function answerRows(folder: string, side: Side, out: string, deps: AnswerDeps): Promise<Predicted | null> {
  const rows = readWeighDocument(await readFile(join(folder, 'rows.json')), weighRowsSchema, 'rows.json');
  const model = rows[side];
  if (!model) return null;
  await mkdir(out, { recursive: true });
  const base = { schema: 'weighin/predictions@1' as const, side, subject: model.digest, testDigest: rows.testDigest };
  let answer: Predicted['answer'];
  try {
    answer = await askModel(folder, rows, side, out, deps);
  } catch (cause) {
    if (!(cause instanceof UserError) && !(cause instanceof InfrastructureError)) throw cause;
    deps.progress.warn(`${cause.code}: ${cause.message}`);
    answer = { kind: 'error', code: cause.code, message: cause.message.slice(0, 4_000) };
  }
  const predicted: Predicted = { ...base, answer };
  await writeJson(join(out, 'predictions.json'), predicted);
  return predicted;
}

async function askModel(folder: string, rows: WeighRows, side: Side, out: string, deps: AnswerDeps): Promise<Predicted['answer']> {
  const engine = await deps.engine();
  const relation = `read_parquet(${literal(join(folder, 'rows.parquet'))})`;
  if (rows.format === 'command') await setUp(folder, rows, side, deps);
  const scorer = await openSide(folder, rows, side, deps);
  const started = performance.now();
  const scoresOf = (predictions: Predictions) => toScores(predictions, rows.task, rows.model);
  const { scores, dtype } = scoresOf(await scoreRows(engine, relation, scorer));
  const seconds = (performance.now() - started) / 1000;
  await writeFile(join(out, 'scores.f64'), toBytes(scores));
  // Timed where the candidate answers, on both models in turn: a machine that is busy is busy for both.
  const timed = rows.format === 'onnx' && side === 'candidate';
  if (timed) {
    const other = rows.baseline ? await openSide(folder, rows, 'baseline', deps).catch(() => null) : null;
    const latency = await timeScorers(engine, { relation, candidate: scorer, baseline: other, seed: rows.seed });
    await writeFile(join(out, 'latency-candidate.f64'), toBytes(latency.candidate));
    if (latency.baseline) await writeFile(join(out, 'latency-baseline.f64'), toBytes(latency.baseline));
  }
  const importance = timed
    ? await permutationImportance(engine, relation, scorer, { scoresOf: (predictions) => scoresOf(predictions).scores, seed: rows.seed })
    : null;
  return { kind: 'scores', dtype, seconds, timed, importance };
}

async function openSide(folder: string, rows: WeighRows, side: Side, deps: AnswerDeps): Promise<Scorer> {
  const model = rows[side];
  if (!model) throw new Error('asked only where there is one');
  const path = resolve(folder, side, model.file);
  const bytes = await readFile(path);
  if (digestOf(bytes) !== model.digest)
    throw new UserError(
      'MODEL_DIGEST_MISMATCH',
      `The ${side} is not the file that the rows were written for.`,
      'Run the whole workflow again.',
    );
  const { task, features, positive, score } = rows;
  if (rows.format === 'onnx')
    return openOnnxScorer(bytes, { openSession: deps.openSession }, { task, score: score ?? undefined, positive, features });
  return openCommandScorer(
    {
      predict: rows.predict ?? '',
      file: path,
      cwd: codeFolder(folder, rows, side),
      task,
      features,
      score: score ?? undefined,
      timeoutMs: commandLimitMs,
    },
    { runProcess: deps.runProcess, env: deps.env, note: (line) => deps.progress.note(`predict │ ${line}`) },
  );
}

const codeFolder = (folder: string, rows: WeighRows, side: Side) => resolve(folder, 'code', side, rows.folder);

async function setUp(folder: string, rows: WeighRows, side: Side, { runProcess, env, progress }: AnswerDeps): Promise<void> {
  if (rows.setup === null) return;
  const cwd = codeFolder(folder, rows, side);
  const onLine = (line: string) => progress.note(`setup │ ${line}`);
  const { exitCode } = await runProcess({ command: rows.setup, cwd, env: commandEnvironment(env, {}), timeoutMs: commandLimitMs, onLine });
  if (exitCode !== 0)
    throw new UserError(
      'SETUP_FAILED',
      `training.setup (${rows.setup}) did not end well, so the model could not be asked.`,
      'Its lines above say why.',
    );
}

/** Little-endian doubles, as the reader takes them. */
function toBytes(values: Float64Array): Uint8Array {
  if (endianness() !== 'LE') throw new InfrastructureError('PLATFORM_UNSUPPORTED', 'This processor stores numbers the other way round.');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
