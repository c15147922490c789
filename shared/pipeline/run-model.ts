import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { digestOfDocument } from '../digest/canonical-json.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import { canonicalReport } from '../report/canonical-report.ts';
import { renderComment } from '../report/comment/render-comment.ts';
import { composeWords } from '../report/compose-words.ts';
import type { Report } from '../report/report.ts';
import { assembleReportOf } from './assemble-report.ts';
import { evaluateModelOf } from './evaluate-model.ts';
import { findUnchanged } from './find-unchanged.ts';
import { inputsDigest } from './inputs-digest.ts';
import { prepareDatasetOf } from './prepare-dataset.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { ignoreOutput, writeWhole } from './run-folder.ts';
import { runTestsOf } from './run-project-tests.ts';
import { trainModelOf } from './train-model.ts';
import { validateAndOpen } from './validate-data.ts';

/**
 * The whole of one model: contract, dataset, tests, training, evaluation, report. Data that breaks its contract stops the run before
 * anything is trained. Whatever happens, a report says so before an error goes on: the exit code is the caller's.
 */
export async function runModel(context: RunContext, name: string, options: { readonly force?: boolean } = {}): Promise<Report> {
  const startedAt = performance.now();
  const run = modelRun(context, name);
  let inputs: string = unreadInputs;
  let step = 'inputs';
  let hasDataset = false;
  try {
    inputs = await inputsDigest(context, run);
    const before = options.force ? null : await findUnchanged(context, run, inputs);
    if (before?.report) return await reuse(run, before.report);
    await ignoreOutput(context.output);
    await clear(run);
    step = 'contract';
    const validated = await validateAndOpen(context, run);
    const stopped = validated && (validated.result.verdict === 'fail' || validated.result.verdict === 'error');
    if (!stopped) {
      step = 'dataset';
      await prepareDatasetOf(context, run, validated?.source);
      hasDataset = true;
      step = 'tests';
      await runTestsOf(context, run);
      step = 'training';
      await trainModelOf(context, run);
      step = 'evaluation';
      await evaluateModelOf(context, run, before?.baseline ?? null);
    }
  } catch (cause) {
    if (!(cause instanceof UserError) && !(cause instanceof InfrastructureError)) throw cause;
    if (step === 'inputs') await clear(run);
    const error = { step, code: cause.code, message: cause.message };
    await assembleReportOf(context, run, { startedAt, inputs, hasDataset, error });
    throw cause;
  }
  return assembleReportOf(context, run, { startedAt, inputs, hasDataset });
}

/** Stands for inputs that could not be read: equal to those of no run. */
const unreadInputs = digestOfDocument({ inputs: 'unread' });

/** The earlier result as this run's: one line where it passed; a verdict that stops is told again in full. */
async function reuse({ folder }: ModelRun, before: Report): Promise<Report> {
  const report = before.verdict === 'fail' ? before : { ...before, ...composeWords({ ...before, unchanged: true }) };
  // The words are this run's, the report is the earlier one's to the byte, so that its digest still finds it.
  await writeWhole(folder.comment, renderComment([report]));
  await writeWhole(folder.report, canonicalReport(before).bytes);
  return report;
}

/** What an earlier run left of a step must not be taken for this run's. The dataset is kept: it says itself whether it still holds. */
async function clear({ folder }: ModelRun): Promise<void> {
  const { path: _, dataset, manifest, ...left } = folder;
  for (const path of Object.values(left)) await rm(path, { recursive: true, force: true });
}
