import { open } from 'node:fs/promises';
import type { Column, ColumnTable } from '../query/query-engine.ts';

/** Rows that are joined before they are written. */
const rowsAWrite = 10_000;

/** Writes rows as CSV (RFC 4180) with a header. A missing value is an empty field, an empty text is `""`. */
export async function writeRowsCsv(path: string, rows: ColumnTable, names: readonly string[]): Promise<void> {
  const columns = names.map((name) => rows.columns[name]!);
  const file = await open(path, 'w');
  try {
    await file.write(`${names.map(quoted).join(',')}\n`);
    for (let from = 0; from < rows.rowCount; from += rowsAWrite) {
      const lines: string[] = [];
      for (let row = from; row < Math.min(from + rowsAWrite, rows.rowCount); row++) {
        lines.push(columns.map((column) => field(column, row)).join(','));
      }
      await file.write(`${lines.join('\n')}\n`);
    }
  } finally {
    await file.close();
  }
}

function field(column: Column, row: number): string {
  if (column.kind === 'text') {
    const value = column.values[row] ?? null;
    return value === null ? '' : quoted(value);
  }
  if (column.nulls?.[row]) return '';
  const value = column.values[row]!;
  return Number.isNaN(value) ? '' : String(value);
}

const quoted = (text: string) => (text === '' || /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text);
