import { rm } from 'node:fs/promises';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { compareProfiles } from '../drift/compare-profiles.ts';
import type { DriftReport } from '../drift/drift-report.ts';
import { readDriftSettings } from '../drift/drift-settings.ts';
import { UserError } from '../errors.ts';
import { readReference } from '../monitoring/reference-store.ts';
import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile } from '../profile/profile.ts';
import { profileText } from '../profile/profile-text.ts';
import { sealProfile } from '../profile/seal-profile.ts';
import { renderDriftHtml } from '../report/drift/render-drift-html.ts';
import type { FoundBaseline } from './find-baseline.ts';
import type { ModelRun, RunContext } from './run-context.ts';
import { writeJson, writeWhole } from './run-folder.ts';
import { profileTraining, trainingProfileOf } from './training-profile.ts';

/**
 * Whether the candidate was trained on other data than the model that it wants to replace: a cause that metrics alone don't show. Told,
 * never a gate: newer data is often why somebody trains. Leaves profile.json, and drift.json and drift.html where there is something to
 * compare with.
 */
export async function compareTrainingOf(
  context: RunContext,
  run: ModelRun,
  manifest: DatasetManifest,
  { baseline, report }: FoundBaseline,
): Promise<DriftReport | null> {
  const { folder, config, name } = run;
  for (const path of [folder.drift, folder.driftHtml]) await rm(path, { force: true });
  context.progress.step('profile', 'training rows');
  const current = await profileTraining(await context.engine(), manifest, folder.dataset, config);
  await writeWhole(folder.profile, profileText(current));
  const before = report?.dataset;
  // The same bytes have not moved; the same identities may have.
  if (!baseline || !before || before.splits.train.digest === manifest.splits.train.digest) return null;
  const reference = await findReference(context, trainingProfileOf(name, before.version, config));
  if (!reference) return null;
  const { drift } = config;
  const found = compareProfiles({
    reference: whole(reference),
    current: whole(current),
    referenceName: `training of ${baseline.stage} v${baseline.version}`,
    currentName: 'training of the candidate',
    settings: readDriftSettings({
      ...(drift && { shift: drift.shift, alarm: drift.alarm, shareLimit: drift.shareLimit ?? null }),
      values: context.config.config.privacy.values,
    }),
    ...(report.evaluation?.importance && { importance: report.evaluation.importance }),
    now: context.now(),
    model: name,
  });
  await writeJson(folder.drift, found);
  await writeWhole(folder.driftHtml, renderDriftHtml(found));
  return found;
}

/** One that can't be read is no reason to stop a run that is not about it. */
async function findReference(context: RunContext, key: ReturnType<typeof trainingProfileOf>): Promise<Profile | null> {
  const { store } = await context.store();
  try {
    return await readReference(store, key);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    context.progress.warn(`Drift is not shown: ${cause.message}`);
    return null;
  }
}

/** Training rows are one body, whenever they were collected. */
function whole(profile: Profile): Profile {
  const { privacy, columns } = profile;
  const folded = foldCells(profile);
  return sealProfile({
    privacy,
    columns,
    by: [],
    window: null,
    cells: [{ segment: [], window: null, ...folded, columns: [...folded.columns] }],
  });
}
