import { identifier } from '../query/sql-text.ts';
import { type ColumnType, castText } from '../source/column-type.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import type { ContractColumn, ContractTable } from './contract.ts';
import { declaredType } from './declared-types.ts';

/** A column of the data as rules see it. */
export interface BoundColumn {
  /** Its name in the data. */
  readonly name: string;
  readonly source: SourceColumn;
  readonly declared: ContractColumn | null;
  /** The cell as it is stored. */
  readonly cell: string;
  /** The cell as a value of its declared type: NULL where it isn't one, which the type rule reports. */
  readonly value: string;
  /** Of `value`. */
  readonly type: ColumnType | 'time' | 'nested';
  /** Only floats can be NaN, which counts as missing. */
  readonly isFloat: boolean;
}

/** The contract's columns that the data has, by the contract's name. A physical name goes before the logical one. */
export function bindColumns(table: ContractTable, source: TableSource): ReadonlyMap<string, BoundColumn> {
  const byName = new Map(source.columns.map((column) => [column.name, column]));
  return new Map(
    table.columns.flatMap((declared) => {
      const found = (declared.physicalName !== null ? byName.get(declared.physicalName) : undefined) ?? byName.get(declared.name);
      return found ? [[declared.name, bindColumn(found, declared, source)] as const] : [];
    }),
  );
}

export function bindColumn(column: SourceColumn, declared: ContractColumn | null, source: TableSource): BoundColumn {
  const cell = identifier(column.name);
  const wanted = declared ? declaredType(declared) : null;
  // Text formats have no types of their own: a text cell counts as what it says.
  const isCast = source.format !== 'parquet' && column.type === 'text' && wanted !== null && wanted !== 'text' && wanted !== 'nested';
  const isTime = /^TIME(?!STAMP)/.test(column.sqlType);
  const isNested = /\]$|^STRUCT|^MAP/.test(column.sqlType);
  const type = isCast ? wanted : isTime ? 'time' : isNested ? 'nested' : column.type;
  return {
    name: column.name,
    source: column,
    declared,
    cell,
    value: isCast ? castCell(cell, wanted) : cell,
    type,
    isFloat: type === 'number' && (isCast || column.sqlType === 'DOUBLE' || column.sqlType === 'FLOAT'),
  };
}

export const castCell = (cell: string, type: ColumnType | 'time') => (type === 'time' ? `TRY_CAST(${cell} AS TIME)` : castText(cell, type));

/** SQL for "this cell holds nothing": NULL, or NaN in a float. */
export const isMissing = ({ cell, source }: BoundColumn) =>
  source.sqlType === 'DOUBLE' || source.sqlType === 'FLOAT' ? `(${cell} IS NULL OR isnan(${cell}))` : `${cell} IS NULL`;
