import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { canonicalText } from '../dataset/canonical-text.ts';
import { positiveLabel } from '../dataset/positive-label.ts';
import { UserError } from '../errors.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import type { ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { OpenSession } from '../scoring/inference-session.ts';
import { openOnnxScorer } from '../scoring/open-onnx-scorer.ts';
import { scoreRows } from '../scoring/score-rows.ts';
import type { Predictions } from '../scoring/scorer.ts';
import { openSource, type SourceColumn, type TableSource } from '../source/table-source.ts';
import { toScores } from './compare-scorers.ts';
import { encodeNames } from './test-rows.ts';

/** A file of predictions (`score`), or of rows that an ONNX model answers (`model`). */
export interface FileRows {
  readonly file: string;
  /** What relative paths are relative to. */
  readonly root: string;
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly label: string;
  readonly positive: string | undefined;
  /** Columns of a predictions file. */
  readonly score: string | undefined;
  readonly baselineScore: string | undefined;
  /** ONNX files. */
  readonly model: string | undefined;
  readonly baselineModel: string | undefined;
  readonly slices: readonly string[];
  readonly cluster: string | undefined;
}

/** What a file says of its rows before any model has answered. */
interface LabelledRows {
  readonly source: TableSource;
  /** SQL of all rows, in the file's order. */
  readonly ordered: string;
  readonly table: ColumnTable;
  /** Values of the label as canonical text, sorted; empty for regression. */
  readonly classes: readonly string[];
  readonly positive: string | null;
  readonly base: Pick<ScoredRows, 'n' | 'slices' | 'clusters' | 'rowNumbers'>;
}

/** @throws UserError for a column that is not there, a missing label or score, and a model that answers another task. */
export async function loadFileRows(engine: QueryEngine, openSession: OpenSession, request: FileRows): Promise<ScoredRows> {
  const rows = await readLabelled(engine, request);
  if (request.model === undefined) return fromPredictions(rows, request);
  const own = await answer(engine, openSession, rows, request, request.model);
  const other = request.baselineModel === undefined ? null : await answer(engine, openSession, rows, request, request.baselineModel);
  return request.task === 'multiclass' ? ofManyClasses(rows, request, own, other) : ofOneScore(rows, request, own, other);
}

async function readLabelled(engine: QueryEngine, request: FileRows): Promise<LabelledRows> {
  const { task, file, score, baselineScore, slices, cluster } = request;
  const source = await openSource(engine, { source: file, root: request.root });
  const label = column(source, file, request.label);
  await refuseMissingLabels(engine, source, label, file);
  const labelText = canonicalText(identifier(label.name), label);
  const classes =
    task === 'regression'
      ? []
      : (await engine.rows<{ name: string }>(`SELECT DISTINCT ${labelText} AS name FROM ${source.relation} ORDER BY 1 LIMIT 1001`)).map(
          ({ name }) => name,
        );

  const number = (name: string, as: string) => `CAST(${identifier(column(source, file, name).name)} AS DOUBLE) AS ${as}`;
  const text = (name: string, as: string) => `${canonicalText(identifier(name), column(source, file, name))} AS ${identifier(as)}`;
  const selected = [
    task === 'regression' ? number(label.name, 'label') : `${labelText} AS label`,
    ...(score === undefined ? [] : [number(score, 'candidate')]),
    ...(baselineScore === undefined ? [] : [number(baselineScore, 'baseline')]),
    ...(cluster === undefined ? [] : [text(cluster, 'cluster')]),
    ...slices.map((name, index) => text(name, `slice ${index}`)),
  ];
  const ordered = `(SELECT * FROM ${source.relation} ORDER BY __row)`;
  const table = await engine.columns(`SELECT ${selected.join(', ')} FROM ${ordered}`);
  const clusters = cluster === undefined ? null : encodeNames(texts(table, 'cluster'));
  return {
    source,
    ordered,
    table,
    classes,
    positive: task === 'binary' ? positiveLabel(label.name, classes, request.positive) : null,
    base: {
      n: table.rowCount,
      slices: Object.fromEntries(slices.map((name, index) => [name, encodeNames(texts(table, `slice ${index}`))])),
      clusters: clusters && { codes: clusters.codes, count: clusters.names.length, what: cluster ?? '' },
      rowNumbers: null,
    },
  };
}

function fromPredictions(rows: LabelledRows, request: FileRows): ScoredRows {
  const { task, file, score, baselineScore } = request;
  if (task === 'multiclass')
    throw new UserError(
      'TASK_NEEDS_MODEL',
      'A predictions file holds one score a row, which is not enough for task multiclass.',
      'Evaluate the model: --model M.onnx --data FILE.',
    );
  const read = (name: string, shown: string | undefined) => {
    const scores = finite(rows.table, name, file, shown);
    if (task === 'binary') refuseNoShare(scores, file, shown);
    return scores;
  };
  const single = score !== undefined && column(rows.source, file, score).sqlType === 'FLOAT';
  return {
    task,
    ...rows.base,
    labels: labelsOf(rows, request),
    candidate: read('candidate', score),
    baseline: baselineScore === undefined ? null : read('baseline', baselineScore),
    dtype: single ? 'float32' : 'float64',
  };
}

