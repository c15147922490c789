import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configSchema, type EvaluationConfig, type GateConfig } from '../config/schema.ts';
import { canonicalText } from '../dataset/canonical-text.ts';
import { positiveLabel } from '../dataset/positive-label.ts';
import { UserError } from '../errors.ts';
import { evaluateMetrics } from '../evaluation/evaluate-metrics.ts';
import type { GateResult, MetricResult } from '../evaluation/evaluation-result.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import { judgeGates } from '../gate/judge-gates.ts';
import { verdictOf } from '../gate/verdict-of.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { OpenSession } from '../scoring/inference-session.ts';
import { openOnnxScorer } from '../scoring/open-onnx-scorer.ts';
import { scoreRows } from '../scoring/score-rows.ts';
import type { Predictions } from '../scoring/scorer.ts';
import { openSource, type TableSource } from '../source/table-source.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { encodeNames } from './test-rows.ts';

/** An evaluation without a configuration: of a file of predictions, or of an ONNX model on a file of rows. */
export interface FileEvaluation {
  /** Predictions, or rows for the model. */
  readonly file: string;
  readonly root: string;
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly label: string;
  readonly positive: string | undefined;
  /** Columns of a predictions file. */
  readonly score: string | undefined;
  readonly baselineScore: string | undefined;
  /** ONNX files; `model` instead of `score`. */
  readonly model: string | undefined;
  readonly baselineModel: string | undefined;
  readonly slices: readonly string[];
  readonly metrics: readonly string[] | undefined;
  readonly gates: readonly GateConfig[];
  readonly threshold: number;
  readonly ci: EvaluationConfig['defaults']['ci'];
}

export interface FileEvaluationResult {
  readonly verdict: Verdict;
  readonly blocks: boolean;
  readonly rows: number;
  readonly metrics: readonly MetricResult[];
  readonly gates: readonly GateResult[];
}

export async function evaluateFile(engine: QueryEngine, openSession: OpenSession, request: FileEvaluation): Promise<FileEvaluationResult> {
  const source = await openSource(engine, { source: request.file, root: request.root });
  const rows = await loadRows(engine, openSession, source, request);
  const { ci, threshold, slices, metrics } = request;
  const policy = policyOf(request);
  const gates = policy ? judgeGates(rows, policy, { hasBaseline: rows.baseline !== null }) : [];
  const { verdict, blocks } = verdictOf(gates, 'warn');
  return { verdict, blocks, rows: rows.n, metrics: evaluateMetrics(rows, { ...(metrics && { metrics }), slices, ci, threshold }), gates };
}

/** The defaults of a configuration, with the gates of the command line; null without gates, since then nothing is judged. */
function policyOf({ gates, ci, threshold }: FileEvaluation): EvaluationConfig | null {
  if (gates.length === 0) return null;
  const { models } = configSchema.parse({
    version: 1,
    models: { file: { task: 'binary', evaluation: { gates, threshold, defaults: { ci } } } },
  });
  return models['file']?.evaluation ?? null;
}

