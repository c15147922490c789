import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../digest/canonical-json.ts';
import type { ObjectStore } from '../../registry/object-store.ts';
import { readVersion, type Version, versionKey } from '../../registry/read-versions.ts';
import type { VersionRecord } from '../../registry/version-record.ts';
import { recordPath } from '../../registry/work-tree-paths.ts';
import { decisionDigest } from '../../report/canonical-report.ts';
import { type Report, reportSchema } from '../../report/report.ts';
import { broken, open, type Proof, proved } from './proof.ts';

export interface ProvedVersion extends Version {
  /** As far as its bytes are the record's; null for a version that was never evaluated. */
  readonly report: Report | null;
  readonly proofs: readonly Proof[];
}

/**
 * What a version's bytes prove by themselves: the record against its copy in Git, model and report against the record, the decision
 * against the report. A byte that differs is a broken proof, not an error; a store that can't be asked is one.
 * @throws UserError VERSION_NOT_FOUND and what the store says
 */
export async function proveVersion(
  { store, root }: { readonly store: ObjectStore; readonly root: string },
  model: string,
  number: number,
): Promise<ProvedVersion> {
  const version = await readVersion(store, model, number);
  const { record } = version;
  const reportBytes = record.evaluation && (await store.read(keyOf(record.evaluation.report)));
  const report = record.evaluation && reportBytes ? readReport(reportBytes, record.evaluation.report) : null;
  return {
    ...version,
    report,
    proofs: [
      await proveRecord(store, root, version),
      proveModel(record, await store.read(keyOf(record.subject.digest))),
      ...(record.evaluation ? proveReport(record, record.evaluation, reportBytes ?? undefined, report) : []),
    ],
  };
}

/** Promoted versions have a copy in the work tree: byte for byte. */
async function proveRecord(store: ObjectStore, root: string, { record, digest }: Version): Promise<Proof> {
  const { model, number } = record;
  const path = recordPath(model, number);
  const copy = await readFile(join(root, path)).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  const bytes = await store.read(versionKey(model, number));
  if (!bytes || digestOf(bytes) !== digest) return broken('RECORD', 'The record is not written as Weighin writes it.', digest);
  if (!copy) return proved('RECORD', `The record is whole; no copy of it is in ${path}.`, digest);
  return digestOf(copy) === digest
    ? proved('RECORD', `The record is the one in ${path}.`, digest)
    : broken('RECORD', `${path} is another record: it digests to ${digestOf(copy)}.`, digest);
}

function proveModel({ subject }: VersionRecord, bytes: Uint8Array | undefined): Proof {
  if (!bytes) return broken('MODEL_BYTES', `The store has no model ${subject.digest}.`);
  const digest = digestOf(bytes);
  if (digest !== subject.digest) return broken('MODEL_BYTES', `The model's bytes are not ${subject.digest}.`, digest);
  return bytes.byteLength === subject.bytes
    ? proved('MODEL_BYTES', `The model is the one that was registered (${subject.bytes} bytes).`, digest)
    : broken('MODEL_BYTES', `The model has ${bytes.byteLength} bytes; the record says ${subject.bytes}.`, digest);
}

function proveReport(
  record: VersionRecord,
  evaluation: NonNullable<VersionRecord['evaluation']>,
  bytes: Uint8Array | undefined,
  report: Report | null,
): readonly Proof[] {
  if (!bytes) return [broken('REPORT_BYTES', `The store has no report ${evaluation.report}.`)];
  const digest = digestOf(bytes);
  if (digest !== evaluation.report) return [broken('REPORT_BYTES', `The report's bytes are not ${evaluation.report}.`, digest)];
  const whole = proved('REPORT_BYTES', 'The report is the one that judged it.', digest);
  if (!report) return [whole, open('DECISION', 'The report was written by another version of Weighin, which can take its decision again.')];
  const again = decisionDigest(report);
  const differs = contradiction(record, evaluation, report);
  return [
    whole,
    again === evaluation.decision && again === report.decisionDigest
      ? proved('DECISION', `The decision follows from what the report says: ${evaluation.verdict}.`, again)
      : broken('DECISION', `The decision does not follow from the report: the record says ${evaluation.decision}.`, again),
    ...(differs ? [broken('RECORD_AND_REPORT', `Record and report differ: ${differs}.`)] : []),
  ];
}

/** What a record repeats of its report. */
function contradiction(
  { subject, dataset, trust, model }: VersionRecord,
  evaluation: NonNullable<VersionRecord['evaluation']>,
  report: Report,
): string | null {
  const facts: readonly (readonly [what: string, record: unknown, report: unknown])[] = [
    ['model', model, report.model],
    ['model bytes', subject.digest, report.training?.model.digest ?? subject.digest],
    ['dataset', dataset?.digest ?? null, report.dataset?.version ?? null],
    ['policy', evaluation.policy, report.policy.digest],
    ['baseline', evaluation.baseline, report.evaluation?.baseline?.digest ?? null],
    ['verdict', evaluation.verdict, report.verdict],
    ['level of evidence', trust, report.evidence],
  ];
  return facts.find(([, one, other]) => one !== other)?.[0] ?? null;
}

function readReport(bytes: Uint8Array, digest: string): Report | null {
  if (digestOf(bytes) !== digest) return null;
  try {
    return reportSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}

const keyOf = (digest: string) => `blobs/sha256/${digest.slice('sha256:'.length)}`;
