import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DriftConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { keepReference, readReference } from '../monitoring/reference-store.ts';
import { leavingProfile } from '../profile/outward-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { readProfile } from '../profile/read-profile.ts';
import { getBlob } from '../registry/blobs.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { readStage } from '../registry/read-stage.ts';
import { isStoreError } from '../registry/store-error.ts';
import type { VersionRecord } from '../registry/version-record.ts';
import { type Report, reportSchema } from '../report/report.ts';
import { prepareDatasetOf } from './prepare-dataset.ts';
import type { ModelRun, RunContext } from './run-context.ts';
import { type Counting, profileTraining } from './training-profile.ts';

export interface MonitorReference {
  readonly profile: Profile;
  /** For people: `training of v12`, or the file. */
  readonly name: string;
}

/** The report that judged a version; null where it was adopted, or made by another version of Weighin. */
export async function reportOfVersion(store: ObjectStore, { evaluation }: VersionRecord): Promise<Report | null> {
  if (!evaluation) return null;
  const bytes = await getBlob(store, evaluation.report);
  try {
    return reportSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}

/**
 * The profile to compare with: the one that is named, or that of the data that a stage's version was trained on. The latter is read from
 * the store; where no run kept one, it is counted once from the training data, if those are still the version's own.
 * @throws UserError `REFERENCE_MISSING`, `REFERENCE_NOT_FOUND`, and what `readProfile` says of another schema version or an edited file
 */
export async function findReference(
  context: RunContext,
  run: ModelRun,
  {
    drift,
    stage,
    named,
    counting,
  }: { readonly drift: DriftConfig; readonly stage: string; readonly named: string | undefined; readonly counting: Counting },
): Promise<MonitorReference> {
  const asked = named ?? drift.reference ?? `training-of ${stage}`;
  const [, from] = /^training-of (.+)$/.exec(asked) ?? [];
  if (from === undefined) return { profile: await readNamed(context, run, asked, named !== undefined), name: asked };
  const found = await readStage(context.root, run.name, from);
  if (!found) {
    throw missing(
      `No version of ${run.name} is at ${from} yet, so there are no training data to compare with.`,
      `Promote or adopt one first, or name a profile: \`weighin profile --data F --output reference.json\`, then --reference reference.json.`,
    );
  }
  const { record } = found;
  const version = `${run.name}@v${record.number}`;
  if (!record.dataset)
    throw missing(
      `${version} was adopted: nobody knows what it was trained on.`,
      'Profile data that it is known to work on (`weighin profile --data F --output reference.json`) and name that in drift.reference.',
    );
  const { store } = await context.store();
  const key = { model: run.name, dataset: record.dataset.digest, ...counting };
  const kept = await readReference(store, key);
  const name = `training of v${record.number}`;
  if (kept) return { profile: kept, name };
  context.progress.step('reference', name);
  const manifest = await prepareDatasetOf(context, run);
  if (manifest?.version !== record.dataset.digest)
    throw missing(
      `No profile of the training data of ${version} is kept, and the data of today are others (${record.dataset.digest.slice(0, 19)} then, ${manifest ? manifest.version.slice(0, 19) : 'none'} now).`,
      'Run this once on the commit that the version was trained from, or name a profile in drift.reference. Versions that are registered from now on bring theirs.',
    );
  const counted = await profileTraining(await context.engine(), manifest, run.folder.dataset, run.config);
  const profile = leavingProfile(counted, context.config.config.privacy.values);
  await keepReference(store, key, profile).catch((cause: unknown) => {
    if (!isStoreError(cause, 'STORE_READ_ONLY')) throw cause;
  });
  return { profile, name };
}

async function readNamed(context: RunContext, run: ModelRun, path: string, typed: boolean): Promise<Profile> {
  // What is typed is relative to where it was typed; what the configuration says, to the model's folder.
  const file = resolve(typed ? context.root : run.root, path);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(
      'REFERENCE_NOT_FOUND',
      `There is no reference profile at ${path}.`,
      '`weighin profile --data F --output P.json` writes one; `training-of production` takes the training data of the version there.',
      typed ? { file: path } : context.config.locate(['models', run.name, 'drift', 'reference']),
    );
  });
  return readProfile(text, path);
}

const missing = (message: string, hint: string) => new UserError('REFERENCE_MISSING', message, hint);
