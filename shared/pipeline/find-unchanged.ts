import { z } from 'zod';
import { InfrastructureError } from '../errors.ts';
import { type Report, reportSchema } from '../report/report.ts';
import { findBaseline } from './find-baseline.ts';
import type { ModelRun, RunContext } from './run-context.ts';
import { readStep } from './run-folder.ts';

const inputsSchema = z.strictObject({ inputs: z.string(), baseline: z.string().nullable() });

/**
 * The report that still holds, where nothing changed: this machine's last run on the same inputs against the same baseline, or the
 * report of the model in production, where it was made of exactly these inputs.
 */
export async function findUnchanged(context: RunContext, run: ModelRun, inputs: string): Promise<Report | null> {
  const { data } = run.config;
  // What lies elsewhere can change without a sign of it here.
  if ([data?.source, ...(data?.features ?? []).map(({ source }) => source)].some((source) => source?.includes('://'))) return null;
  const found = await findBaseline(context, run).catch((cause: unknown) => {
    // The run itself asks again, and says what is wrong with the store.
    if (cause instanceof InfrastructureError) return null;
    throw cause;
  });
  if (!found) return null;
  if (found.report?.inputs === inputs) return found.report;
  const last = await readStep(run.folder.inputs, inputsSchema).catch(() => null);
  const report = last && (await readStep(run.folder.report, reportSchema).catch(() => null));
  if (!last || !report || last.inputs !== inputs || last.baseline !== (found.baseline?.digest ?? null)) return null;
  // What could not be finished is tried again.
  return report.verdict === 'error' ? null : report;
}
