import type { Dialect } from '../../shared/query/dialect.ts';

/** As a test writes a column, whatever its engine calls it. */
export type TestType = 'double' | 'float' | 'integer' | 'text' | 'boolean' | 'date' | 'timestamp' | 'zoned' | 'decimal';
export type TestValue = number | string | boolean | null;

export const testTypes: Readonly<Record<Dialect['name'], Readonly<Record<TestType, string>>>> = {
  duckdb: {
    double: 'DOUBLE',
    float: 'FLOAT',
    integer: 'BIGINT',
    text: 'VARCHAR',
    boolean: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMP',
    zoned: 'TIMESTAMPTZ',
    decimal: 'DECIMAL(12,2)',
  },
  postgres: {
    double: 'DOUBLE PRECISION',
    float: 'REAL',
    integer: 'BIGINT',
    text: 'TEXT',
    boolean: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMP',
    zoned: 'TIMESTAMPTZ',
    decimal: 'NUMERIC(12,2)',
  },
  spark: {
    double: 'DOUBLE',
    float: 'FLOAT',
    integer: 'BIGINT',
    text: 'STRING',
    boolean: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMP_NTZ',
    zoned: 'TIMESTAMP',
    decimal: 'DECIMAL(12,2)',
  },
};

/** A SELECT whose answer is these rows, in the words of one engine. All values are written as texts and cast. */
export function rowsAsSelect(
  dialect: Dialect,
  columns: Readonly<Record<string, TestType>>,
  rows: readonly (readonly TestValue[])[],
): string {
  const text = (value: TestValue) =>
    value === null ? `CAST(NULL AS ${dialect.types.text})` : dialect.literal(Object.is(value, -0) ? '-0.0' : String(value));
  const names = Object.keys(columns);
  const given = rows.map((row) => `(${names.map((_, at) => text(row[at] ?? null)).join(', ')})`);
  const cast = names.map((name, at) => `CAST(c${at} AS ${testTypes[dialect.name][columns[name]!]}) AS ${dialect.identifier(name)}`);
  return `SELECT ${cast.join(', ')} FROM (VALUES ${given.join(', ')}) AS given(${names.map((_, at) => `c${at}`).join(', ')})`;
}