async function answer(
  engine: QueryEngine,
  openSession: OpenSession,
  rows: LabelledRows,
  request: FileRows,
  path: string,
): Promise<Predictions> {
  const bytes = await readFile(resolve(request.root, path)).catch(() => {
    throw new UserError('MODEL_FILE_MISSING', `There is no model file ${path}.`, 'Correct the path.');
  });
  const features = rows.source.columns.filter(({ name }) => name !== request.label).map(({ name, type }) => ({ name, type }));
  const { task } = request;
  const scorer = await openOnnxScorer(bytes, { openSession }, { task, positive: rows.positive, classes: rows.classes, features });
  try {
    return await scoreRows(engine, rows.ordered, scorer);
  } finally {
    await scorer.close();
  }
}

function ofOneScore(rows: LabelledRows, request: FileRows, own: Predictions, other: Predictions | null): ScoredRows {
  const { task } = request;
  const { scores, dtype } = toScores(own, task, 'The model');
  const baseline = other && toScores(other, task, 'The baseline model').scores;
  return { task, ...rows.base, labels: labelsOf(rows, request), candidate: scores, baseline, dtype };
}

function ofManyClasses(rows: LabelledRows, request: FileRows, own: Predictions, other: Predictions | null): ScoredRows {
  if (own.kind !== 'multiclass') throw new UserError('TASK_MISMATCH', 'The model does not answer classes.', 'Correct --task.');
  const place = new Map(own.classes.map((name, index) => [name, index]));
  const unknown = rows.classes.filter((name) => !place.has(name));
  if (unknown.length > 0)
    throw new UserError(
      'LABEL_CLASSES',
      `${unknown.length} of ${rows.classes.length} classes of ${request.label} are unknown to the model.`,
      'Evaluate on rows of its classes.',
    );
  return {
    task: 'multiclass',
    ...rows.base,
    labels: Float64Array.from(texts(rows.table, 'label'), (name) => place.get(name ?? '') ?? 0),
    classes: own.classes,
    candidate: own.probabilities,
    baseline: other && inOrderOf(own.classes, other),
    dtype: own.dtype,
  };
}

/** The baseline's probabilities with its classes in the candidate's order. */
function inOrderOf(classes: readonly string[], other: Predictions): Float64Array {
  const known = other.kind === 'multiclass' ? other.classes : [];
  if (other.kind !== 'multiclass' || known.length !== classes.length || classes.some((name) => !known.includes(name)))
    throw new UserError('BASELINE_INCOMPATIBLE', 'The two models do not answer the same classes.', 'Compare models of the same classes.');
  const from = classes.map((name) => known.indexOf(name));
  return other.probabilities.map(
    (_, index) => other.probabilities[index - (index % classes.length) + (from[index % classes.length] ?? 0)] ?? 0,
  );
}

function labelsOf({ table, positive }: LabelledRows, { task, file, label }: FileRows): Float64Array {
  return task === 'regression'
    ? finite(table, 'label', file, label)
    : Float64Array.from(texts(table, 'label'), (name) => (name === positive ? 1 : 0));
}

function column({ columns }: TableSource, file: string, name: string): SourceColumn {
  const found = columns.find((candidate) => candidate.name === name);
  if (found) return found;
  const names = columns.map((candidate) => candidate.name);
  throw new UserError('COLUMN_UNKNOWN', `${file} has no column ${name}.`, `Its columns are ${names.slice(0, 30).join(', ')}.`);
}

async function refuseMissingLabels(engine: QueryEngine, { relation }: TableSource, { name }: SourceColumn, file: string): Promise<void> {
  const [missing] = await engine.rows<{ n: number }>(`SELECT count(*) FILTER (${identifier(name)} IS NULL) AS n FROM ${relation}`);
  if (missing && missing.n > 0)
    throw new UserError('LABEL_MISSING', `${missing.n} rows of ${file} have no ${name}.`, 'Leave those rows out: they can not be judged.');
}

function texts(table: ColumnTable, name: string): readonly (string | null)[] {
  const found = table.columns[name];
  if (found?.kind === 'text') return found.values;
  throw new Error(`${name} was cast to text in the query above`);
}

function finite(table: ColumnTable, name: string, file: string, shown: string | undefined): Float64Array {
  const found = table.columns[name];
  if (found?.kind !== 'number') throw new Error(`${name} was cast to a number in the query above`);
  const bad = found.values.findIndex((value) => !Number.isFinite(value));
  if (bad === -1) return found.values;
  throw new UserError('SCORES_NOT_FINITE', `Row ${bad + 1} of ${file} has no finite ${shown}.`, 'Every row needs a score.', { file });
}

function refuseNoShare(scores: Float64Array, file: string, shown: string | undefined): void {
  const bad = scores.findIndex((value) => value < 0 || value > 1);
  if (bad === -1) return;
  throw new UserError(
    'SCORES_OUT_OF_RANGE',
    `Row ${bad + 1} of ${file} has a ${shown} outside 0 … 1.`,
    'Give the probability of the positive class.',
    { file },
  );
}
