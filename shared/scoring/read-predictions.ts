import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { openSource } from '../source/table-source.ts';
import { refuseOutOfRange } from './open-command-scorer.ts';
import { usualScoreNames } from './read-score-column.ts';
import type { Predictions } from './scorer.ts';

export interface PredictionsRequest {
  /** CSV, Parquet or JSON lines. */
  readonly file: string;
  /** What a relative path is relative to. */
  readonly root: string;
  /** SQL of the test rows, in the order in which answers are wanted. */
  readonly relationSql: string;
  /** Column that both sides name a row by; null joins by position, which needs as many rows on both sides. */
  readonly id: string | null;
  /** Column of the score; `score`, `prediction`, `predictions` or `probability` by default. */
  readonly score?: string | undefined;
  readonly task: 'binary' | 'multiclass' | 'regression' | 'ranking';
}

export interface ReadPredictions {
  readonly predictions: Predictions;
  /** Rows of the file that are not test rows: a team that predicts everything has many, since it can't know the test rows. */
  readonly extra: number;
}

/**
 * Answers of `format: predictions`, in the order of the test rows. Throws `NOT_SAME_ROWS` with the counts of missing, extra and repeated
 * ids, `PREDICTIONS_NO_SCORE`, `PREDICTIONS_NOT_FINITE`, `PREDICTIONS_OUT_OF_RANGE`.
 */
export async function readPredictions(engine: QueryEngine, request: PredictionsRequest): Promise<ReadPredictions> {
  const { file, root, relationSql, id, task } = request;
  if (task === 'multiclass' || task === 'ranking') {
    throw new UserError(
      'TASK_NOT_YET_SUPPORTED',
      `model.format: predictions holds one score a row, which task: ${task} can't be judged by.`,
      'Export the model to ONNX.',
    );
  }
  const source = await openSource(engine, { source: file, root });
  const names = source.columns.map(({ name }) => name);
  const score = chooseScore(names, request.score, file);
  const counted = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${relationSql} UNION ALL SELECT count(*) FROM ${source.relation}`,
  );
  const wanted = counted[0]!.n;
  const given = counted[1]!.n;
  const byId = id !== null && names.includes(id);
  if (id !== null && !byId && given !== wanted) {
    throw notSameRows(`${file} has no column ${id}, and ${given} rows where the test split has ${wanted}`, `Add the column ${id}.`);
  }
  if (byId) await refuseOtherRows(engine, relationSql, source.relation, id, file);
  else if (given !== wanted)
    throw notSameRows(
      `${file} has ${given} rows and the test split has ${wanted}`,
      'Set data.id, and write that column into the predictions.',
    );

  const value = `TRY_CAST(${identifier(score)} AS DOUBLE)`;
  const scores = byId
    ? await column(
        engine,
        `SELECT p.s FROM (SELECT row_number() OVER () AS place, CAST(${identifier(id)} AS VARCHAR) AS id FROM ${relationSql}) t
         JOIN (SELECT CAST(${identifier(id)} AS VARCHAR) AS id, ${value} AS s FROM ${source.relation}) p USING (id) ORDER BY t.place`,
      )
    : await column(engine, `SELECT ${value} AS s FROM ${source.relation} ORDER BY ${identifier('__row')}`);
  const bad = scores.reduce((count, found) => count + (Number.isFinite(found) ? 0 : 1), 0);
  if (bad > 0) {
    throw new UserError(
      'PREDICTIONS_NOT_FINITE',
      `${bad} of ${scores.length} test rows have no finite number as ${score} in ${file}.`,
      'Every row needs a score.',
      { file },
    );
  }
  const extra = Math.max(0, given - wanted);
  if (task === 'regression') return { predictions: { kind: 'values', values: scores, width: 1 }, extra };
  refuseOutOfRange(scores);
  return { predictions: { kind: 'binary', scores, dtype: 'float64' }, extra };
}

async function column(engine: QueryEngine, sql: string): Promise<Float64Array> {
  const found = (await engine.columns(sql)).columns['s'];
  if (found?.kind !== 'number') throw new Error('the score was cast to a number in the query above');
  return found.values;
}

function chooseScore(names: readonly string[], named: string | undefined, file: string): string {
  const found = named === undefined ? usualScoreNames.find((name) => names.includes(name)) : names.find((name) => name === named);
  if (found !== undefined) return found;
  throw new UserError(
    'PREDICTIONS_NO_SCORE',
    `${file} has no column ${named ?? 'score or prediction'}; its columns are ${names.slice(0, 20).join(', ')}.`,
    'Name the column score, or name it in model.score.',
    { file },
  );
}

/** Ids are compared as text: one side may hold them as numbers. */
async function refuseOtherRows(engine: QueryEngine, relationSql: string, predictions: string, id: string, file: string): Promise<void> {
  const text = `CAST(${identifier(id)} AS VARCHAR) AS id`;
  const [found] = await engine.rows<{ missing: number; extra: number; repeated: number }>(
    `WITH t AS (SELECT ${text}, count(*) AS n FROM ${relationSql} GROUP BY 1), p AS (SELECT ${text}, count(*) AS n FROM ${predictions} GROUP BY 1)
     SELECT count(*) FILTER (p.id IS NULL) AS missing, count(*) FILTER (t.id IS NULL) AS extra,
            count(*) FILTER (t.id IS NOT NULL AND p.n > 1) AS repeated
     FROM t FULL JOIN p ON t.id = p.id`,
  );
  const { missing, extra, repeated } = found!;
  if (missing === 0 && repeated === 0) return;
  const parts = [
    `${missing} test rows are missing`,
    `${extra} rows are not test rows`,
    ...(repeated > 0 ? [`${repeated} ids stand there more than once`] : []),
  ];
  throw notSameRows(`in ${file} ${parts.join(', ')} (by ${id})`, 'Predict the rows of this dataset, each once.');
}

const notSameRows = (what: string, todo: string) =>
  new UserError('NOT_SAME_ROWS', `The predictions are not of the same rows: ${what}.`, todo);
