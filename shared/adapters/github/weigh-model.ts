import { InfrastructureError, UserError } from '../../errors.ts';
import type { RunContext } from '../../pipeline/run-context.ts';
import { readStep, runFolder } from '../../pipeline/run-folder.ts';
import { runModel } from '../../pipeline/run-model.ts';
import { type Report, reportSchema } from '../../report/report.ts';
import { excuseMissingCredentials } from './excuse-missing-credentials.ts';
import type { EventFacts } from './read-event.ts';

export interface WeighedModel {
  readonly report: Report | null;
  /** Fails the step whatever the verdict; the report, where there is one, says the same. */
  readonly mistake: unknown;
}

/**
 * Runs one model for a job of Actions. A mistake comes back beside the report that tells of it, so that one model's mistake hides
 * nothing of the others; what only credentials could have answered is excused where GitHub withholds them.
 */
export async function weighModel(context: RunContext, model: string, { withoutCredentials }: EventFacts): Promise<WeighedModel> {
  const judge = (report: Report) => (withoutCredentials ? excuseMissingCredentials(report, withoutCredentials) : report);
  try {
    return { report: judge(await runModel(context, model)), mistake: null };
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof InfrastructureError)) throw error;
    const report = await readStep(runFolder(context.output, model).report, reportSchema);
    const excused = withoutCredentials !== null && lacksCredentials(error);
    return { report: report && judge(report), mistake: excused ? null : error };
  }
}

const lacksCredentials = ({ code }: { readonly code: string }) =>
  code === 'NO_CREDENTIALS' || code === 'STORE_ACCESS_DENIED' || code === 'STORE_READ_ONLY';
