import type { Column, ColumnTable } from '../query/query-engine.ts';
import type { ServedRow } from './read-row.ts';
import type { ServedField } from './served-field.ts';

/** Rows of many requests side by side, as a scorer takes them. */
export function rowsTable(rows: readonly ServedRow[], fields: readonly ServedField[]): ColumnTable {
  const columns: Record<string, Column> = {};
  for (let index = 0; index < fields.length; index++) {
    const { name, type } = fields[index]!;
    if (type === 'text') {
      columns[name] = { kind: 'text', values: rows.map((row) => row[index] as string | null) };
      continue;
    }
    const values = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at++) values[at] = rows[at]![index] as number;
    columns[name] = { kind: 'number', values };
  }
  return { rowCount: rows.length, columns };
}
