import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ModelConfig } from '../config/schema.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { UserError } from '../errors.ts';
import type { EvaluationResult } from '../evaluation/evaluation-result.ts';
import type { Measured, ScoredRows } from '../evaluation/scored-rows.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { measureLatency } from '../scoring/measure-latency.ts';
import { permutationImportance } from '../scoring/permutation-importance.ts';
import { readPredictions } from '../scoring/read-predictions.ts';
import { scoreRows, selectInputs } from '../scoring/score-rows.ts';
import type { Predictions, Scorer } from '../scoring/scorer.ts';
import type { TrainingResult } from '../training/training-result.ts';
import type { Notice } from '../verdict/notice.ts';
import type { FoundBaseline } from './find-baseline.ts';
import { openModelScorer } from './open-model-scorer.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** Both models' answers to the same rows, and what was measured while they gave them. */
export interface ComparedScorers extends Pick<ScoredRows, 'candidate' | 'baseline' | 'dtype'> {
  readonly modelBytes: Measured['modelBytes'];
  readonly scoring: EvaluationResult['scoring'];
  /** Of the candidate by column; null where it is not asked row by row. */
  readonly importance: Readonly<Record<string, number>> | null;
  /** Why the baseline could not answer the rows, where it could not: half a sentence. */
  readonly incompatible: { readonly reason: 'BASELINE_INCOMPATIBLE'; readonly cause: string } | null;
  readonly notices: readonly Notice[];
  /** Times calls of one row, interleaved; null for models that are not called row by row. */
  measureLatency(): Promise<Measured['latency']>;
  /** Scores both once more: only where a model is a command, whose answers may change from run to run. */
  readonly again: (() => Promise<Pick<ScoredRows, 'candidate' | 'baseline'>>) | null;
  /** Once nothing is asked any more: removes the baseline's file. */
  close(): Promise<void>;
}

export interface ComparisonRequest {
  readonly training: TrainingResult;
  readonly manifest: DatasetManifest;
  readonly found: FoundBaseline;
  /** SQL of the test rows, in a fixed order. */
  readonly relation: string;
  /** How many they are. */
  readonly rows: number;
}

/** Brings both models' answers. The weigh run takes them from where the models ran, which is not where the labels are. */
export type CompareScorers = (context: RunContext, run: ModelRun, request: ComparisonRequest) => Promise<ComparedScorers>;

const latencyRounds = 2_000;
const latencyRows = 500;

