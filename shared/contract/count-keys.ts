import type { Dialect } from '../query/dialect.ts';
import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { type BoundColumn, bindColumn } from './bind-columns.ts';
import { hasRowNumbers, isBinary } from './sql-kinds.ts';

/** Most rows that a check lists. */
export const maxListed = 20;

export interface KeyCounts {
  /** Rows whose key others have too. */
  readonly shared: number;
  /** Of those, the rows beyond the first of their key. */
  readonly repeated: number;
  /** Keys that more than one row has. */
  readonly keys: number;
}

/** Groups by the columns' values; a row with a missing part has no key. Exact. */
export async function countKeys(engine: SqlEngine, source: TableSource, columns: readonly BoundColumn[]): Promise<KeyCounts> {
  const [found] = await engine.rows<KeyCounts>(
    `SELECT coalesce(sum(n), 0) AS shared, coalesce(sum(n - 1), 0) AS repeated, count(*) AS keys FROM (${sharedKeys(engine, source, columns, 'count(*) AS n')}) AS shared_keys`,
  );
  return found ?? { shared: 0, repeated: 0, keys: 0 };
}

/** Rows of a file, by number, or of a table without; in both by what they hold. */
export interface ListedKeys {
  readonly rows: readonly number[];
  readonly texts: readonly string[];
}

/** The first rows, by number, that share a key (`shared`) or repeat an earlier row's (`repeated`); in a table, the first keys. */
export async function listKeyRows(
  engine: SqlEngine,
  source: TableSource,
  columns: readonly BoundColumn[],
  counts: 'shared' | 'repeated',
): Promise<ListedKeys> {
  const { dialect } = engine;
  const names = columns.map((_, index) => `k${index}`);
  const keyText = names.map((name) => dialect.text(name)).join(', ');
  if (!hasRowNumbers(source.format)) {
    const order = columns.map(({ type }, index) => (type === 'text' ? dialect.bytewise(`k${index}`) : `k${index}`)).join(', ');
    const found = await engine.rows<{ text: string }>(
      `SELECT concat_ws(', ', ${keyText}) AS text FROM (${sharedKeys(engine, source, columns)}) AS shared_keys ORDER BY ${order} LIMIT ${maxListed}`,
    );
    return { rows: [], texts: found.map(({ text }) => text) };
  }
  const numbered = `SELECT "__row" AS row, ${columns.map(({ value }, index) => `${value} AS k${index}`).join(', ')} FROM ${source.relation}`;
  const rank = counts === 'repeated' ? `row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY row)` : '2';
  const found = await engine.rows<{ row: number; text: string }>(
    `SELECT row, concat_ws(', ', ${keyText}) AS text FROM (
       SELECT *, ${rank} AS rank FROM (${numbered}) SEMI JOIN (${sharedKeys(engine, source, columns)}) USING (${names.join(', ')})
     ) WHERE rank > 1 ORDER BY row LIMIT ${maxListed}`,
  );
  return { rows: found.map(({ row }) => row), texts: found.map(({ text }) => text) };
}

function sharedKeys({ dialect }: SqlEngine, source: TableSource, columns: readonly BoundColumn[], more = ''): string {
  const keys = columns.map((column, index) => `${groupable(column, dialect)} AS k${index}`);
  const names = columns.map((_, index) => `k${index}`);
  const present = columns.map((column) => `${column.value} IS NOT NULL${column.isFloat ? ` AND NOT ${column.isNaN}` : ''}`).join(' AND ');
  return `SELECT ${[...names, ...(more ? [more] : [])].join(', ')} FROM (SELECT ${keys.join(', ')} FROM ${source.relation} WHERE ${present}) AS present GROUP BY ${names.join(', ')} HAVING count(*) > 1`;
}

/** Whole rows that repeat an earlier one: how many, and the first of them. Missing cells count as equal. */
export async function findDuplicateRows(
  engine: SqlEngine,
  source: TableSource,
): Promise<{ readonly count: number; readonly rows: readonly number[] }> {
  const { dialect } = engine;
  const cells = source.columns.map((column) => groupable(bindColumn(column, null, source, dialect), dialect)).join(', ');
  if (dialect.name !== 'duckdb') {
    // No hash is the same wherever SQL runs; the engine's own grouping spills to disk, or to other machines.
    return { count: await countRepeated(engine, source, cells), rows: [] };
  }
  // Equal rows have equal hashes: no shared hash is a proof. A shared one is only a reason to compare the rows themselves.
  const suspects = `SELECT hash(${cells}) AS h FROM ${source.relation} GROUP BY h HAVING count(*) > 1`;
  const [suspected] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM (${suspects})`);
  if (!suspected?.n) return { count: 0, rows: [] };
  if (!hasRowNumbers(source.format)) {
    return { count: await countRepeated(engine, source, cells, `WHERE hash(${cells}) IN (${suspects})`), rows: [] };
  }
  const [found] = await engine.rows<{ count: number; rows: readonly number[] | null }>(
    `SELECT count(*) AS count, min("__row", ${maxListed}) AS rows FROM (
       SELECT "__row", row_number() OVER (PARTITION BY ${cells} ORDER BY "__row") AS rank FROM ${source.relation}
       WHERE hash(${cells}) IN (${suspects})
     ) WHERE rank > 1`,
  );
  return { count: found?.count ?? 0, rows: found?.rows ?? [] };
}

async function countRepeated(engine: SqlEngine, source: TableSource, cells: string, where = ''): Promise<number> {
  const [found] = await engine.rows<{ count: number }>(
    `SELECT coalesce(sum(n - 1), 0) AS count FROM (SELECT count(*) AS n FROM ${source.relation} ${where} GROUP BY ${cells} HAVING count(*) > 1) AS repeated`,
  );
  return found?.count ?? 0;
}

/** Equal where the values are, in every engine: a JSON or a map of another has no equality but that of its text. */
function groupable({ value, text, type, source }: BoundColumn, dialect: Dialect): string {
  if (dialect.name === 'duckdb') return value;
  return type === 'nested' || (type === 'text' && !isBinary(source.sqlType)) ? dialect.bytewise(text) : value;
}
