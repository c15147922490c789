import { z } from 'zod';
import { policyDigest } from '../config/policy-digest.ts';
import { contractResultSchema } from '../contract/contract-result.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { driftReportSchema } from '../drift/drift-report.ts';
import { summarizeDrift } from '../drift/drift-summary.ts';
import { evaluationResultSchema, type GateResult } from '../evaluation/evaluation-result.ts';
import { verdictOf } from '../gate/verdict-of.ts';
import { canonicalReport, decisionDigest } from '../report/canonical-report.ts';
import { renderComment } from '../report/comment/render-comment.ts';
import { composeWords } from '../report/compose-words.ts';
import { driftLine } from '../report/drift/drift-line.ts';
import { renderHtml } from '../report/html/render-html.ts';
import { renderJunit } from '../report/render-junit.ts';
import type { Report } from '../report/report.ts';
import { testResultSchema, trainingResultSchema } from '../training/training-result.ts';
import type { Notice } from '../verdict/notice.ts';
import { inputsDigest } from './inputs-digest.ts';
import { cardOf } from './model-card.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { readStep, writeJson, writeWhole } from './run-folder.ts';
import { contractGate, errorGate, testGate } from './step-gates.ts';

/** What only a whole run knows. */
export interface Surroundings {
  /** `performance.now()` when the run began. */
  readonly startedAt?: number;
  /** The step that could not be finished, and why. */
  readonly error?: { readonly step: string; readonly code: string; readonly message: string };
  /** Digest of the inputs, where it was computed already. */
  readonly inputs?: string;
  /** false where the run did not come to its dataset: what lies there is an earlier run's. */
  readonly hasDataset?: boolean;
  /** `measured` by the weigh run alone. */
  readonly evidence?: Report['evidence'];
  /** What only this kind of run has to say, beside what its steps found. */
  readonly notices?: readonly Notice[];
}

/** Step 7: one report of all that the steps left, and everything that is made of it: HTML, comment, card, JUnit. */
export async function assembleReport(context: RunContext, model: string): Promise<Report> {
  return assembleReportOf(context, modelRun(context, model), {});
}

export async function assembleReportOf(context: RunContext, run: ModelRun, surroundings: Surroundings): Promise<Report> {
  context.progress.step('report');
  const { folder, config } = run;
  const contract = await readStep(folder.contract, contractResultSchema);
  const tests = (await readStep(folder.tests, z.array(testResultSchema))) ?? [];
  const dataset = surroundings.hasDataset === false ? null : ((await readManifest(folder.dataset)) ?? null);
  const training = await readStep(folder.trainingResult, trainingResultSchema);
  const evaluation = await readStep(folder.evaluation, evaluationResultSchema);

  const moved = await readStep(folder.drift, driftReportSchema);

  const gates: GateResult[] = [
    ...(contract ? [contractGate(contract)] : []),
    ...tests.map(testGate),
    ...(evaluation?.gates ?? []),
    ...(surroundings.error ? [errorGate(surroundings.error.step, surroundings.error.code, surroundings.error.message)] : []),
  ];
  const notices: Notice[] = [
    ...(surroundings.notices ?? []),
    ...(dataset?.notices ?? []),
    ...(training?.notices ?? []),
    ...(evaluation?.notices ?? []),
  ];
  const source = await context.source();
  const now = context.now();
  const base = {
    schema: 'weighin/report@1' as const,
    model: run.name,
    task: config.task,
    evidence: surroundings.evidence ?? ('claimed' as const),
    mode: context.config.config.mode,
    createdAt: now.toISOString(),
    source: { repository: source.repository, commit: source.commit, dirty: source.dirty, pull: source.pull, changed: [...source.changed] },
    policy: { digest: policyDigest(context.config.config, run.name), file: context.config.fileOf(run.name) },
    inputs: surroundings.inputs ?? (await inputsDigest(context, run)),
    contract,
    tests: [...tests],
    dataset,
    training,
    evaluation,
    drift: moved && summarizeDrift(moved, driftLine(moved)),
    notices,
    runtime: {
      weighin: context.version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      seconds: surroundings.startedAt === undefined ? 0 : Math.round(performance.now() - surroundings.startedAt) / 1000,
    },
  } satisfies Partial<Report>;

  // The card tells the verdict, and a card without what it must say is a gate: so it is asked first, and written last.
  const card = evaluation && training ? await cardOf(context, run) : null;
  const all = card?.gate ? [...gates, card.gate] : gates;
  const { verdict, blocks } = verdictOf(all, config.evaluation.defaults.onInconclusive);
  const judged = {
    ...base,
    gates: all,
    verdict,
    blocks: blocks && base.mode === 'enforce',
    card: card && { file: 'MODEL_CARD.md', missing: [...card.missing] },
  };
  const report: Report = { ...judged, ...composeWords(judged), decisionDigest: decisionDigest(judged) };

  if (card) await writeWhole(folder.card, card.render(report));
  await writeWhole(folder.html, renderHtml(report));
  await writeWhole(folder.junit, renderJunit(report));
  await writeWhole(folder.comment, renderComment([report]));
  // Written last: a report that is there has everything that it names beside it.
  await writeWhole(folder.report, canonicalReport(report).bytes);
  await writeJson(folder.inputs, { inputs: report.inputs, baseline: evaluation?.baseline?.digest ?? null });
  return report;
}
