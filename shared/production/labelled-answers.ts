import { positiveLabel } from '../dataset/positive-label.ts';
import { UserError } from '../errors.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import type { ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { literal } from '../query/sql-text.ts';
import type { Notice } from '../verdict/notice.ts';
import { formatMany } from '../words/format-number.ts';
import { type LogSlice, type PredictionLog, sliceCondition } from './open-prediction-log.ts';

export type Task = 'binary' | 'multiclass' | 'regression';

export interface AnswerRequest {
  readonly task: Task;
  /** The label's positive value as the training data have it; the usual one where it isn't given. */
  readonly positive?: string | null;
  readonly slice: LogSlice;
}

/** Answers with their truth as numbers, in ascending order of `window`. */
export interface LabelledAnswers {
  /** Which window each is in, as the caller's expression counts them. */
  readonly windows: Float64Array;
  readonly labels: Float64Array;
  readonly scores: Float64Array;
  readonly classes: readonly string[];
  /** score: probabilities or numbers; prediction: the answered label alone, so that only shares of right answers mean something. */
  readonly basis: 'score' | 'prediction';
  readonly notices: readonly Notice[];
}

const mostClasses = 1_000;

/**
 * The answers of a log whose truth is known: labels as 0 and 1 (binary), class codes (multiclass) or numbers, and scores beside them. A model
 * of classes logs no probability of each, so it is judged by what it answered; so is a binary model that logs no score.
 *
 * @throws UserError `LABEL_CLASSES`, `POSITIVE_UNCLEAR`, `POSITIVE_NOT_FOUND`, `SCORES_OUT_OF_RANGE`
 */
export async function readLabelledAnswers(
  engine: QueryEngine,
  log: PredictionLog,
  { task, positive, slice }: AnswerRequest,
  window: string,
): Promise<LabelledAnswers> {
  const from = `${log.relation} WHERE label IS NOT NULL AND ${sliceCondition(slice)}`;
  if (task === 'multiclass') return readClasses(engine, from, window);
  const [kinds] = await engine.rows<{ all: number; scored: number; outside: number }>(
    `SELECT count(*) AS all, count(score) AS scored, count(*) FILTER (score < 0 OR score > 1) AS outside FROM ${from}`,
  );
  const { all = 0, scored = 0, outside = 0 } = kinds ?? {};
  const notices: Notice[] = [];
  if (task === 'regression') {
    const read = await engine.columns(
      `SELECT ${window} AS w, TRY_CAST(label AS DOUBLE) AS y, score AS s FROM ${from} AND score IS NOT NULL AND isfinite(TRY_CAST(label AS DOUBLE)) ORDER BY w`,
    );
    if (read.rowCount < all) notices.push(leftOut(all - read.rowCount, 'without a score or with a label that is no number'));
    return { windows: numbers(read, 'w'), labels: numbers(read, 'y'), scores: numbers(read, 's'), classes: [], basis: 'score', notices };
  }
  if (outside > 0) {
    throw new UserError(
      'SCORES_OUT_OF_RANGE',
      `${formatMany(outside, 'score')} of ${log.source} ${outside === 1 ? 'lies' : 'lie'} outside of 0 … 1.`,
      'Log the probability of the positive class; `weighin logs check --task binary` names the lines.',
      { file: log.source },
    );
  }
  const classes = (
    await engine.rows<{ name: string }>(`SELECT DISTINCT label AS name FROM ${from} ORDER BY 1 LIMIT ${mostClasses + 1}`)
  ).map(({ name }) => name);
  const name = classes.length === 0 ? '' : positiveLabel('label', classes, positive ?? undefined);
  const basis = scored > 0 || all === 0 ? 'score' : 'prediction';
  const score = basis === 'score' ? 'score' : `CAST(${samePositive('prediction', name)} AS DOUBLE)`;
  const read = await engine.columns(
    `SELECT ${window} AS w, CAST(label = ${literal(name)} AS DOUBLE) AS y, ${score} AS s FROM ${from} AND ${basis} IS NOT NULL ORDER BY w`,
  );
  if (read.rowCount < all) notices.push(leftOut(all - read.rowCount, `without a ${basis}`));
  return { windows: numbers(read, 'w'), labels: numbers(read, 'y'), scores: numbers(read, 's'), classes: [], basis, notices };
}

/** A server may answer true where the label is 1. */
export const samePositive = (text: string, positive: string) =>
  /^(?:1|true)$/i.test(positive) ? `(lower(${text}) IN ('1', 'true'))` : `(${text} = ${literal(positive)})`;

async function readClasses(engine: QueryEngine, from: string, window: string): Promise<LabelledAnswers> {
  const known = await engine.rows<{ name: string }>(
    `SELECT DISTINCT name FROM (SELECT unnest([label, prediction]) AS name FROM ${from}) WHERE name IS NOT NULL ORDER BY 1 LIMIT ${mostClasses + 1}`,
  );
  if (known.length > mostClasses)
    throw new UserError('LABEL_CLASSES', `Labels and answers have more than ${mostClasses} classes.`, 'Set task: regression.');
  const classes = known.map(({ name }) => name);
  const list = `[${classes.map(literal).join(', ')}]::VARCHAR[]`;
  const read = await engine.columns(
    `SELECT ${window} AS w, CAST(list_position(${list}, label) - 1 AS DOUBLE) AS y, CAST(list_position(${list}, prediction) - 1 AS DOUBLE) AS s
     FROM ${from} AND prediction IS NOT NULL ORDER BY w`,
  );
  return { windows: numbers(read, 'w'), labels: numbers(read, 'y'), scores: numbers(read, 's'), classes, basis: 'prediction', notices: [] };
}

const leftOut = (rows: number, why: string): Notice => ({
  code: 'ANSWERS_LEFT_OUT',
  message: `${formatMany(rows, 'labelled answer')} ${why} ${rows === 1 ? 'is' : 'are'} left out.`,
});

function numbers(table: ColumnTable, name: string): Float64Array {
  const column = table.columns[name];
  if (column?.kind === 'number') return column.values;
  if (column?.kind === 'integer') return Float64Array.from(column.values, Number);
  throw new Error(`${name} was cast to a number in the query above`);
}

/** The answers from `from` up to `to` as rows that metrics are computed from; classes stand as certain probabilities. */
export function scoredRowsOf(answers: LabelledAnswers, task: Task, from: number, to: number): ScoredRows {
  const n = to - from;
  const codes = answers.scores.subarray(from, to);
  const width = answers.classes.length;
  let candidate = codes;
  if (task === 'multiclass') {
    candidate = new Float64Array(n * width);
    codes.forEach((code, row) => {
      candidate[row * width + code] = 1;
    });
  }
  return {
    task,
    n,
    labels: answers.labels.subarray(from, to),
    ...(task === 'multiclass' && { classes: answers.classes }),
    candidate,
    baseline: null,
    dtype: 'float64',
    slices: {},
    clusters: null,
    rowNumbers: null,
  };
}
