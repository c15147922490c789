import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDuration } from '../config/quantities.ts';
import { type DriftConfig, defaultDrift, type ModelConfig } from '../config/schema.ts';
import { type DatasetManifest, rowIdColumn, rowNumberColumn } from '../dataset/manifest.ts';
import { keepReference, type ReferenceKey } from '../monitoring/reference-store.ts';
import { leavingProfile } from '../profile/outward-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { profileTable } from '../profile/profile-table.ts';
import { readProfile } from '../profile/read-profile.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { openSource } from '../source/table-source.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/**
 * What a version was trained on, as counts: the reference of drift, in pull requests and in production alike, kept when the version is
 * registered so that nobody reads the rows again. By windows of time where the data has a time: drift learns from them how much days differ.
 */
export async function profileTraining(
  engine: QueryEngine,
  manifest: DatasetManifest,
  folder: string,
  { data, drift }: Pick<ModelConfig, 'data' | 'drift'>,
): Promise<Profile> {
  const counting = countingOf(drift ?? defaultDrift());
  const source = await openSource(engine, { source: join(folder, manifest.splits.train.file), root: folder });
  const hidden = new Set([rowIdColumn, rowNumberColumn, manifest.id, manifest.cluster, data?.labelTime]);
  const columns = source.columns.map(({ name }) => name).filter((name) => !hidden.has(name));
  const time = manifest.time !== null && columns.includes(manifest.time) ? manifest.time : null;
  return profileTable(engine, source, {
    columns,
    by: counting.by,
    ...(time !== null && { window: { column: time, milliseconds: counting.milliseconds } }),
  });
}

export const trainingProfileOf = (model: string, dataset: string, { drift }: Pick<ModelConfig, 'drift'>): ReferenceKey => ({
  model,
  dataset,
  ...countingOf(drift ?? defaultDrift()),
});

/** How windows and segments are counted: what a reference must share with them to be compared window by window. */
export interface Counting {
  readonly milliseconds: number;
  readonly by: readonly string[];
}

export const countingOf = ({ window, by }: DriftConfig): Counting => ({
  milliseconds: parseDuration(window),
  by: typeof by === 'string' ? [by] : (by ?? []),
});

/** The profile that the evaluation left, kept under the dataset's version; made anew where an earlier Weighin evaluated. */
export async function keepProfileOf(
  context: RunContext,
  { name, config, folder }: ModelRun,
  manifest: DatasetManifest,
  store: Pick<ObjectStore, 'create'>,
): Promise<void> {
  const text = await readFile(folder.profile, 'utf8').catch(() => null);
  const profile =
    text === null ? await profileTraining(await context.engine(), manifest, folder.dataset, config) : readProfile(text, folder.profile);
  const kept = leavingProfile(profile, context.config.config.privacy.values);
  await keepReference(store, trainingProfileOf(name, manifest.version, config), kept);
}
