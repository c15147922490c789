import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalText } from '../dataset/canonical-text.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { UserError } from '../errors.ts';
import { compareDecisions, compareScores, decisionRule } from '../production/compare-replay.ts';
import { joinLabels, type LabelledLog, withOwnLabels } from '../production/late-labels.ts';
import { openPredictionLog } from '../production/open-prediction-log.ts';
import type { Replay } from '../production/replay.ts';
import type { ColumnTable } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { scoreRows } from '../scoring/score-rows.ts';
import type { Predictions } from '../scoring/scorer.ts';
import { openSource } from '../source/table-source.ts';
import { trainingResultSchema } from '../training/training-result.ts';
import type { Notice } from '../verdict/notice.ts';
import { formatMany, formatPercent } from '../words/format-number.ts';
import { toScores } from './compare-scorers.ts';
import { judgeLabelled, type ReplayedScores } from './judge-replay.ts';
import { openModelScorer } from './open-model-scorer.ts';
import { numbersOf, type ReplayRowsRequest, takeReplayRows, textsOf } from './replay-rows.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { readStep } from './run-folder.ts';
import { sliceColumnsOf } from './test-rows.ts';

export interface ReplayRequest {
  readonly log: string;
  /** What relative paths are relative to. */
  readonly root: string;
  /** A table with the request's id and what turned out to be true. */
  readonly labels?: { readonly source: string; readonly id?: string; readonly label?: string };
  readonly since?: Date;
  readonly until?: Date;
}

export interface ReplayOutcome {
  readonly replay: Replay;
  readonly blocks: boolean;
}

/**
 * The candidate of the last run on real traffic: what it would have answered to the requests of a prediction log, beside what production did.
 * Where labels came, metrics with paired intervals, and the gates of the policy that scores can decide.
 *
 * @throws UserError `STEP_MISSING`, `REPLAY_NEEDS_MODEL`, and what the log's reader, the labels' and the scorer throw
 */
export async function replayLog(context: RunContext, model: string, request: ReplayRequest): Promise<ReplayOutcome> {
  const run = modelRun(context, model);
  const { task, evaluation } = run.config;
  // A log holds one score an answer: of many classes it says the answered one alone.
  if (task === 'ranking' || task === 'multiclass')
    throw new UserError('TASK_NOT_YET_SUPPORTED', `task: ${task} can't be replayed yet.`, 'Replay models of task binary or regression.');
  const { training, manifest } = await readCandidate(run);
  const engine = await context.engine();
  const path = resolve(run.folder.training, training.model.file);
  const scorer = await openModelScorer(context, run, manifest, { path, bytes: () => readFile(path) });
  try {
    context.progress.step('reading', request.log);
    const opened = await openPredictionLog(engine, {
      source: request.log,
      root: request.root,
      fetch: context.fetchObjects,
      types: Object.fromEntries(manifest.features.map(({ name, type }) => [name, type])),
      requires: scorer.inputs.map(({ name }) => name),
    });
    const log = await withLabels(context, opened, request);
    const rows = await takeReplayRows(engine, {
      model,
      log,
      inputs: scorer.inputs,
      slices: sliceColumnsOf(evaluation),
      ...(request.since && { since: request.since }),
      ...(request.until && { until: request.until }),
      maxRows: evaluation.maxRows,
      seen: await trainedIds(context, run, manifest),
    });
    context.progress.step('replay', formatMany(rows.counts.replayed, 'answer'));
    const predictions = await scoreRows(engine, rows.relation, scorer);
    const asked = scoreAnswers(run, rows.answers, predictions, log.source);
    const { level } = evaluation.defaults.ci;
    const judged = judgeLabelled(run, rows, asked, manifest.positive);
    const compared = compareByRule(run, asked, level);
    const replay: Replay = {
      schema: 'weighin/replay@1',
      verdict: judged.verdict,
      headline: '',
      model,
      task,
      candidate: training.model.digest,
      log: rows.log,
      rows: { ...rows.counts, labelled: judged.labelled },
      ...compared,
      scores: asked.basis === 'score' ? compareScores(asked.production, asked.candidate, level) : null,
      metrics: judged.metrics,
      gates: judged.gates,
      notices: [...log.notices, ...leftOut(log), ...judged.notices],
    };
    return { replay: { ...replay, headline: headlineOf(replay) }, blocks: judged.blocks };
  } finally {
    await scorer.close();
  }
}