async function loadRows(engine: QueryEngine, openSession: OpenSession, source: TableSource, request: FileEvaluation): Promise<ScoredRows> {
  const { task, label: labelName, score, baselineScore } = request;
  const column = (name: string) => {
    const found = source.columns.find((candidate) => candidate.name === name);
    if (found) return found;
    const names = source.columns.map((candidate) => candidate.name);
    throw new UserError('COLUMN_UNKNOWN', `${request.file} has no column ${name}.`, `Its columns are ${names.slice(0, 30).join(', ')}.`);
  };
  const label = column(labelName);
  const [missing] = await engine.rows<{ n: number }>(
    `SELECT count(*) FILTER (${identifier(label.name)} IS NULL) AS n FROM ${source.relation}`,
  );
  if (missing && missing.n > 0)
    throw new UserError(
      'LABEL_MISSING',
      `${missing.n} rows of ${request.file} have no ${label.name}.`,
      'Leave those rows out: they can not be judged.',
    );

  const labelText = canonicalText(identifier(label.name), label);
  const classes =
    task === 'regression'
      ? []
      : (await engine.rows<{ name: string }>(`SELECT DISTINCT ${labelText} AS name FROM ${source.relation} ORDER BY 1 LIMIT 1001`)).map(
          ({ name }) => name,
        );
  const positive = task === 'binary' ? positiveLabel(label.name, classes, request.positive) : null;

  const selected = [
    task === 'regression' ? `CAST(${identifier(label.name)} AS DOUBLE) AS label` : `${labelText} AS label`,
    ...(score === undefined ? [] : [`CAST(${identifier(column(score).name)} AS DOUBLE) AS candidate`]),
    ...(baselineScore === undefined ? [] : [`CAST(${identifier(column(baselineScore).name)} AS DOUBLE) AS baseline`]),
    ...request.slices.map((name, index) => `${canonicalText(identifier(name), column(name))} AS ${identifier(`slice ${index}`)}`),
  ];
  const ordered = `(SELECT * FROM ${source.relation} ORDER BY __row)`;
  const table = await engine.columns(`SELECT ${selected.join(', ')} FROM ${ordered}`);
  const values = (name: string) => {
    const found = table.columns[name];
    if (found?.kind === 'number') return found.values;
    throw new Error(`${name} was cast to a number in the query above`);
  };
  const texts = (name: string) => {
    const found = table.columns[name];
    if (found?.kind === 'text') return found.values;
    throw new Error(`${name} was cast to text in the query above`);
  };
  const finite = (name: string, shown: string | undefined) => {
    const found = values(name);
    const bad = found.findIndex((value) => !Number.isFinite(value));
    if (bad === -1) return found;
    throw new UserError('SCORES_NOT_FINITE', `Row ${bad + 1} of ${request.file} has no finite ${shown}.`, 'Every row needs a score.', {
      file: request.file,
    });
  };

  const slices = Object.fromEntries(request.slices.map((name, index) => [name, encodeNames(texts(`slice ${index}`))]));
  const base = { n: table.rowCount, slices, clusters: null, rowNumbers: null, dtype: 'float64' } as const;
  if (request.model === undefined) {
    if (task === 'multiclass')
      throw new UserError(
        'TASK_NEEDS_MODEL',
        'A predictions file holds one score a row, which is not enough for task multiclass.',
        'Evaluate the model: --model M.onnx --data FILE.',
      );
    const candidate = finite('candidate', score);
    if (task === 'binary') refuseNoShare(candidate, request.file, score);
    const baseline = baselineScore === undefined ? null : finite('baseline', baselineScore);
    return { task, ...base, labels: labelsOf(), candidate, baseline };
  }

  const answer = async (path: string) => {
    const bytes = await readFile(resolve(request.root, path)).catch(() => {
      throw new UserError('MODEL_FILE_MISSING', `There is no model file ${path}.`, 'Correct the path.');
    });
    const features = source.columns
      .filter(({ name }) => name !== label.name && !request.slices.includes(name))
      .map(({ name, type }) => ({ name, type }));
    const scorer = await openOnnxScorer(bytes, { openSession }, { task, positive, classes, features });
    const predictions = await scoreRows(engine, ordered, scorer);
    await scorer.close();
    return predictions;
  };
  const own = await answer(request.model);
  const other = request.baselineModel === undefined ? null : await answer(request.baselineModel);
  if (own.kind === 'multiclass') {
    const baseline = other?.kind === 'multiclass' ? other.probabilities : null;
    const known = new Map(own.classes.map((name, index) => [name, index]));
    const unknown = classes.filter((name) => !known.has(name));
    if (unknown.length > 0)
      throw new UserError(
        'LABEL_CLASSES',
        `${unknown.length} of ${classes.length} classes of ${label.name} are unknown to the model.`,
        'Evaluate on rows of its classes.',
      );
    const labels = Float64Array.from(texts('label'), (name) => known.get(name ?? '') ?? 0);
    return { task: 'multiclass', ...base, labels, classes: own.classes, candidate: own.probabilities, baseline, dtype: own.dtype };
  }
  const scores = (predictions: Predictions) =>
    predictions.kind === 'binary' ? predictions.scores : predictions.kind === 'values' ? predictions.values : new Float64Array();
  return {
    task,
    ...base,
    labels: labelsOf(),
    candidate: scores(own),
    baseline: other && scores(other),
    dtype: own.kind === 'binary' ? own.dtype : 'float64',
  };

  function labelsOf(): Float64Array {
    return task === 'regression' ? finite('label', label.name) : Float64Array.from(texts('label'), (name) => (name === positive ? 1 : 0));
  }
}

function refuseNoShare(scores: Float64Array, file: string, column: string | undefined): void {
  const bad = scores.findIndex((value) => value < 0 || value > 1);
  if (bad === -1) return;
  throw new UserError(
    'SCORES_OUT_OF_RANGE',
    `Row ${bad + 1} of ${file} has a ${column} outside 0 … 1.`,
    'Give the probability of the positive class.',
    { file },
  );
}
