import type { ColumnTable, QueryEngine, SqlEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { ColumnType } from './column-type.ts';
import type { RemoteEngine } from './remote-engine.ts';
import { newTableName } from './table-name.ts';
import type { SourceColumn, TableSource } from './table-source.ts';

/**
 * Brings a table of a database into DuckDB, some thousands of rows at a time. Numbers become doubles, integers bigints, times timestamps
 * in UTC, all else text. A database answers in another order every time, so the rows are sorted by what they hold: `__row` counts them
 * in that order, and the same rows give the same table.
 */
export async function fetchTable(engine: RemoteEngine, source: TableSource, into: QueryEngine): Promise<TableSource> {
  const { dialect } = engine;
  const table = newTableName();
  const names = source.columns.map((_, index) => `c${index}`);
  const selected = source.columns.map((column, index) => `${sent(dialect, column)} AS c${index}`);
  const stored = source.columns.map(({ type }, index) => `c${index} ${storedAs[type]}`);
  await into.run(`CREATE TEMP TABLE ${table} (${stored.join(', ')})`);
  await into.append(table, reorder(engine.batches(`SELECT ${selected.join(', ')} FROM ${source.relation}`), names));
  const sorted = newTableName();
  await into.run(`CREATE TEMP TABLE ${sorted} AS SELECT * FROM ${table} ORDER BY ${names.join(', ')}; DROP TABLE ${table}`);
  const read = source.columns.map(({ name, type }, index) => `${received(`c${index}`, type)} AS ${identifier(name)}`);
  return {
    source: source.source,
    files: [],
    format: 'table',
    relation: `(SELECT ${read.join(', ')}, CAST(rowid + 1 AS BIGINT) AS "__row" FROM ${sorted})`,
    columns: source.columns.map(({ name, type }) => ({ name, type, sqlType: fetchedType[type] })),
  };
}

/** What travels: doubles, bigints and texts alone, which all engines hand over exactly. */
const storedAs: Readonly<Record<ColumnType, string>> = {
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BIGINT',
  timestamp: 'BIGINT',
  date: 'BIGINT',
  text: 'VARCHAR',
};
const fetchedType: Readonly<Record<ColumnType, string>> = { ...storedAs, boolean: 'BOOLEAN', timestamp: 'TIMESTAMP', date: 'DATE' };

function sent(dialect: SqlEngine['dialect'], { name, type }: SourceColumn): string {
  const cell = dialect.identifier(name);
  const { types } = dialect;
  if (type === 'number') return `CAST(${cell} AS ${types.double})`;
  if (type === 'integer') return `CAST(${cell} AS ${types.bigint})`;
  if (type === 'boolean') return `CAST(CASE WHEN ${cell} THEN 1 WHEN NOT ${cell} THEN 0 END AS ${types.bigint})`;
  return type === 'text' ? dialect.text(cell) : dialect.microseconds(cell);
}

function received(name: string, type: ColumnType): string {
  if (type === 'boolean') return `CAST(${name} AS BOOLEAN)`;
  if (type === 'timestamp') return `make_timestamp(${name})`;
  return type === 'date' ? `CAST(make_timestamp(${name}) AS DATE)` : name;
}

/** By the table's columns: an engine answers in the order of the SELECT, and names are what it says. */
async function* reorder(batches: AsyncIterable<ColumnTable>, names: readonly string[]): AsyncIterable<ColumnTable> {
  for await (const { rowCount, columns } of batches)
    yield { rowCount, columns: Object.fromEntries(names.map((name) => [name, columns[name]!])) };
}
