import { UserError } from '../errors.ts';
import type { Column, ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { joinPredictions } from './join-predictions.ts';
import type { Predictions, Scorer } from './scorer.ts';

export interface ScoreRowsOptions {
  /** Rows a call of the model. */
  readonly batch?: number;
  /** After every batch. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows that are held in memory at once. A query each, so that more of them would scan the file again and again. */
const rowsAQuery = 1_048_576;

/**
 * Scores all rows of a relation (`read_parquet('test.parquet')`), in its order, reading only the columns that the model reads,
 * in the types that it wants. The relation must keep its order from query to query, as Parquet files do.
 */
export async function scoreRows(
  engine: QueryEngine,
  relationSql: string,
  scorer: Scorer,
  { batch = 65_536, onProgress }: ScoreRowsOptions = {},
): Promise<Predictions> {
  const select = await selectInputs(engine, relationSql, scorer.inputs);
  const total = (await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relationSql}`))[0]!.n;
  if (total === 0) throw new UserError('NO_ROWS', 'There is no row to score.', 'Check the data and the split.');
  const perQuery = scorer.wholeFile ? total : rowsAQuery;
  const perCall = scorer.wholeFile ? total : batch;
  const parts: Predictions[] = [];
  for (let offset = 0, done = 0; offset < total; offset += perQuery) {
    const table = await engine.columns(total <= perQuery ? select : `${select} LIMIT ${perQuery} OFFSET ${offset}`);
    for (let from = 0; from < table.rowCount; from += perCall) {
      const rows = sliceRows(table, from, Math.min(from + perCall, table.rowCount));
      parts.push(await scorer.score(rows));
      done += rows.rowCount;
      onProgress?.(done, total);
    }
  }
  return joinPredictions(parts);
}

/** Rows `from` up to, not including, `to`. Numbers are views of the same memory. */
export function sliceRows(table: ColumnTable, from: number, to: number): ColumnTable {
  if (from === 0 && to === table.rowCount) return table;
  const columns: Record<string, Column> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    if (column.kind === 'text') {
      columns[name] = { kind: 'text', values: column.values.slice(from, to) };
      continue;
    }
    const nulls = column.nulls ? { nulls: column.nulls.subarray(from, to) } : {};
    columns[name] =
      column.kind === 'number'
        ? { kind: 'number', values: column.values.subarray(from, to), ...nulls }
        : { kind: 'integer', values: column.values.subarray(from, to), ...nulls };
  }
  return { rowCount: to - from, columns };
}

/** The query for what a scorer reads. Throws `MODEL_COLUMN_MISSING` and `MODEL_INPUT_TYPE`. */
export async function selectInputs(engine: QueryEngine, relationSql: string, inputs: Scorer['inputs']): Promise<string> {
  const described = await engine.rows<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${relationSql}`);
  const types = new Map(described.map((column) => [column.column_name, column.column_type]));
  const missing = inputs.filter(({ name }) => !types.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new UserError(
      'MODEL_COLUMN_MISSING',
      `The model reads ${missing.join(', ')}, which the rows do not have.`,
      `The rows have ${[...types.keys()].filter((name) => !name.startsWith('__')).join(', ')}.`,
    );
  }
  if (inputs.length === 0) return `SELECT 0 AS ${identifier('__none')} FROM ${relationSql}`;
  return `SELECT ${inputs.map((input) => castTo(input, types.get(input.name)!)).join(', ')} FROM ${relationSql}`;
}

const integerTypes = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^BOOLEAN$/;

function castTo({ name, type }: Scorer['inputs'][number], sqlType: string): string {
  const column = identifier(name);
  const isText = /^(VARCHAR|ENUM|UUID)/.test(sqlType);
  if (type === 'text') return isText && sqlType === 'VARCHAR' ? column : `CAST(${column} AS VARCHAR) AS ${column}`;
  if (isText) {
    throw new UserError(
      'MODEL_INPUT_TYPE',
      `Column ${name} holds text, and the model wants ${type === 'integer' ? 'an integer' : 'a number'}.`,
      'Export the model with a string input for it, or make the column a number in the data.',
    );
  }
  // Dates and times have no cast to a number; the engine gives milliseconds.
  if (/^(TIMESTAMP|DATE)/.test(sqlType)) return column;
  if (type === 'integer') return integerTypes.test(sqlType) ? `CAST(${column} AS BIGINT) AS ${column}` : column;
  return sqlType === 'DOUBLE' || sqlType === 'FLOAT' ? column : `CAST(${column} AS DOUBLE) AS ${column}`;
}
