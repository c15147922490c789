import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { TableSource } from '../source/table-source.ts';
import type { BoundColumn } from './bind-columns.ts';

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
export async function countKeys(engine: QueryEngine, source: TableSource, columns: readonly BoundColumn[]): Promise<KeyCounts> {
  const [found] = await engine.rows<KeyCounts>(
    `SELECT coalesce(sum(n), 0) AS shared, coalesce(sum(n - 1), 0) AS repeated, count(*) AS keys FROM (${sharedKeys(source, columns, 'count(*) AS n')})`,
  );
  return found ?? { shared: 0, repeated: 0, keys: 0 };
}

/** The first rows, by number, that share a key (`shared`) or repeat an earlier row's (`repeated`). */
export async function listKeyRows(
  engine: QueryEngine,
  source: TableSource,
  columns: readonly BoundColumn[],
  counts: 'shared' | 'repeated',
): Promise<readonly { readonly row: number; readonly text: string }[]> {
  const names = columns.map((_, index) => `k${index}`);
  const numbered = `SELECT "__row" AS row, ${columns.map(({ value }, index) => `${value} AS k${index}`).join(', ')} FROM ${source.relation}`;
  const rank = counts === 'repeated' ? `row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY row)` : '2';
  return engine.rows(
    `SELECT row, concat_ws(', ', ${names.map((name) => `CAST(${name} AS VARCHAR)`).join(', ')}) AS text FROM (
       SELECT *, ${rank} AS rank FROM (${numbered}) SEMI JOIN (${sharedKeys(source, columns)}) USING (${names.join(', ')})
     ) WHERE rank > 1 ORDER BY row LIMIT ${maxListed}`,
  );
}

function sharedKeys(source: TableSource, columns: readonly BoundColumn[], more = ''): string {
  const keys = columns.map(({ value }, index) => `${value} AS k${index}`);
  const names = columns.map((_, index) => `k${index}`);
  const present = columns.map(({ value, isFloat }) => `${value} IS NOT NULL${isFloat ? ` AND NOT isnan(${value})` : ''}`).join(' AND ');
  return `SELECT ${[...names, ...(more ? [more] : [])].join(', ')} FROM (SELECT ${keys.join(', ')} FROM ${source.relation} WHERE ${present}) GROUP BY ${names.join(', ')} HAVING count(*) > 1`;
}

/** Whole rows that repeat an earlier one: how many, and the first of them. Missing cells count as equal. */
export async function findDuplicateRows(
  engine: QueryEngine,
  source: TableSource,
): Promise<{ readonly count: number; readonly rows: readonly number[] }> {
  const cells = source.columns.map(({ name }) => identifier(name)).join(', ');
  // Equal rows have equal hashes: no shared hash is a proof. A shared one is only a reason to compare the rows themselves.
  const suspects = `SELECT hash(${cells}) AS h FROM ${source.relation} GROUP BY h HAVING count(*) > 1`;
  const [suspected] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM (${suspects})`);
  if (!suspected?.n) return { count: 0, rows: [] };
  const [found] = await engine.rows<{ count: number; rows: readonly number[] | null }>(
    `SELECT count(*) AS count, min("__row", ${maxListed}) AS rows FROM (
       SELECT "__row", row_number() OVER (PARTITION BY ${cells} ORDER BY "__row") AS rank FROM ${source.relation}
       WHERE hash(${cells}) IN (${suspects})
     ) WHERE rank > 1`,
  );
  return { count: found?.count ?? 0, rows: found?.rows ?? [] };
}
