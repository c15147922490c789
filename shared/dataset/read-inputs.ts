import type { QueryEngine } from '../query/query-engine.ts';
import { digestFiles } from '../source/digest-files.ts';
import type { DatasetManifest } from './manifest.ts';
import type { ColumnPlan } from './plan-columns.ts';
import { featureContent } from './prepare-feature.ts';
import { work } from './prepare-rows.ts';
import { digestSorted } from './write-splits.ts';

/**
 * The source and the feature tables, in the config's order, with their files' digests. With an as-of date also a digest of the rows that
 * it leaves, by content and in sorted order: rows appended since, and another order of rows or files, leave it as it was, while a changed
 * value before the date changes it. A table of a database has no files: its rows by content are what it is.
 */
export async function readInputs(
  engine: QueryEngine,
  plan: ColumnPlan,
  asOf: Date | null,
  tables: { readonly rows: string; readonly features: readonly string[] },
): Promise<DatasetManifest['inputs']> {
  const described = [
    { table: plan.source, rows: `${tables.rows}`, content: work.content as string },
    ...plan.joins.map((join, index) => ({ table: join.table, rows: tables.features[index]!, content: featureContent(join) })),
  ];
  const inputs: DatasetManifest['inputs'] = [];
  for (const { table, rows, content } of described) {
    const files = [...(await digestFiles(table.files))];
    inputs.push({
      source: table.source,
      files,
      ...((asOf || table.format === 'table') && { rows: await digestSorted(engine, content, rows) }),
    });
  }
  return inputs;
}
