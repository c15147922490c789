import type { QueryEngine } from '../query/query-engine.ts';
import { rowIdColumn } from './manifest.ts';

/** Whether some identity names more than one row. */
export async function hasRepeatedIds(engine: QueryEngine, rows: string): Promise<boolean> {
  const [found] = await engine.rows<{ rows: number; ids: number }>(
    `SELECT count(*) AS rows, count(DISTINCT ${rowIdColumn}) AS ids FROM ${rows}`,
  );
  return found !== undefined && found.ids < found.rows;
}
