import { digestOf } from '../../shared/digest/canonical-json.ts';
import { type EvidenceDocument, evidenceDocumentSchema, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Artifact, Forge, WorkflowRun } from '../../shared/promotion/forge.ts';
import { type VersionRecord, versionRecordSchema } from '../../shared/registry/version-record.ts';
import { decisionDigest } from '../../shared/report/canonical-report.ts';
import { type Report, reportSchema } from '../../shared/report/report.ts';
import { artifactRefused } from '../../shared/source/artifact-refused.ts';
import { readArchive } from '../../shared/source/read-archive.ts';
import { parseForeignJson } from './parse-foreign-json.ts';
import { artifactLimit, mostModels } from './read-reports.ts';
import { remember } from './remember.ts';
import { problemOf, type ReportProblem } from './report-problem.ts';

/** What a weigh run measured of one model, every digest of it checked. */
export interface Evidence {
  readonly document: EvidenceDocument;
  readonly report: Report;
  /** Where a version was born. */
  readonly record: VersionRecord | null;
  /** As they were handed over, to the byte. */
  readonly texts: { readonly report: string; readonly record: string | null };
  readonly level: 'attested' | 'run-verified';
}

/**
 * Whether a signed statement of the weigh workflow stands behind this evidence. `none`: the server keeps no attestations, or there is
 * none yet; a statement that contradicts the evidence is an error, not `none`.
 * @throws UserError where there is one that does not hold
 */
export type VerifyAttestation = (document: EvidenceDocument) => Promise<'attested' | 'none'>;

/** Evidence by the head commit that it is about, as far as this process has proved it: a comment shows it without asking again. */
const proved = new WeakMap<Forge, Map<string, Map<string, Evidence>>>();
const mostHeads = 200;

export const measuredFor = (forge: Forge, headSha: string): readonly Evidence[] => [...(proved.get(forge)?.get(headSha)?.values() ?? [])];

function keepProved(forge: Forge, evidence: Evidence) {
  const heads = proved.get(forge) ?? new Map<string, Map<string, Evidence>>();
  proved.set(forge, heads);
  const { headSha, model, run } = evidence.document;
  const known = heads.get(headSha) ?? new Map<string, Evidence>();
  known.set(`${model}:${run.id}:${run.attempt}`, evidence);
  heads.delete(headSha);
  heads.set(headSha, known);
  for (const oldest of heads.keys()) {
    if (heads.size <= mostHeads) break;
    heads.delete(oldest);
  }
}

/** Only these run the default branch's own file: a push of a tag that is named like the branch would run the tag's. */
const events = ['workflow_run', 'repository_dispatch'];

/**
 * Evidence of the weigh run. The facts of the Actions API make it measured: the workflow's path, an event that runs the default branch's
 * code, that branch, this repository, and the digest of the artifact. What the files say must agree with all of it.
 */
export async function readEvidence(
  forge: Forge,
  run: WorkflowRun,
  verifyAttestation?: VerifyAttestation,
): Promise<{ readonly evidence: readonly Evidence[]; readonly problems: readonly ReportProblem[] }> {
  const refusal = refuseRun(forge, run);
  if (refusal) return { evidence: [], problems: [refusal] };
  const artifacts = await forge.actions.artifacts(run.id);
  const own = artifacts.flatMap((artifact) => {
    const [, model, attempt] = /^weighin-evidence-([a-z0-9][a-z0-9-]{0,62})-(\d+)$/.exec(artifact.name) ?? [];
    return model !== undefined && attempt === String(run.attempt) ? [{ artifact, model }] : [];
  });
  const [evidence, problems]: [Evidence[], ReportProblem[]] = [[], []];
  for (const { artifact, model } of own.slice(0, mostModels)) {
    try {
      const found = await remember(forge, `evidence:${run.id}:${run.attempt}:${artifact.id}`, () => readOne(forge, run, artifact, model));
      const signed = verifyAttestation ? await verifyAttestation(found.document) : 'none';
      const one: Evidence = { ...found, level: signed === 'attested' ? 'attested' : 'run-verified' };
      keepProved(forge, one);
      evidence.push(one);
    } catch (error) {
      problems.push(problemOf(error));
    }
  }
  return { evidence, problems };
}

function refuseRun({ repository }: Forge, { path, event, headBranch, headRepository, status }: WorkflowRun): ReportProblem | null {
  const no = (message: string) => ({ code: 'NOT_THE_WEIGH_RUN', message });
  if (path !== weighWorkflow) return no(`The run is of ${path}, not of ${weighWorkflow}.`);
  if (!events.includes(event)) return no(`The weigh run was started by ${event}, which may run another branch's code.`);
  if (headBranch !== repository.defaultBranch)
    return no(`The weigh run is of ${headBranch ?? 'no branch'}, not of ${repository.defaultBranch}.`);
  if (headRepository?.id !== repository.id) return no('The weigh run is of another repository.');
  return status === 'completed' ? null : no('The weigh run is not completed.');
}

async function readOne(forge: Forge, run: WorkflowRun, artifact: Artifact, model: string): Promise<Omit<Evidence, 'level'>> {
  if (artifact.expired) throw artifactRefused(`${artifact.name} has expired`);
  const zip = await forge.actions.download(artifact.id, artifactLimit);
  if (artifact.digest === null || digestOf(zip) !== artifact.digest)
    throw artifactRefused(`${artifact.name} does not have the digest that the Actions API says`);
  const names = { evidence: `${model}/evidence.json`, report: `${model}/report.json`, record: `${model}/version.json` };
  const wanted = Object.values(names);
  const files = await readArchive(zip, { maxBytes: artifactLimit, maxFiles: 100, allow: (path) => wanted.includes(path) });
  const [evidenceBytes, reportBytes, recordBytes] = [files.get(names.evidence), files.get(names.report), files.get(names.record)];
  if (!evidenceBytes || !reportBytes) throw artifactRefused(`${artifact.name} lacks its evidence or its report`);

  const document = parseForeignJson(evidenceBytes, evidenceDocumentSchema, `The evidence of ${model}`, { maxBytes: 100_000 });
  const report = parseForeignJson(reportBytes, reportSchema, `The measured report of ${model}`, { maxBytes: artifactLimit });
  const record = recordBytes
    ? parseForeignJson(recordBytes, versionRecordSchema, `The version record of ${model}`, { maxBytes: 200_000 })
    : null;
  const says = (agrees: boolean, what: string) => {
    if (!agrees) throw artifactRefused(`${artifact.name} contradicts itself: ${what}`);
  };
  says(document.model === model && report.model === model, 'another model');
  says(document.run.id === run.id && document.run.attempt === run.attempt, 'another run');
  says(report.evidence === 'measured', 'its report is not measured');
  says(digestOf(reportBytes) === document.report, "the report's digest");
  says(document.decision === report.decisionDigest && decisionDigest(report) === document.decision, "the decision's digest");
  says(report.training === null || report.training.model.digest === document.subject, "the model's digest");
  says((record === null) === (document.version === null), 'the version');
  if (record && document.version && recordBytes) {
    says(digestOf(recordBytes) === document.version.record, "the record's digest");
    says(record.model === model && record.number === document.version.number, "the record's name");
    says(record.subject.digest === document.subject, "the record's model");
    says(record.trust === 'measured', 'its record is not measured');
    if (document.purpose === 'register')
      says(record.evaluation?.report === document.report && record.evaluation.decision === document.decision, "the record's evaluation");
  }
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { document, report, record, texts: { report: text(reportBytes), record: recordBytes ? text(recordBytes) : null } };
}
