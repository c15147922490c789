import type { QueryEngine } from '../../shared/query/query-engine.ts';
import type { ColumnType } from '../../shared/source/column-type.ts';
import type { TableSource } from '../../shared/source/table-source.ts';
import type { Value } from './profile-of-rows.ts';

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  number: 'DOUBLE',
  integer: 'BIGINT',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
};
const [separator, missing] = ['\u001f', '\u001e'];

/** A table of an engine with these rows, to the bit; times are given as microseconds. */
export async function loadRows(
  engine: QueryEngine,
  name: string,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  rows: readonly (readonly Value[])[],
): Promise<Pick<TableSource, 'source' | 'relation' | 'columns'>> {
  const { identifier, literal } = engine.dialect;
  const lists = columns.map(({ type }, index) => {
    const text = rows.map((row) => (row[index] === null || row[index] === undefined ? missing : sqlText(row[index]))).join(separator);
    const value = type === 'timestamp' || type === 'date' ? `make_timestamp(CAST(v AS BIGINT))` : 'v';
    return `(SELECT list(CAST(CASE WHEN v <> '${missing}' THEN ${value} END AS ${sqlTypes[type]}) ORDER BY i) FROM (SELECT unnest(string_split(${literal(text)}, '${separator}')) AS v, generate_subscripts(string_split(${literal(text)}, '${separator}'), 1) AS i))`;
  });
  const selected = columns.map((column, index) => `unnest(${lists[index]}) AS ${identifier(column.name)}`).join(', ');
  const empty = columns.map((column) => `CAST(NULL AS ${sqlTypes[column.type]}) AS ${identifier(column.name)}`).join(', ');
  await engine.run(`CREATE TABLE ${identifier(name)} AS ${rows.length === 0 ? `SELECT ${empty} LIMIT 0` : `SELECT ${selected}`}`);
  return {
    source: name,
    relation: identifier(name),
    columns: columns.map((column) => ({ ...column, sqlType: sqlTypes[column.type] })),
  };
}

function sqlText(value: Value): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
