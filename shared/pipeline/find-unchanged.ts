import { z } from 'zod';
import { InfrastructureError } from '../errors.ts';
import { type Report, reportSchema } from '../report/report.ts';
import { type FoundBaseline, findBaseline } from './find-baseline.ts';
import type { ModelRun, RunContext } from './run-context.ts';
import { readStep } from './run-folder.ts';

const inputsSchema = z.strictObject({ inputs: z.string(), baseline: z.string().nullable() });

/** What was asked before the run: the report that still holds, if one does, and production's model, which the evaluation needs again. */
export interface Earlier {
  readonly report: Report | null;
  /** null where it was not asked for, or the store could not say: the evaluation asks for itself. */
  readonly baseline: FoundBaseline | null;
}

/**
 * Finds the report that still holds, where nothing changed: this machine's last run on the same inputs against the same baseline, or the
 * report of the model in production, where it was made of exactly these inputs.
 */
export async function findUnchanged(context: RunContext, run: ModelRun, inputs: string): Promise<Earlier> {
  const { data } = run.config;
  // What lies elsewhere can change without a sign of it here.
  if ([data?.source, ...(data?.features ?? []).map(({ source }) => source)].some((source) => source?.includes('://')))
    return { report: null, baseline: null };
  const baseline = await findBaseline(context, run).catch((cause: unknown) => {
    // The run itself asks again, and says what is wrong with the store.
    if (cause instanceof InfrastructureError) return null;
    throw cause;
  });
  return { report: baseline && (await reportThatHolds(run, inputs, baseline)), baseline };
}

async function reportThatHolds(run: ModelRun, inputs: string, found: FoundBaseline): Promise<Report | null> {
  if (found.report?.inputs === inputs) return found.report;
  const last = await readStep(run.folder.inputs, inputsSchema).catch(() => null);
  const report = last && (await readStep(run.folder.report, reportSchema).catch(() => null));
  if (!last || !report || last.inputs !== inputs || last.baseline !== (found.baseline?.digest ?? null)) return null;
  // What could not be finished is tried again.
  return report.verdict === 'error' ? null : report;
}