async function readCandidate(run: ModelRun) {
  const { format } = run.config.model;
  if (format === 'predictions' || format === 'metrics') {
    throw new UserError(
      'REPLAY_NEEDS_MODEL',
      `model.format of ${run.name} is ${format}: there is no model that could answer other rows.`,
      'Replay needs `format: onnx` or `format: command`.',
    );
  }
  const training = await readStep(run.folder.trainingResult, trainingResultSchema);
  const manifest = await readManifest(run.folder.dataset);
  if (!training || !manifest) {
    throw new UserError(
      'STEP_MISSING',
      `There is no candidate of ${run.name} in ${run.folder.path}.`,
      `Run \`weighin run ${run.name}\` first, or \`weighin train ${run.name}\`.`,
    );
  }
  return { training, manifest };
}

/** Ids of the rows that the candidate learnt from: it must not be judged on them. */
async function trainedIds(context: RunContext, run: ModelRun, { id, splits }: DatasetManifest): Promise<ReplayRowsRequest['seen']> {
  if (id === null) return null;
  const files = [splits.train, splits.validation].filter(({ rows }) => rows > 0).map(({ file }) => join(run.folder.dataset, file));
  const [first] = files;
  if (first === undefined) return null;
  const { columns } = await openSource(await context.engine(), { source: first, root: run.root });
  const column = columns.find(({ name }) => name === id);
  if (!column) return null;
  const text = canonicalText(identifier(id), column);
  return { column: id, ids: `SELECT ${text} FROM read_parquet([${files.map(literal).join(', ')}]) WHERE ${identifier(id)} IS NOT NULL` };
}

async function withLabels(
  context: RunContext,
  log: Awaited<ReturnType<typeof openPredictionLog>>,
  { labels, root }: ReplayRequest,
): Promise<LabelledLog> {
  const engine = await context.engine();
  if (!labels) return withOwnLabels(engine, log);
  const table = await openSource(engine, { source: labels.source, root, fetch: context.fetchObjects });
  return joinLabels(engine, log, { table, ...(labels.id && { id: labels.id }), ...(labels.label && { label: labels.label }) });
}

/** Production's scores; where the log has none, what it answered as 0 and 1. Rows without a score are answered by their label. */
function scoreAnswers(run: ModelRun, answers: ColumnTable, predictions: Predictions, source: string): ReplayedScores {
  const { task } = run.config;
  const { scores, dtype } = toScores(predictions, task, `The candidate of ${run.name}`);
  const logged = numbersOf(answers, 'score');
  const said = textsOf(answers, 'prediction');
  const scored = logged.some((score) => !Number.isNaN(score));
  const yes = new Set(['1', 'true', String(run.config.data?.positive ?? '1').toLowerCase()]);
  const production = logged.map((score, row) => {
    if (!Number.isNaN(score)) return score;
    const text = said[row] ?? '';
    if (task === 'regression') return Number(text);
    return yes.has(text.toLowerCase()) ? 1 : 0;
  });
  const bad = production.findIndex((score) => !Number.isFinite(score) || (task === 'binary' && (score < 0 || score > 1)));
  if (bad !== -1) {
    throw new UserError(
      'SCORES_OUT_OF_RANGE',
      `Production's answers in ${source} are not all ${task === 'binary' ? 'probabilities of 0 … 1' : 'finite numbers'}.`,
      '`weighin logs check --task binary` names the lines.',
      { file: source },
    );
  }
  return { basis: scored || task === 'regression' ? 'score' : 'prediction', production, candidate: scores, dtype };
}

function compareByRule(run: ModelRun, asked: ReplayedScores, level: number): Pick<Replay, 'agreement' | 'moved'> {
  const { task, evaluation } = run.config;
  const rule = decisionRule(task === 'regression' ? 'regression' : 'binary', evaluation.threshold, evaluation.decisions);
  if (!rule) return { agreement: null, moved: [] };
  return compareDecisions(Int32Array.from(asked.production, rule.of), Int32Array.from(asked.candidate, rule.of), rule.names, level);
}

function leftOut({ leftOut: { broken, repeated }, place }: LabelledLog): Notice[] {
  return [
    ...(broken > 0 ? [{ code: 'LOG_LINES_LEFT_OUT', message: `${formatMany(broken, place)} that break the schema are left out.` }] : []),
    ...(repeated > 0 ? [{ code: 'LOG_ANSWERS_REPEATED', message: `${formatMany(repeated, 'answer')} came twice and count once.` }] : []),
  ];
}

function headlineOf({ agreement, rows, moved, scores }: Replay): string {
  const asked = formatMany(rows.replayed, 'logged request');
  if (agreement === null) {
    const shift =
      scores === null
        ? ''
        : `; on average ${scores.meanDifference >= 0 ? 'more' : 'less'} by ${Number(Math.abs(scores.meanDifference).toPrecision(3))}`;
    return `The candidate answers ${asked}${shift}`;
  }
  const [most] = moved;
  const where = most ? `; most of the others go from ${most.from} to ${most.to}` : '';
  return `The candidate decides ${formatPercent(agreement.share)} of ${asked} as production did${where}`;
}
