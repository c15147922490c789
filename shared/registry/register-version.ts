import { digestOf } from '../digest/canonical-json.ts';
import { UserError } from '../errors.ts';
import { putBlob } from './blobs.ts';
import { type Claim, claimVersion } from './claim-version.ts';
import type { ObjectStore } from './object-store.ts';
import { checkedName } from './version-name.ts';
import type { VersionDraft } from './version-record.ts';

export interface Registration {
  readonly draft: VersionDraft;
  /** The model file's bytes. */
  readonly model: Uint8Array;
  /** report.json's bytes; null where the model was never evaluated. */
  readonly report: Uint8Array | null;
}

/**
 * Stores a model and its report, and gives them a version. The record is written last: who sees a version finds everything
 * that it names, and a crash before it leaves blobs that nobody points at and the next try finds.
 * @throws UserError REPORT_NOT_OF_MODEL where the draft describes other bytes than those handed in.
 */
export async function registerVersion(store: ObjectStore, { draft, model, report }: Registration): Promise<Claim> {
  checkedName(draft.model, 'model');
  if (draft.subject.digest !== digestOf(model) || draft.subject.bytes !== model.byteLength)
    throw new UserError(
      'REPORT_NOT_OF_MODEL',
      `The report is about ${draft.subject.digest} (${draft.subject.bytes} bytes); the model file is ${digestOf(model)} (${model.byteLength} bytes).`,
      'Hand in the model file and the report of the same run.',
    );
  if ((draft.evaluation?.report ?? null) !== (report && digestOf(report)))
    throw new UserError(
      'REPORT_NOT_OF_MODEL',
      'The version names another report than the one that was handed in.',
      'Hand in report.json as the run wrote it; it must not be edited.',
    );
  await putBlob(store, model);
  if (report) await putBlob(store, report);
  return claimVersion(store, draft);
}
