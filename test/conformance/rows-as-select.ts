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

/** `SELECT … UNION ALL SELECT …`: a table's rows in the words of one engine. All values are written as texts and cast. */
export function rowsAsSelect(
  dialect: Dialect,
  columns: Readonly<Record<string, TestType>>,
  rows: readonly (readonly TestValue[])[],
): string {
  const cast = (value: TestValue, type: string) =>
    `CAST(${value === null ? 'NULL' : dialect.literal(Object.is(value, -0) ? '-0.0' : String(value))} AS ${type})`;
  const named = Object.entries(columns).map(([name, type]) => ({ name: dialect.identifier(name), type: testTypes[dialect.name][type] }));
  return rows
    .map((row) => `SELECT ${named.map(({ name, type }, at) => `${cast(row[at] ?? null, type)} AS ${name}`).join(', ')}`)
    .join(' UNION ALL ');
}
