import { InfrastructureError, UserError } from '../../errors.ts';
import { type Registration, registerModel } from '../../pipeline/register-model.ts';
import type { RunContext } from '../../pipeline/run-context.ts';
import { readStep, runFolder } from '../../pipeline/run-folder.ts';
import { runModel } from '../../pipeline/run-model.ts';
import { unchangedHeadline } from '../../report/compose-words.ts';
import { type Report, reportSchema } from '../../report/report.ts';
import { isExcused } from './excuse-missing-credentials.ts';
import type { EventFacts } from './read-event.ts';
import { settleReport } from './settle-report.ts';
import { whyNotRegister } from './why-not-register.ts';

export interface WeighedModel {
  readonly model: string;
  /** null where it ended before there was anything to report. */
  readonly report: Report | null;
  readonly registration: Registration | null;
  /** Fails the step whatever the verdict; the report, where there is one, says the same. */
  readonly mistake: unknown;
}

/**
 * Runs one model for a job of Actions, and registers it where the job may. A mistake comes back beside the report that tells of it,
 * so that one model's mistake hides nothing of the others; what only credentials could have answered is excused where GitHub
 * withholds them.
 */
export async function weighModel(
  context: RunContext,
  model: string,
  event: EventFacts,
  register: 'auto' | 'off' = 'auto',
): Promise<WeighedModel> {
  let report: Report | null = null;
  let registration: Registration | null = null;
  try {
    report = await runModel(context, model);
    // Unchanged against production's own report: those bytes are a version already.
    if (register === 'auto' && report.headline !== unchangedHeadline && !whyNotRegister(event))
      registration = await registerModel(context, model);
    return { model, report: await settleReport(context, report, event), registration, mistake: null };
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof InfrastructureError)) throw error;
    report ??= await readStep(runFolder(context.output, model).report, reportSchema);
    return {
      model,
      report: report && (await settleReport(context, report, event)),
      registration,
      mistake: isExcused(error, event) ? null : error,
    };
  }
}
