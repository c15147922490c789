import { join } from 'node:path';
import { declaredTypes } from '../contract/declared-types.ts';
import { buildDataset } from '../dataset/build-dataset.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { readManifest, unchanged } from '../dataset/unchanged.ts';
import { shownSource } from '../source/table-address.ts';
import { openSource, type TableSource } from '../source/table-source.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { requireColumn, sliceColumnsOf } from './test-rows.ts';
import { readModelContract } from './validate-data.ts';

/** Step 2: training, validation and test rows, as files with a manifest. Null for a model without data. */
export async function prepareDataset(context: RunContext, model: string): Promise<DatasetManifest | null> {
  return prepareDatasetOf(context, modelRun(context, model));
}

/** With the source where it is open already, so that a CSV is parsed once. An unchanged dataset is used again. */
export async function prepareDatasetOf(context: RunContext, run: ModelRun, source?: TableSource): Promise<DatasetManifest | null> {
  const { data, task } = run.config;
  if (!data) return null;
  context.progress.step('dataset', shownSource(data.source));
  const contract = source ? null : await readModelContract(context, run);
  const request = {
    config: data,
    task,
    root: run.root,
    output: run.folder.dataset,
    ...(context.asOf && { asOf: context.asOf }),
    ...(source && { source }),
    ...(contract && { types: declaredTypes(contract) }),
  };
  const before = await readManifest(run.folder.dataset);
  const manifest =
    before && (await unchanged(before, request))
      ? before
      : await buildDataset(await context.engine(), { ...request, fetch: context.fetchObjects, connect: context.connectEngine });
  await requireSliceColumns(context, run, manifest);
  return manifest;
}

/** Slices are read after training: a name that no column has is said before anyone waits for that. */
async function requireSliceColumns(context: RunContext, run: ModelRun, manifest: DatasetManifest): Promise<void> {
  const wanted = sliceColumnsOf(run.config.evaluation);
  if (wanted.length === 0) return;
  const { dataset } = run.folder;
  const { columns } = await openSource(await context.engine(), { source: join(dataset, manifest.splits.test.file), root: dataset });
  for (const name of wanted) requireColumn(columns, name);
}
