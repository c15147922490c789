import type { SqlEngine } from '../query/query-engine.ts';
import type { CellKeys, CountRow } from './profile-sql.ts';

/**
 * The rows that `countsSql` answers, by cell and column.
 *
 * @param placeOf - the index of a cell whose rows have keys; of those with a `cell` it is known
 * @returns rows of column c in cell i at [i][c]; a column without rows may be absent
 */
export async function readCounts(
  engine: SqlEngine,
  sql: string,
  cells: number,
  placeOf: (keys: CellKeys) => number | undefined,
): Promise<readonly (readonly (readonly CountRow[] | undefined)[])[]> {
  const found: CountRow[][][] = Array.from({ length: cells }, () => []);
  for (const row of await engine.rows<CountRow & CellKeys & { readonly cell?: number }>(sql)) {
    const byColumn = found[row.cell ?? placeOf(row) ?? -1];
    if (!byColumn) continue;
    byColumn[row.c] ??= [];
    byColumn[row.c]!.push(row);
  }
  return found;
}
