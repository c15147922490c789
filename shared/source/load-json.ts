import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { castText, columnTypeOf, sqlTypeOf } from './column-type.ts';
import { compressionOf, fileList, foreignPartitions } from './file-list.ts';
import { newTableName } from './table-name.ts';
import type { ReadRequest, ReadTable } from './table-source.ts';

/** The engine's JSON reader has words of its own for the same. */
const jsonCompression = { gzip: 'gzip', none: 'uncompressed', auto: 'auto_detect' } as const;

interface Described {
  readonly column_name: string;
  readonly column_type: string;
}

/** JSON lines, or one array of objects. Types are found over all rows, so a late surprise can't be dropped. */
export async function loadJson(engine: QueryEngine, { source, files, partitions, types }: ReadRequest): Promise<ReadTable> {
  const table = newTableName();
  const hive = partitions.length > 0;
  try {
    await engine.run(
      `CREATE TEMP TABLE ${table} AS SELECT * FROM read_json(${fileList(files)}, format = 'auto', compression = '${jsonCompression[compressionOf(files)]}', sample_size = -1, union_by_name = true, hive_partitioning = ${hive}, maximum_object_size = 67108864)`,
    );
  } catch (cause) {
    throw unreadable(source, files.length === 1 ? files[0]?.path : undefined, cause);
  }
  const [counted] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  if (!counted?.rows) throw new UserError('DATA_EMPTY', `${source} has no rows.`, 'Write the data again.');

  const hidden = ['__row', ...(hive ? foreignPartitions(files, partitions) : [])];
  const described = (await engine.rows<Described>(`DESCRIBE ${table}`)).filter(({ column_name }) => !hidden.includes(column_name));
  const columns = [];
  const selected = [];
  for (const { column_name: name, column_type } of described) {
    // A column of mixed kinds is JSON: as text, its strings lose their quotes.
    const text = column_type === 'JSON' ? `(${identifier(name)} ->> '$')` : identifier(name);
    const declared = Object.hasOwn(types, name) ? types[name] : undefined;
    const isText = column_type === 'JSON' || column_type === 'VARCHAR';
    const cast =
      isText && declared !== undefined && declared !== 'text' && (await everyValueCasts(engine, table, text, castText(text, declared)));
    const sqlType = cast ? sqlTypeOf[declared] : column_type === 'JSON' ? 'VARCHAR' : column_type;
    columns.push({ name, type: columnTypeOf(sqlType), sqlType });
    selected.push(`${cast ? castText(text, declared) : text} AS ${identifier(name)}`);
  }
  return { relation: `(SELECT ${selected.join(', ')}, CAST(rowid + 1 AS BIGINT) AS "__row" FROM ${table})`, columns };
}

async function everyValueCasts(engine: QueryEngine, table: string, text: string, cast: string): Promise<boolean> {
  const [found] = await engine.rows<{ failed: number }>(`SELECT count(${text}) - count(${cast}) AS failed FROM ${table}`);
  return found?.failed === 0;
}

function unreadable(source: string, path: string | undefined, cause: unknown): UserError {
  const text = cause instanceof Error ? cause.message : '';
  const line = Number(/in (?:line|record\/value) (\d+)/.exec(text)?.[1]) || undefined;
  const file = path ?? /in file "([^"]*)"/.exec(text)?.[1] ?? source;
  return new UserError(
    'DATA_UNREADABLE',
    `${file} is not JSON lines or an array of objects${line ? `: line ${line} is malformed` : ''}.`,
    'Correct that line, or write the file again.',
    line ? { file, line } : { file },
  );
}
