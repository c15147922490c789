import { canonicalBytes, digestOf } from '../digest/canonical-json.ts';
import type { ObjectStore } from './object-store.ts';
import { findVersion, listNumbers, readNumbers, type Version, versionKey } from './read-versions.ts';
import { type VersionDraft, type VersionRecord, versionRecordSchema } from './version-record.ts';

export interface Claim extends Version {
  /** false: this model with this report was registered before, and `record` is that version. */
  readonly registered: boolean;
}

/**
 * Gives the next free number to a draft and writes its record, however many others do the same at once: the conditional write
 * decides, so numbers are unique, without gaps, and none is lost. Numbers are tried in order and every one that is lost is read,
 * so that the same draft handed in twice, even at the same moment, is one version.
 */
export async function claimVersion(store: ObjectStore, draft: VersionDraft): Promise<Claim> {
  const numbers = await listNumbers(store, draft.model);
  for (const version of await readNumbers(store, draft.model, numbers))
    if (isSame(version.record, draft)) return { ...version, registered: false };

  for (let number = (numbers.at(-1) ?? 0) + 1; ; number++) {
    const record = versionRecordSchema.parse({ schema: 'weighin/version@1', number, ...draft } satisfies VersionRecord);
    const bytes = canonicalBytes(record);
    if (await store.create(versionKey(draft.model, number), bytes)) return { record, digest: digestOf(bytes), registered: true };
    const winner = await findVersion(store, draft.model, number);
    if (winner && isSame(winner.record, draft)) return { ...winner, registered: false };
  }
}

const isSame = (record: VersionRecord, draft: VersionDraft) =>
  record.subject.digest === draft.subject.digest && record.evaluation?.report === draft.evaluation?.report;
