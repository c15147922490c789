import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalText } from '../dataset/canonical-text.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { positiveLabel } from '../dataset/positive-label.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { UserError } from '../errors.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import { defaultMetrics, findMetric } from '../evaluation/metrics.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { judgeGates } from '../gate/judge-gates.ts';
import { verdictOf } from '../gate/verdict-of.ts';
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
import { openModelScorer } from './open-model-scorer.ts';
import { type ReplayRowsRequest, takeReplayRows } from './replay-rows.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { readStep } from './run-folder.ts';
import { encodeNames, sliceColumnsOf } from './test-rows.ts';

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

/** As many as gates ask of clusters: a day of at least so many is a block; below, rows count as independent and the notice says so. */
const fewestDays = 30;

/**
 * The candidate of the last run on real traffic: what it would have answered to the requests of a prediction log, beside what production did.
 * Where labels came, metrics with paired intervals, and the gates of the policy that scores can decide.
 *
 * @throws UserError `STEP_MISSING`, `REPLAY_NEEDS_MODEL`, and what the log's reader, the labels' and the scorer throw
 */
export async function replayLog(context: RunContext, model: string, request: ReplayRequest): Promise<ReplayOutcome> {
  const run = modelRun(context, model);
  const { task, evaluation } = run.config;
  if (task === 'ranking')
    throw new UserError('TASK_NOT_YET_SUPPORTED', 'task: ranking is not supported yet.', 'Use binary, multiclass or regression.');
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
    const asked =
      task === 'multiclass' ? classAnswers(rows.answers, predictions) : scoreAnswers(run, rows.answers, predictions, log.source);
    const { level } = evaluation.defaults.ci;
    const judged = judgeLabelled(run, rows, asked, manifest.positive);
    const compared =
      asked.kind === 'classes' ? compareDecisions(asked.production, asked.candidate, asked.names, level) : compareByRule(run, asked, level);
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
      scores: asked.kind === 'scores' && asked.basis === 'score' ? compareScores(asked.production, asked.candidate, level) : null,
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

type Asked =
  | {
      readonly kind: 'scores';
      readonly basis: 'score' | 'prediction';
      readonly production: Float64Array;
      readonly candidate: Float64Array;
      readonly dtype: ScoredRows['dtype'];
    }
  | { readonly kind: 'classes'; readonly names: readonly string[]; readonly production: Int32Array; readonly candidate: Int32Array };

/** Production's scores; where the log has none, what it answered as 0 and 1. Rows without a score are answered by their label. */
function scoreAnswers(run: ModelRun, answers: ColumnTable, predictions: Predictions, source: string): Asked {
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
  return { kind: 'scores', basis: scored || task === 'regression' ? 'score' : 'prediction', production, candidate: scores, dtype };
}

function classAnswers(answers: ColumnTable, predictions: Predictions): Asked {
  if (predictions.kind !== 'multiclass')
    throw new UserError('TASK_MISMATCH', 'The candidate answers no classes, and the task is multiclass.', 'Correct the task.');
  const { classes, probabilities } = predictions;
  const said = textsOf(answers, 'prediction');
  const names = [...new Set([...classes, ...said.map((text) => text ?? '(none)')])];
  const code = new Map(names.map((name, index) => [name, index]));
  const width = classes.length;
  const candidate = Int32Array.from({ length: said.length }, (_, row) => {
    let best = 0;
    for (let one = 1; one < width; one++) if (probabilities[row * width + one]! > probabilities[row * width + best]!) best = one;
    return best;
  });
  return { kind: 'classes', names, production: Int32Array.from(said, (text) => code.get(text ?? '(none)') ?? 0), candidate };
}

function compareByRule(run: ModelRun, asked: Asked & { kind: 'scores' }, level: number): Pick<Replay, 'agreement' | 'moved'> {
  const { task, evaluation } = run.config;
  const rule = decisionRule(task === 'regression' ? 'regression' : 'binary', evaluation.threshold, evaluation.decisions);
  if (!rule) return { agreement: null, moved: [] };
  return compareDecisions(Int32Array.from(asked.production, rule.of), Int32Array.from(asked.candidate, rule.of), rule.names, level);
}

interface JudgedRows extends Pick<Replay, 'verdict' | 'metrics' | 'gates'> {
  readonly labelled: number;
  readonly blocks: boolean;
  readonly notices: readonly Notice[];
}

function judgeLabelled(run: ModelRun, rows: Awaited<ReturnType<typeof takeReplayRows>>, asked: Asked, positive: string | null): JudgedRows {
  const { task, evaluation } = run.config;
  const labels = textsOf(rows.answers, 'label');
  const numeric = task === 'regression';
  const known = labels.flatMap((label, row) => (label === null || (numeric && !Number.isFinite(Number(label))) ? [] : [row]));
  const seen = numbersOf(rows.answers, 'seen');
  const kept = known.filter((row) => seen[row] !== 1);
  const notices: Notice[] = [];
  if (kept.length < known.length)
    notices.push({
      code: 'CANDIDATE_SAW_ROWS',
      message: `${formatMany(known.length - kept.length, 'labelled answer')} of rows that the candidate was trained on ${known.length - kept.length === 1 ? 'is' : 'are'} left out of the metrics.`,
    });
  if (kept.length === 0) {
    const message = 'No label has come for what can be judged, so only answers are compared and no gate is judged.';
    return {
      labelled: 0,
      verdict: 'inconclusive',
      blocks: false,
      metrics: [],
      gates: [],
      notices: [...notices, { code: 'NO_LABELS', message }],
    };
  }
  const scored = labelledRows(run, rows, asked, kept, labels, positive);
  const scores = asked.kind === 'scores' && asked.basis === 'score';
  const usable = (name: string) => {
    const metric = findMetric(scored.task, name);
    return metric !== undefined && (scores || metric.ingredients.kind === 'confusion');
  };
  const metrics = (evaluation.metrics ?? defaultMetrics(scored.task)).filter(usable);
  const gates = evaluation.gates.filter(
    (gate) => usable(gate.metric) && (gate.slices?.by ?? []).every((name) => rows.slices.includes(name)),
  );
  const judged = gates.length === 0 ? [] : judgeGates(scored, { ...evaluation, gates }, { hasBaseline: true });
  const { verdict, blocks } =
    judged.length === 0 ? { verdict: 'inconclusive' as const, blocks: false } : verdictOf(judged, evaluation.defaults.onInconclusive);
  const open = evaluation.gates.length - gates.length;
  if (open > 0)
    notices.push({
      code: 'GATES_NOT_REPLAYED',
      message: `${formatMany(open, 'gate')} of the policy ${open === 1 ? 'asks' : 'ask'} what a log can't tell (latency, size, slices or scores that it lacks).`,
    });
  if (!scored.clusters)
    notices.push({
      code: 'ROWS_ASSUMED_INDEPENDENT',
      message: `Fewer than ${fewestDays} days with labels: rows are taken as independent.`,
    });
  return {
    labelled: kept.length,
    verdict,
    blocks,
    metrics: evaluateMetrics(scored, {
      metrics,
      slices: evaluation.slices.filter((name) => rows.slices.includes(name)),
      ci: evaluation.defaults.ci,
      threshold: evaluation.threshold,
    }),
    gates: judged,
    notices,
  };
}

function labelledRows(
  run: ModelRun,
  rows: Awaited<ReturnType<typeof takeReplayRows>>,
  asked: Asked,
  kept: readonly number[],
  labels: readonly (string | null)[],
  positive: string | null,
): ScoredRows {
  const n = kept.length;
  const pick = (texts: readonly (string | null)[]) => kept.map((row) => texts[row] ?? null);
  const days = encodeNames(pick(textsOf(rows.answers, 'day')));
  const base = {
    n,
    slices: Object.fromEntries(rows.slices.map((name, index) => [name, encodeNames(pick(textsOf(rows.answers, `slice ${index}`)))])),
    clusters: days.names.length >= fewestDays ? { codes: days.codes, count: days.names.length, what: 'day' } : null,
    rowNumbers: null,
  };
  if (asked.kind === 'classes') {
    const classes = [...new Set([...asked.names, ...pick(labels).map((label) => label ?? '')])];
    const certain = (codes: Int32Array) => {
      const shares = new Float64Array(n * classes.length);
      kept.forEach((row, index) => {
        shares[index * classes.length + (codes[row] ?? 0)] = 1;
      });
      return shares;
    };
    const code = new Map(classes.map((name, index) => [name, index]));
    return {
      ...base,
      task: 'multiclass',
      classes,
      labels: Float64Array.from(kept, (row) => code.get(labels[row] ?? '') ?? 0),
      candidate: certain(asked.candidate),
      baseline: certain(asked.production),
      dtype: 'float64',
    };
  }
  const known = [...new Set(pick(labels).map((label) => label ?? ''))].sort();
  const truth = run.config.task === 'regression' ? null : positiveLabel('label', known, positive ?? undefined);
  return {
    ...base,
    task: run.config.task === 'regression' ? 'regression' : 'binary',
    labels: Float64Array.from(kept, (row) => (truth === null ? Number(labels[row]) : labels[row] === truth ? 1 : 0)),
    candidate: Float64Array.from(kept, (row) => asked.candidate[row] ?? Number.NaN),
    baseline: Float64Array.from(kept, (row) => asked.production[row] ?? Number.NaN),
    dtype: asked.dtype,
  };
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

function textsOf(table: ColumnTable, name: string): readonly (string | null)[] {
  const column = table.columns[name];
  if (column?.kind !== 'text') throw new Error(`${name} was selected as text`);
  return column.values;
}

function numbersOf(table: ColumnTable, name: string): Float64Array {
  const column = table.columns[name];
  if (column?.kind !== 'number') throw new Error(`${name} was selected as a number`);
  return column.values;
}
