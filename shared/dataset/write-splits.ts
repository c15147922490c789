import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { QueryEngine } from '../query/query-engine.ts';
import { literal } from '../query/sql-text.ts';
import { digestFiles } from '../source/digest-files.ts';
import { splitColumn } from './assign-splits.ts';
import { rowIdColumn, rowNumberColumn, type SplitFile } from './manifest.ts';
import type { SplitName } from './split-quotas.ts';

export interface SplitQuery {
  /** View of the rows with their split. */
  readonly view: string;
  /** SELECT list of source and joined columns. */
  readonly columns: readonly string[];
  /** ASOF joins on `r`. */
  readonly joins: string;
  /** What decides between rows of one identity, where there are any. */
  readonly tieBreak: readonly string[];
}

/**
 * Writes one split as Parquet, in the order of row identities. Codec, level, version and row groups are fixed, so the same rows give the
 * same bytes whatever the order of the source and the number of threads. Only `__row` knows where a row stood: it differs when the source
 * is shuffled, and with it the bytes; `rowIds` then says that the rows are the same.
 */
export async function writeSplit(engine: QueryEngine, folder: string, split: SplitName, query: SplitQuery): Promise<SplitFile> {
  const file = `${split}.parquet`;
  const path = join(folder, file);
  const order = [rowIdColumn, ...query.tieBreak, rowNumberColumn].map((sql) => (sql.includes('(') ? sql : `r.${sql}`));
  await engine.run(`COPY (SELECT ${[...query.columns, `r.${rowNumberColumn}`, `r.${rowIdColumn}`].join(', ')}
    FROM (SELECT * FROM ${query.view} WHERE ${splitColumn} = ${literal(split)}) AS r ${query.joins}
    ORDER BY ${order.join(', ')})
    TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, PARQUET_VERSION v1, ROW_GROUP_SIZE 122880)`);
  const [written] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM read_parquet(${literal(path)})`);
  const [digested] = await digestFiles([{ path: file, file: path, bytes: 0 }]);
  const rowIds = await digestSorted(engine, rowIdColumn, `${query.view} WHERE ${splitColumn} = ${literal(split)}`);
  return { file, rows: written?.rows ?? 0, digest: digested?.digest ?? '', rowIds: rowIds.digest };
}

/**
 * sha256 over hex texts in sorted order, each followed by a newline, and their number. They arrive as a few thousand long texts, one for
 * each first three digits: millions of short ones would take seconds to cross into JavaScript.
 */
export async function digestSorted(
  engine: QueryEngine,
  hex: string,
  from: string,
): Promise<{ readonly count: number; readonly digest: string }> {
  const parts = await engine.rows<{ count: number; text: string }>(
    `SELECT count(*) AS count, string_agg(hex, chr(10) ORDER BY hex) AS text FROM (SELECT ${hex} AS hex FROM ${from}) GROUP BY hex[1:3] ORDER BY hex[1:3]`,
  );
  const hash = createHash('sha256');
  let count = 0;
  for (const part of parts) {
    hash.update(part.text).update('\n');
    count += part.count;
  }
  return { count, digest: `sha256:${hash.digest('hex')}` };
}
