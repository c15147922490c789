import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Contract } from '../../contract/contract.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import { canonicalReport } from '../../report/canonical-report.ts';
import type { Report } from '../../report/report.ts';
import { describeModel } from '../../training/describe-model.ts';
import type { TrainingResult } from '../../training/training-result.ts';
import type { Notice } from '../../verdict/notice.ts';
import { keepAnswersOf } from '../answers-profile.ts';
import { assembleReportOf } from '../assemble-report.ts';
import { evaluateModelOf } from '../evaluate-model.ts';
import type { ModelRun, RunContext } from '../run-context.ts';
import { writeJson } from '../run-folder.ts';
import { keepSeenRows } from '../seen-rows.ts';
import { keepProfileOf } from '../training-profile.ts';
import { type Candidate, findCandidate } from './find-candidate.ts';
import { type PreparedWeigh, prepareWeigh } from './prepare-weigh.ts';
import { answersIn } from './read-answers.ts';
import type { Judged, WeighTask } from './weigh-documents.ts';

export interface JudgeRequest {
  readonly task: WeighTask;
  /** Digest of the task's bytes. */
  readonly taskDigest: string;
  /** Folder of the task, where the claimed run's model lies. */
  readonly taskFolder: string;
  /** One folder a side, as the jobs that asked the models left them. */
  readonly answers: string;
  /** Where judged.json, report.json and the identities of the rows go. */
  readonly out: string;
  readonly headSha: string;
  readonly tree: string;
  readonly judgedBy: (contract: Contract | null) => Contract | null;
  /** What is to be told of the policy. */
  readonly notices: readonly Notice[];
}

/**
 * The measured report: the default branch's policy on the head's data, the answers that the models gave where no label was. Whatever the
 * claimed run said of itself is left out; how the candidate was trained is what the configuration says.
 */
export async function judgeWeighed(context: RunContext, run: ModelRun, request: JudgeRequest): Promise<{ report: Report; judged: Judged }> {
  const startedAt = performance.now();
  const { task, out } = request;
  const candidate = await findCandidate(context, run, task, request.taskFolder);
  const surroundings = {
    startedAt,
    inputs: candidate.inputs,
    evidence: 'measured' as const,
    notices: [...request.notices, ...claimedNotices(run)],
  };
  let prepared: PreparedWeigh | null = null;
  let report: Report;
  try {
    await describeTraining(run, candidate);
    prepared = await prepareWeigh(context, run, candidate, request.judgedBy);
    if (prepared) await evaluateModelOf(context, run, prepared.found, answersIn(request.answers, candidate.digest));
    report = await assembleReportOf(context, run, { ...surroundings, hasDataset: prepared !== null });
  } catch (cause) {
    if (!(cause instanceof UserError) && !(cause instanceof InfrastructureError)) throw cause;
    // Nothing that could be told would be a measurement.
    if (cause.code === 'STAYS_CLAIMED') throw cause;
    const error = { step: 'weigh', code: cause.code, message: cause.message };
    report = await assembleReportOf(context, run, { ...surroundings, hasDataset: prepared !== null, error });
  }
  const { bytes, digest } = canonicalReport(report);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'report.json'), bytes);
  if (prepared) await writeReferences(context, run, prepared, candidate.digest, join(out, 'rows'));
  const judged: Judged = {
    schema: 'weighin/judged@1',
    task: request.taskDigest,
    model: run.name,
    verdict: report.verdict,
    headSha: request.headSha,
    tree: request.tree,
    subject: { file: candidate.file, digest: candidate.digest, bytes: candidate.bytes.byteLength },
    origin: candidate.origin,
    inputs: candidate.inputs,
    report: digest,
    decision: report.decisionDigest,
    testDigest: prepared?.manifest.splits.test.rowIds ?? null,
    version: candidate.version,
    pull: candidate.pull,
    base: candidate.base,
    authors: [...candidate.authors],
    actors: [...candidate.actors],
  };
  await writeJson(join(out, 'judged.json'), judged);
  return { report, judged };
}

/** Training.json from what is known for sure: the bytes, and what the configuration says. A model that is refused is refused here too. */
async function describeTraining(run: ModelRun, candidate: Candidate): Promise<void> {
  const { training, model } = run.config;
  await mkdir(run.folder.training, { recursive: true });
  const path = join(run.folder.training, candidate.file);
  await writeFile(path, candidate.bytes);
  const result: TrainingResult = {
    by: training?.command ? 'command' : training?.trainer ? 'trainer' : 'given',
    command: training?.command ?? null,
    trainer: training?.trainer ?? null,
    params: training?.params ?? {},
    seed: training?.seed ?? 0,
    seconds: 0,
    model: await describeModel(model.format, path, run.folder.training),
    reported: {},
    curves: {},
    environment: {},
    notices: [],
  };
  await writeJson(run.folder.trainingResult, result);
}

function claimedNotices({ config: { tests } }: ModelRun): readonly Notice[] {
  if (tests.length === 0) return [];
  const names = tests.map(({ name }) => name).join(', ');
  return [
    {
      code: 'TESTS_CLAIMED',
      message: `The project's own tests (${names}) ran where the change's code runs; the check of that run tells of them.`,
    },
  ];
}

/** What the store keeps for later comparisons, as files named for their keys: identities of the rows (parts of hashes, no values), and profiles. */
async function writeReferences(
  context: RunContext,
  run: ModelRun,
  { manifest }: PreparedWeigh,
  subject: string,
  out: string,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const create = async (key: string, bytes: Uint8Array) => {
    await writeFile(join(out, key.replaceAll('/', '+')), bytes);
    return true;
  };
  await keepSeenRows(await context.engine(), { create }, manifest, run.folder.dataset);
  await keepProfileOf(context, run, manifest, { create });
  await keepAnswersOf(context, run, { model: run.name, subject }, { create });
}
