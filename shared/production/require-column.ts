import { UserError } from '../errors.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { nearestName } from '../spec/nearest-name.ts';

/** The column of this name. @throws UserError `COLUMN_UNKNOWN`, with the nearest name */
export function requireColumn(table: TableSource, name: string): SourceColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found) return found;
  const names = table.columns.map((column) => column.name);
  const near = nearestName(name, names);
  throw new UserError(
    'COLUMN_UNKNOWN',
    `${table.source} has no column ${name}.`,
    `${near === undefined ? '' : `Did you mean ${near}? `}Its columns are ${names.slice(0, 30).join(', ')}.`,
    { file: table.source },
  );
}
