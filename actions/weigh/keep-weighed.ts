import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { draftVersion } from '../../shared/pipeline/register-model.ts';
import type { Judged, WeighTask } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import { getBlob, putBlob } from '../../shared/registry/blobs.ts';
import { keepMeasuredCandidate } from '../../shared/registry/measured-candidates.ts';
import type { ObjectStore } from '../../shared/registry/object-store.ts';
import { listVersions, readVersion } from '../../shared/registry/read-versions.ts';
import { recordLook } from '../../shared/registry/record-look.ts';
import { registerVersion } from '../../shared/registry/register-version.ts';
import type { VersionRecord } from '../../shared/registry/version-record.ts';
import type { Report } from '../../shared/report/report.ts';

export interface Weighed {
  readonly task: WeighTask;
  readonly judged: Judged;
  readonly report: Report;
  readonly reportBytes: Uint8Array;
}

/** Where its parts lie, and what signed them. */
export interface KeepRequest {
  /** Folder of the claimed run's model. */
  readonly taskFolder: string;
  /** Folder of the identities of its rows. */
  readonly rows: string;
  readonly bundle: Uint8Array | null;
  readonly run: { readonly id: number; readonly attempt: number };
  readonly now: Date;
}

/** A version with the report that it stands on. */
export interface Kept {
  readonly record: VersionRecord;
  readonly digest: string;
  /** true where it was born now, or by an earlier attempt of the same. */
  readonly born: boolean;
  readonly reportBytes: Uint8Array;
}

/**
 * Keeps what was weighed: model and report as blobs, the look, the identities of its rows, the bundle; on the default branch the model
 * becomes a version. What could not be judged is not kept: its bytes may be anything. Null where there is no version.
 */
export async function keepWeighed(store: ObjectStore, weighed: Weighed, request: KeepRequest): Promise<Kept | null> {
  const { task, judged, report, reportBytes } = weighed;
  const version = judged.version && (await readVersion(store, task.model, judged.version.number));
  if (report.verdict === 'error') return version && { ...version, born: false, reportBytes };
  const model = await modelOf(store, weighed, request.taskFolder);
  await putBlob(store, model);
  await putBlob(store, reportBytes);
  if (judged.testDigest)
    await recordLook(store, { model: task.model, testDigest: judged.testDigest, candidateDigest: judged.subject.digest, writable: true });
  await keepRows(store, request.rows, task.model);
  const bundle = request.bundle && (await putBlob(store, request.bundle));
  if (version) return { ...version, born: false, reportBytes };
  await keepCandidate(store, weighed);
  // A verdict that stops bears no version, and neither does a pull request.
  if (task.purpose !== 'register' || report.verdict === 'fail' || !report.training || !report.evaluation) return null;
  return (await findBorn(store, task.model, judged.subject.digest)) ?? (await bear(store, weighed, { ...request, bundle, model }));
}

async function modelOf(store: ObjectStore, { task, judged }: Weighed, folder: string): Promise<Uint8Array> {
  const { digest, file } = judged.subject;
  const bytes = judged.origin === 'artifact' ? await readFile(join(folder, file)) : await getBlob(store, digest);
  if (digestOf(bytes) === digest) return bytes;
  throw new UserError(
    'MODEL_DIGEST_MISMATCH',
    `The model of ${task.model} is not the one that was judged.`,
    'Run the whole workflow again.',
  );
}

/** The same bytes are one version, with the report that it was born with, however often the run is repeated. */
async function findBorn(store: ObjectStore, model: string, subject: string): Promise<Kept | null> {
  const known = (await listVersions(store, model)).find(({ record }) => record.trust === 'measured' && record.subject.digest === subject);
  const evaluation = known?.record.evaluation;
  return known && evaluation ? { ...known, born: true, reportBytes: await getBlob(store, evaluation.report) } : null;
}

type Birth = Pick<KeepRequest, 'run' | 'now'> & { readonly bundle: string | null; readonly model: Uint8Array };

async function bear(store: ObjectStore, { task, judged, report, reportBytes }: Weighed, { run, now, bundle, model }: Birth): Promise<Kept> {
  const signer = `${task.repository}/${weighWorkflow}@refs/heads/${task.defaultBranch}`;
  const draft = draftVersion(report, {
    reportDigest: judged.report,
    createdAt: now,
    source: {
      repositoryId: task.repositoryId,
      repository: task.repository,
      commit: judged.headSha,
      base: judged.base,
      tree: judged.tree,
      pull: judged.pull,
      authors: judged.authors,
      actors: judged.actors,
      builder: 'actions',
    },
    attestation: bundle === null ? null : { bundle, signer, run },
  });
  const { record, digest } = await registerVersion(store, { draft, model, report: reportBytes });
  return { record, digest, born: true, reportBytes };
}

async function keepCandidate(store: ObjectStore, { task, judged }: Weighed): Promise<void> {
  await keepMeasuredCandidate(store, {
    schema: 'weighin/candidate@1',
    model: task.model,
    inputs: judged.inputs,
    subject: judged.subject.digest,
    file: judged.subject.file,
    report: judged.report,
    pull: judged.pull,
    headSha: judged.headSha,
    base: judged.base,
    authors: judged.authors,
    actors: judged.actors,
  });
}

/** Identities of rows, under the digest that names them, and the profile of the training rows: names say the keys, and no others are taken. */
async function keepRows(store: ObjectStore, folder: string, model: string): Promise<void> {
  const profile = new RegExp(`^monitoring\\+${model}\\+reference\\+[0-9a-f]{32}\\.(?:[0-9a-f]{12}|answers)\\.json$`);
  for (const name of await readdir(folder).catch(() => []))
    if (/^rows\+[0-9a-f]{64}$/.test(name) || profile.test(name))
      await store.create(name.replaceAll('+', '/'), await readFile(join(folder, name)));
}
