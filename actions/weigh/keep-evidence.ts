import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EvaluationPredicate, evaluationPredicateSchema } from '../../shared/attestation/statement.ts';
import { canonicalBytes, digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { draftVersion } from '../../shared/pipeline/register-model.ts';
import { type Judged, judgedSchema, readWeighDocument, type WeighTask } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { type EvidenceDocument, evidenceDocumentSchema, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import { getBlob, putBlob } from '../../shared/registry/blobs.ts';
import { keepMeasuredCandidate } from '../../shared/registry/measured-candidates.ts';
import type { ObjectStore } from '../../shared/registry/object-store.ts';
import { listVersions, readVersion } from '../../shared/registry/read-versions.ts';
import { recordLook } from '../../shared/registry/record-look.ts';
import { registerVersion } from '../../shared/registry/register-version.ts';
import type { VersionDraft, VersionRecord } from '../../shared/registry/version-record.ts';
import { type Report, reportSchema } from '../../shared/report/report.ts';
import { openPolicy } from './open-weighing.ts';
import { places, readTask, type StepPlace } from './weigh-steps.ts';

interface JudgedFiles {
  readonly task: WeighTask;
  readonly judged: Judged;
  readonly report: Report;
  readonly reportBytes: Uint8Array;
}

/** What the judge left, held together by digest. @throws UserError JUDGED_OTHER */
async function readJudged(place: StepPlace): Promise<JudgedFiles> {
  const { judged: folder } = places(place.folder);
  const task = await readTask(place);
  const judged = readWeighDocument(await readFile(join(folder, 'judged.json')), judgedSchema, 'judged.json');
  const reportBytes = await readFile(join(folder, 'report.json'));
  const report = readWeighDocument(reportBytes, reportSchema, 'report.json');
  const fits =
    judged.task === place.taskDigest &&
    judged.model === task.model &&
    report.model === task.model &&
    digestOf(reportBytes) === judged.report &&
    report.decisionDigest === judged.decision &&
    report.evidence === 'measured' &&
    (report.training === null || report.training.model.digest === judged.subject.digest) &&
    (judged.origin !== 'artifact' || judged.subject.digest === task.candidate?.digest);
  if (!fits)
    throw new UserError('JUDGED_OTHER', `What was judged of ${task.model} does not fit together.`, 'Run the whole workflow again.');
  return { task, judged, report, reportBytes };
}

/** Step attest: what is signed with the model's digest. Nothing is signed for it here; the workflow's next step does that. */
export async function attestStep(
  place: StepPlace,
): Promise<{ readonly subject: string; readonly digest: string; readonly predicate: string }> {
  const { judged, report } = await readJudged(place);
  const predicate: EvaluationPredicate = evaluationPredicateSchema.parse({
    model: report.model,
    verdict: report.verdict,
    report: judged.report,
    decision: judged.decision,
    policy: report.policy.digest,
    dataset: report.dataset?.version ?? null,
    baseline: report.evaluation?.baseline?.digest ?? null,
    commit: judged.headSha,
    weighin: report.runtime.weighin,
  });
  const path = join(places(place.folder).judged, 'predicate.json');
  await writeFile(path, canonicalBytes(predicate));
  return { subject: `${report.model}/${judged.subject.file}`, digest: judged.subject.digest, predicate: path };
}

/**
 * Step store: keeps model and report as blobs, counts the look, and, on the default branch, gives the model its version. What a reader
 * needs of it goes into the evidence artifact.
 */
export async function storeStep(place: StepPlace, bundleFile: string | undefined, now: Date): Promise<{ readonly version: number | null }> {
  const files = await readJudged(place);
  const { task, judged, report, reportBytes } = files;
  const { tasks, judged: judgedFolder, evidence: out, work } = places(place.folder);
  const { store } = (await openPolicy({ ...place, task, work })).store;
  const run = runOf(place.env);

  const model =
    judged.origin === 'artifact'
      ? await readFile(join(tasks, task.model, judged.subject.file))
      : await getBlob(store, judged.subject.digest);
  if (digestOf(model) !== judged.subject.digest)
    throw new UserError('MODEL_DIGEST_MISMATCH', 'The model is not the one that was judged.', 'Run the whole workflow again.');
  await putBlob(store, model);
  await putBlob(store, reportBytes);
  if (judged.testDigest)
    await recordLook(store, { model: task.model, testDigest: judged.testDigest, candidateDigest: judged.subject.digest, writable: true });
  await keepRows(store, join(judgedFolder, 'rows'));
  const bundle = bundleFile ? await putBlob(store, await readFile(bundleFile)) : null;

  let born: Born | null = null;
  if (task.purpose !== 'promote') await keepCandidate(store, files);
  if (task.purpose === 'register' && isRegistered(report)) {
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
    born = (await findBorn(store, task.model, judged.subject.digest)) ?? (await bear(store, draft, model, reportBytes));
  }

  const evidence: EvidenceDocument = evidenceDocumentSchema.parse({
    schema: 'weighin/evidence@1',
    purpose: task.purpose,
    model: task.model,
    subject: judged.subject.digest,
    pull: task.purpose === 'pull' ? task.pull : null,
    headSha: judged.headSha,
    run,
    claimedRun: task.claimedRun,
    promotion: task.promotion,
    version: born?.version ?? judged.version,
    report: born?.report ?? judged.report,
    decision: born?.decision ?? judged.decision,
  });
  const folder = join(out, task.model);
  await rm(out, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'evidence.json'), canonicalBytes(evidence));
  await writeFile(join(folder, 'report.json'), born?.reportBytes ?? reportBytes);
  // Its reader holds the evidence of a version against the version's record.
  const record = born?.record ?? (judged.version && (await readVersion(store, task.model, judged.version.number)).record);
  if (record) await writeFile(join(folder, 'version.json'), canonicalBytes(record));
  return { version: born?.version.number ?? null };
}

interface Born {
  readonly record: VersionRecord;
  readonly version: { readonly number: number; readonly record: string };
  readonly report: string;
  readonly decision: string;
  readonly reportBytes: Uint8Array;
}

/** The same bytes are one version, with the report that it was born with, however often the run is repeated. */
async function findBorn(store: ObjectStore, model: string, subject: string): Promise<Born | null> {
  const known = (await listVersions(store, model)).find(({ record }) => record.trust === 'measured' && record.subject.digest === subject);
  const evaluation = known?.record.evaluation;
  if (!known || !evaluation) return null;
  const { record, digest } = known;
  const reportBytes = await getBlob(store, evaluation.report);
  return {
    record,
    version: { number: record.number, record: digest },
    report: evaluation.report,
    decision: evaluation.decision,
    reportBytes,
  };
}

async function bear(store: ObjectStore, draft: VersionDraft, model: Uint8Array, reportBytes: Uint8Array): Promise<Born> {
  const { record, digest } = await registerVersion(store, { draft, model, report: reportBytes });
  const { report, decision } = { report: '', decision: '', ...record.evaluation };
  return { record, version: { number: record.number, record: digest }, report, decision, reportBytes };
}

/** A verdict that stops bears no version. */
const isRegistered = (report: Report) =>
  report.verdict !== 'fail' && report.verdict !== 'error' && report.training !== null && report.evaluation !== null;

async function keepCandidate(store: ObjectStore, { task, judged }: JudgedFiles): Promise<void> {
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

/** Identities of rows, under the digest that names them. */
async function keepRows(store: ObjectStore, folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (/^[0-9a-f]{64}$/.test(name)) await store.create(`rows/${name}`, await readFile(join(folder, name)));
}

const runOf = (env: StepPlace['env']) => ({ id: Number(env['GITHUB_RUN_ID']), attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1) });
