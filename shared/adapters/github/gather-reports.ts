import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import { assembleReport } from '../../pipeline/assemble-report.ts';
import { modelRun, type RunContext } from '../../pipeline/run-context.ts';
import { readStep, runFolder } from '../../pipeline/run-folder.ts';
import { type Report, reportSchema } from '../../report/report.ts';
import type { EventFacts } from './read-event.ts';
import { settleReport } from './settle-report.ts';

/**
 * The reports of every model that has run in the output folder, or of the one that is named: made from what the steps left, or
 * as another job made them where only report.json came along (the shards of a matrix, brought together by their artifacts).
 */
export async function gatherReports(context: RunContext, named: string | undefined, event: EventFacts): Promise<readonly Report[]> {
  const found = named ? [modelRun(context, named).name] : await modelsIn(context);
  const reports: Report[] = [];
  for (const model of found) {
    const folder = runFolder(context.output, model);
    const steps = [folder.contract, folder.tests, folder.trainingResult, folder.evaluation].some((path) => existsSync(path));
    const report = steps ? await assembleReport(context, model) : await readStep(folder.report, reportSchema);
    if (report) reports.push(await settleReport(context, report, event));
  }
  if (reports.length > 0) return reports;
  throw new UserError(
    'NOTHING_TO_REPORT',
    `No ${named ? `step of ${named}` : 'step'} has left anything in ${context.output}.`,
    'Run validate-data, train-model and evaluate-model before it in the same job, or download their reports there.',
  );
}

async function modelsIn(context: RunContext): Promise<readonly string[]> {
  const entries = await readdir(runFolder(context.output, '').path, { withFileTypes: true }).catch(() => []);
  const names = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  return Object.keys(context.config.config.models).filter((model) => names.has(model));
}
