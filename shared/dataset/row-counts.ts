import type { QueryEngine } from '../query/query-engine.ts';
import { splitColumn } from './assign-splits.ts';
import { rowIdColumn } from './manifest.ts';
import { work } from './prepare-rows.ts';

/** Whether some identity names more than one row. */
export async function hasRepeatedIds(engine: QueryEngine, rows: string): Promise<boolean> {
  const [found] = await engine.rows<{ rows: number; ids: number }>(
    `SELECT count(*) AS rows, count(DISTINCT ${rowIdColumn}) AS ids FROM ${rows}`,
  );
  return found !== undefined && found.ids < found.rows;
}

/** Share of the training rows by label value, as canonical text. */
export async function labelShares(engine: QueryEngine, view: string, trainRows: number): Promise<Readonly<Record<string, number>>> {
  const found = await engine.rows<{ label: string; rows: number }>(
    `SELECT ${work.label} AS label, count(*) AS rows FROM ${view} WHERE ${splitColumn} = 'train' GROUP BY 1 ORDER BY 1`,
  );
  return Object.fromEntries(found.map(({ label, rows }) => [label, rows / trainRows]));
}
