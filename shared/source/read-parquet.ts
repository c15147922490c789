import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { columnTypeOf } from './column-type.ts';
import { fileList, foreignPartitions } from './file-list.ts';
import { newTableName } from './table-name.ts';
import type { ReadRequest, ReadTable, SourceFile } from './table-source.ts';

/** A view over Parquet files: nothing is read but footers. Row numbers come from each file's own count and the counts before it. */
export async function readParquet(engine: QueryEngine, { source, files, partitions }: ReadRequest): Promise<ReadTable> {
  const counts: number[] = [];
  let first: { readonly file: SourceFile; readonly schema: string } | undefined;
  for (const file of files) {
    const { rows, schema } = await footer(engine, file);
    counts.push(rows);
    first ??= { file, schema };
    if (schema !== first.schema) {
      throw new UserError(
        'DATA_UNREADABLE',
        `${file.path} has other columns than ${first.file.path}: ${schema} instead of ${first.schema}.`,
        'Write all files of a source with the same columns and types.',
        { file: file.path },
      );
    }
  }
  if (counts.every((count) => count === 0)) throw new UserError('DATA_EMPTY', `${source} has no rows.`, 'Write the data again.');

  const offsets = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0));
  const offset = offsets.length === 1 ? '' : ` + list_extract([${offsets.join(', ')}], CAST(file_index AS BIGINT) + 1)`;
  const hive = partitions.length > 0;
  const hidden = ['__row', ...(hive ? foreignPartitions(files, partitions) : [])];
  const scan = `read_parquet(${fileList(files)}, hive_partitioning = ${hive})`;
  const described = await engine.rows<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${scan}`);
  const columns = described
    .filter(({ column_name }) => !hidden.includes(column_name))
    .map(({ column_name, column_type }) => ({ name: column_name, type: columnTypeOf(column_type), sqlType: column_type }));
  const selected = columns.map(({ name }) => identifier(name)).join(', ');
  // A column that has the name of the reader's own counter hides it: then the rows are counted in a copy.
  if (columns.some(({ name }) => /^file_(?:row_number|index)$/i.test(name))) {
    const table = newTableName();
    await engine.run(`CREATE TEMP TABLE ${table} AS SELECT ${selected} FROM ${scan}`);
    return { relation: `(SELECT ${selected}, CAST(rowid + 1 AS BIGINT) AS "__row" FROM ${table})`, columns };
  }
  return { relation: `(SELECT ${selected}, CAST(file_row_number + 1${offset} AS BIGINT) AS "__row" FROM ${scan})`, columns };
}

async function footer(engine: QueryEngine, file: SourceFile): Promise<{ readonly rows: number; readonly schema: string }> {
  try {
    const [metadata] = await engine.rows<{ num_rows: number }>(`SELECT num_rows FROM parquet_file_metadata(${fileList([file])})`);
    const columns = await engine.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM read_parquet(${fileList([file])}, hive_partitioning = false)`,
    );
    return {
      rows: metadata?.num_rows ?? 0,
      schema: columns.map(({ column_name, column_type }) => `${column_name} ${column_type}`).join(', '),
    };
  } catch {
    throw new UserError(
      'DATA_UNREADABLE',
      `${file.path} is not a Parquet file, or it was cut short.`,
      'Write it again, or correct its ending if it is another format.',
      { file: file.path },
    );
  }
}
