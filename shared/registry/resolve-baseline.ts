import { InfrastructureError } from '../errors.ts';
import { getBlob } from './blobs.ts';
import { parseReport } from './check-promotion.ts';
import type { ObjectStore } from './object-store.ts';
import { readStage } from './read-stage.ts';
import type { StageDocument } from './stage-document.ts';
import type { VersionRecord } from './version-record.ts';

export interface ResolvedBaseline {
  readonly stage: StageDocument;
  readonly record: VersionRecord;
  /** The model file's bytes, verified by their digest. */
  readonly model: Uint8Array;
  /** report.json as JSON, for a reader that knows its schema; null for a model that was adopted. */
  readonly report: unknown;
  /** Days from the version's birth to now, with a fraction; never negative. */
  readonly ageDays: number;
}

export interface BaselineQuestion {
  readonly root: string;
  readonly store: ObjectStore;
  readonly model: string;
  readonly stage: string;
  readonly now: Date;
}

/**
 * The model that a stage points at now, or null where it points at none yet, which the store is not asked for.
 * Once a stage file is there, whatever keeps the model from being read is an error, never "no baseline":
 * NO_CREDENTIALS where nobody gave any, else what the store says.
 */
export async function resolveBaseline({ root, store, model, stage, now }: BaselineQuestion): Promise<ResolvedBaseline | null> {
  const found = await readStage(root, model, stage);
  if (!found) return null;
  const { document, record } = found;
  const bytes = await getBlob(store, record.subject.digest);
  const report = record.evaluation ? parseReport(await getBlob(store, record.evaluation.report)) : null;
  if (bytes.byteLength !== record.subject.bytes)
    throw new InfrastructureError(
      'BLOB_CORRUPT',
      `${model}@v${record.number} has ${bytes.byteLength} bytes, its record says ${record.subject.bytes}.`,
    );
  const ageDays = Math.max(0, (now.getTime() - Date.parse(record.createdAt)) / 86_400_000);
  return { stage: document, record, model: bytes, report, ageDays };
}