export async function compareScorers(context: RunContext, run: ModelRun, request: ComparisonRequest): Promise<ComparedScorers> {
  const { training, found } = request;
  const path = resolve(run.folder.training, training.model.file);
  // The baseline's bytes come from the store; a command wants them as a file. Not in the run's folder, where a killed run would leave it.
  const baselineFile =
    found.resolved && join(await mkdtemp(join(tmpdir(), 'weighin-baseline-')), training.model.file.replaceAll(/[^\w.-]/g, '_'));
  if (baselineFile && found.resolved) await writeFile(baselineFile, found.resolved.model);
  const close = async () => {
    if (baselineFile) await rm(join(baselineFile, '..'), { recursive: true, force: true });
  };
  try {
    return { ...(await compareFiles(context, run, request, path, baselineFile)), close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function compareFiles(
  context: RunContext,
  run: ModelRun,
  { training, manifest, found, relation }: ComparisonRequest,
  path: string,
  baselineFile: string | null,
): Promise<Omit<ComparedScorers, 'close'>> {
  const engine = await context.engine();
  const { format } = run.config.model;
  const modelBytes = { candidate: training.model.bytes, baseline: found.resolved?.record.subject.bytes ?? null };
  const scoresOf = (predictions: Predictions) => toScores(predictions, run.config.task, run.name);

  if (format === 'predictions') {
    const { task, model } = run.config;
    const read = (file: string) =>
      readPredictions(engine, { file, root: run.root, relationSql: relation, id: manifest.id, score: model.score, task });
    const { scores, dtype } = scoresOf((await read(path)).predictions);
    const other = baselineFile ? await askBaseline(found, async () => scoresOf((await read(baselineFile)).predictions).scores) : null;
    const none = { scoring: null, importance: null, measureLatency: async () => null, again: null };
    return { candidate: scores, baseline: other?.answer ?? null, dtype, modelBytes, ...none, ...(other?.trouble ?? noTrouble) };
  }

  const candidate = await openModelScorer(context, run, manifest, { path, bytes: () => readFile(path) });
  const started = performance.now();
  const own = scoresOf(await scoreRows(engine, relation, candidate));
  const seconds = (performance.now() - started) / 1000;
  const asked = baselineFile
    ? await askBaseline(found, async () => {
        const scorer = await openModelScorer(context, run, manifest, { path: baselineFile, bytes: () => readFile(baselineFile) });
        return { scorer, scores: scoresOf(await scoreRows(engine, relation, scorer)).scores };
      })
    : null;
  const other = asked ? asked.answer : null;

  const { seed } = run.config.evaluation.defaults.ci;
  const scoresAlone = (predictions: Predictions) => scoresOf(predictions).scores;
  const importance = format === 'onnx' ? await permutationImportance(engine, relation, candidate, { scoresOf: scoresAlone, seed }) : null;

  const again = async () => ({
    candidate: scoresOf(await scoreRows(engine, relation, candidate)).scores,
    baseline: other && scoresOf(await scoreRows(engine, relation, other.scorer)).scores,
  });
  return {
    candidate: own.scores,
    baseline: other?.scores ?? null,
    dtype: own.dtype,
    modelBytes,
    scoring: { rows: own.scores.length, seconds },
    importance,
    ...(asked?.trouble ?? noTrouble),
    again: format === 'command' ? again : null,
    measureLatency: async () => (format === 'onnx' ? timeCalls(context, run, relation, candidate, other?.scorer ?? null) : null),
  };
}

interface Asked<Answer> {
  readonly answer: Answer | null;
  readonly trouble: Pick<ComparedScorers, 'incompatible' | 'notices'>;
}

const noTrouble = { incompatible: null, notices: [] };

/** What production answers; where its model can't take the rows of today, that is told and ends nothing. */
async function askBaseline<Answer>(found: FoundBaseline, ask: () => Promise<Answer>): Promise<Asked<Answer>> {
  try {
    return { answer: await ask(), trouble: noTrouble };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const named = found.baseline ? `${found.baseline.stage} v${found.baseline.version}` : 'the baseline';
    const message = `${named} can't answer these rows, so nothing was compared. ${cause.message} Keep what it reads in the data until it is replaced.`;
    const incompatible = { reason: 'BASELINE_INCOMPATIBLE', cause: lowerFirst(cause.message).replace(/\.$/, '') } as const;
    return { answer: null, trouble: { incompatible, notices: [{ code: incompatible.reason, message }] } };
  }
}

const lowerFirst = (text: string) => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

async function timeCalls(context: RunContext, run: ModelRun, relation: string, candidate: Scorer, baseline: Scorer | null) {
  return timeScorers(await context.engine(), { relation, candidate, baseline, seed: run.config.evaluation.defaults.ci.seed });
}

/** Times calls of one row each, interleaved, on the first rows of a relation. */
export async function timeScorers(
  engine: QueryEngine,
  { relation, candidate, baseline, seed }: { relation: string; candidate: Scorer; baseline: Scorer | null; seed: number },
) {
  const inputs = new Map([...(baseline?.inputs ?? []), ...candidate.inputs].map((input) => [input.name, input]));
  const select = await selectInputs(engine, relation, [...inputs.values()]);
  const rows = await engine.columns(`${select} LIMIT ${latencyRows}`);
  return measureLatency({
    candidate,
    baseline,
    rows,
    rounds: latencyRounds,
    seed,
    now: () => performance.now(),
  });
}

/** One number a row, or an error where the model, which `who` names, answers another task. */
export function toScores(
  predictions: Predictions,
  task: ModelConfig['task'],
  who: string,
): { readonly scores: Float64Array; readonly dtype: ScoredRows['dtype'] } {
  if (predictions.kind === 'binary') return { scores: predictions.scores, dtype: predictions.dtype };
  if (predictions.kind === 'values' && predictions.width === 1 && task === 'regression')
    return { scores: predictions.values, dtype: 'float64' };
  const answered = predictions.kind === 'multiclass' ? `${predictions.classes.length} classes` : `${predictions.width} numbers a row`;
  throw new UserError(
    'TASK_MISMATCH',
    `${who} answers ${answered}, and the task is ${task}.`,
    'Correct the task, or export the model with one score a row.',
  );
}
