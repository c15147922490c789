import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EvaluationPredicate, evaluationPredicateSchema } from '../../shared/attestation/statement.ts';
import { canonicalBytes, digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { judgedSchema, readWeighDocument } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { type EvidenceDocument, evidenceDocumentSchema } from '../../shared/promotion/evidence-document.ts';
import { reportSchema } from '../../shared/report/report.ts';
import { keepWeighed, type Weighed } from './keep-weighed.ts';
import { openPolicy } from './open-weighing.ts';
import { places, readTask, type StepPlace } from './weigh-steps.ts';

/** What the judge left, held together by digest. @throws UserError JUDGED_OTHER */
async function readJudged(place: StepPlace): Promise<Weighed> {
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

/** Step store: keeps what was weighed, and lays out the evidence that its reader proves. */
export async function storeStep(place: StepPlace, bundleFile: string | undefined, now: Date): Promise<{ readonly version: number | null }> {
  const weighed = await readJudged(place);
  const { task, judged, reportBytes } = weighed;
  const { tasks, judged: folder, evidence, work } = places(place.folder);
  const { store } = (await openPolicy({ ...place, task, work })).store;
  const run = { id: Number(place.env['GITHUB_RUN_ID']), attempt: Number(place.env['GITHUB_RUN_ATTEMPT'] ?? 1) };
  const bundle = bundleFile ? await readFile(bundleFile) : null;
  const kept = await keepWeighed(store, weighed, { taskFolder: join(tasks, task.model), rows: join(folder, 'rows'), bundle, run, now });

  // An attempt that is repeated tells of the version as it was born.
  const evaluation = kept?.born ? kept.record.evaluation : null;
  const document: EvidenceDocument = evidenceDocumentSchema.parse({
    schema: 'weighin/evidence@1',
    purpose: task.purpose,
    model: task.model,
    subject: judged.subject.digest,
    pull: task.purpose === 'pull' ? task.pull : null,
    headSha: judged.headSha,
    run,
    claimedRun: task.claimedRun,
    promotion: task.promotion,
    version: kept && { number: kept.record.number, record: kept.digest },
    report: evaluation?.report ?? judged.report,
    decision: evaluation?.decision ?? judged.decision,
  });
  const out = join(evidence, task.model);
  await rm(evidence, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'evidence.json'), canonicalBytes(document));
  await writeFile(join(out, 'report.json'), kept?.reportBytes ?? reportBytes);
  // Its reader holds the evidence of a version against the version's record.
  if (kept) await writeFile(join(out, 'version.json'), canonicalBytes(kept.record));
  return { version: kept?.born ? kept.record.number : null };
}
