import { BIGINT, DOUBLE, type DuckDBAppender, DuckDBDataChunk, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import type { Column, ColumnTable } from '../../query/query-engine.ts';

/** What a vector holds. */
const chunkRows = 2_048;
const types = { number: DOUBLE, integer: BIGINT, text: VARCHAR };

/** Adds a batch's rows; columns go by their place. */
export function appendBatch(appender: DuckDBAppender, batch: ColumnTable): void {
  const columns = Object.values(batch.columns);
  for (let at = 0; at < batch.rowCount; at += chunkRows) {
    const rows = Math.min(chunkRows, batch.rowCount - at);
    const chunk = DuckDBDataChunk.create(
      columns.map(({ kind }) => types[kind]),
      rows,
    );
    for (const [index, column] of columns.entries()) chunk.setColumnValues(index, valuesOf(column, at, rows));
    appender.appendDataChunk(chunk);
  }
}

function valuesOf(column: Column, at: number, rows: number): readonly DuckDBValue[] {
  if (column.kind === 'text') return column.values.slice(at, at + rows);
  const { values, nulls } = column;
  return Array.from({ length: rows }, (_, row) => (nulls?.[at + row] ? null : values[at + row]!));
}
