import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rowIdColumn, rowNumberColumn } from '../dataset/manifest.ts';
import { readManifest } from '../dataset/unchanged.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { openSource, type SourceRequest, type TableSource } from '../source/table-source.ts';

export interface TrainingRows {
  readonly table: TableSource;
  /** What the model was trained on; null where the data don't say. */
  readonly features: readonly string[] | null;
  readonly id: string | null;
}

/**
 * Training data: any table, or a folder that `weighin dataset` wrote, whose three splits are then one table with the row numbers that the rows
 * had in the source.
 */
export async function openTrainingRows(
  engine: QueryEngine,
  request: Pick<SourceRequest, 'source' | 'root' | 'fetch'>,
): Promise<TrainingRows> {
  const { source, root } = request;
  const folder = resolve(root, source);
  const found = await stat(join(folder, 'manifest.json')).catch(() => null);
  const manifest = found?.isFile() ? await readManifest(folder) : null;
  if (!manifest) return { table: await openSource(engine, request), features: null, id: null };
  const { train, validation, test } = manifest.splits;
  const files = [train, validation, test].filter(({ rows }) => rows > 0).map(({ file }) => file);
  const opened = await Promise.all(files.map((file) => openSource(engine, { source: file, root: folder })));
  const first = opened[0] ?? (await openSource(engine, { source: train.file, root: folder }));
  const columns = first.columns.filter(({ name }) => name !== rowNumberColumn && name !== rowIdColumn);
  // Read as they are: a source counts its own rows, and these have the numbers that they had in the data.
  const selected = [...columns.map(({ name }) => identifier(name)), identifier(rowNumberColumn)].join(', ');
  const list = opened.flatMap((table) => table.files.map(({ file }) => literal(file))).join(', ');
  return {
    table: {
      ...first,
      source,
      files: opened.flatMap((table) => table.files),
      relation: `(SELECT ${selected} FROM read_parquet([${list}], hive_partitioning = false))`,
      columns,
    },
    features: manifest.features.map(({ name }) => name),
    id: manifest.id,
  };
}
