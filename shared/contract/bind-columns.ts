import type { Dialect } from '../query/dialect.ts';
import { type ColumnType, castText } from '../source/column-type.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import type { ContractColumn, ContractTable } from './contract.ts';
import { declaredType } from './declared-types.ts';
import { hasOwnTypes, isNested, isNumeric, isTimeOfDay, mayBeNaN } from './sql-kinds.ts';

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
  /** `value` as text. */
  readonly text: string;
  /** Whether the cell holds nothing: NULL, or NaN in a float. */
  readonly missing: string;
  /** Of `value`. */
  readonly type: ColumnType | 'time' | 'nested';
  /** Only floats can be NaN, which counts as missing. */
  readonly isFloat: boolean;
  /** Whether `value` is NaN, where it can be. */
  readonly isNaN: string;
  /** `value` of a number as a double. */
  readonly double: string;
}

/** The contract's columns that the data has, by the contract's name. A physical name goes before the logical one. */
export function bindColumns(table: ContractTable, source: TableSource, dialect: Dialect): ReadonlyMap<string, BoundColumn> {
  const byName = new Map(source.columns.map((column) => [column.name, column]));
  return new Map(
    table.columns.flatMap((declared) => {
      const found = (declared.physicalName !== null ? byName.get(declared.physicalName) : undefined) ?? byName.get(declared.name);
      return found ? [[declared.name, bindColumn(found, declared, source, dialect)] as const] : [];
    }),
  );
}

export function bindColumn(column: SourceColumn, declared: ContractColumn | null, source: TableSource, dialect: Dialect): BoundColumn {
  const cell = dialect.identifier(column.name);
  const wanted = declared ? declaredType(declared) : null;
  // Text formats have no types of their own: a text cell counts as what it says.
  const isCast = !hasOwnTypes(source.format) && column.type === 'text' && wanted !== null && wanted !== 'text' && wanted !== 'nested';
  const type = isCast ? wanted : isTimeOfDay(column.sqlType) ? 'time' : isNested(column.sqlType) ? 'nested' : column.type;
  const value = isCast ? castCell(cell, wanted) : cell;
  const isFloat = mayBeNaN(column.sqlType);
  const numeric = isNumeric(column.sqlType);
  // Beside a double a numeric would become one, and some don't fit.
  const nanSql = (sql: string) => (numeric ? `(${sql} = 'NaN')` : dialect.isNaN(sql));
  return {
    name: column.name,
    source: column,
    declared,
    cell,
    value,
    // Another engine counts much as text that its operators don't take for one: UUIDs, JSON.
    text: type === 'text' && dialect.name === 'duckdb' ? value : dialect.text(value),
    missing: isFloat ? `(${cell} IS NULL OR ${nanSql(cell)})` : `${cell} IS NULL`,
    isNaN: nanSql(value),
    double: numeric ? narrowed(value, dialect) : `CAST(${value} AS ${dialect.types.double})`,
    type,
    isFloat: type === 'number' && (isCast || isFloat),
  };
}

/** As near as a double comes: what is beyond stops PostgreSQL otherwise. */
const narrowed = (numeric: string, dialect: Dialect) =>
  `CAST(CASE WHEN ${numeric} = 'NaN' THEN ${numeric} WHEN abs(${numeric}) < 1e-300 THEN 0 WHEN abs(${numeric}) > 1e300 THEN sign(${numeric}) * 1e300 ELSE ${numeric} END AS ${dialect.types.double})`;

export const castCell = (cell: string, type: ColumnType | 'time') => (type === 'time' ? `TRY_CAST(${cell} AS TIME)` : castText(cell, type));
