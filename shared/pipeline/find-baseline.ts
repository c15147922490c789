import { parseDuration } from '../config/quantities.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import type { Baseline } from '../evaluation/evaluation-result.ts';
import { type ResolvedBaseline, resolveBaseline } from '../registry/resolve-baseline.ts';
import { type Report, reportSchema } from '../report/report.ts';
import type { Notice } from '../verdict/notice.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** The model that the candidate is compared with, or why there is none. */
export interface FoundBaseline {
  readonly resolved: ResolvedBaseline | null;
  readonly baseline: Baseline | null;
  /** Its own report, where it has one that this version can read. */
  readonly report: Report | null;
  /** `none`: no stage points at a model yet. `withheld`: there is one, which this job may not read. */
  readonly missing: 'none' | 'withheld' | null;
  readonly notices: readonly Notice[];
}

export async function findBaseline(context: RunContext, run: ModelRun): Promise<FoundBaseline> {
  const { stage, maxAge } = run.config.evaluation.baseline;
  const none = { resolved: null, baseline: null, report: null };
  const opened = await context.store();
  let resolved: ResolvedBaseline | null;
  try {
    resolved = await resolveBaseline({ root: context.root, store: opened.store, model: run.name, stage, now: context.now() });
  } catch (cause) {
    const noCredentials = (cause instanceof UserError || cause instanceof InfrastructureError) && cause.code === 'NO_CREDENTIALS';
    if (!noCredentials || !(await context.source()).untrusted) throw cause;
    const message = `This job has no credentials, by design, so the model at ${stage} could not be read and nothing was compared. Someone with write access can start a trusted run.`;
    return { ...none, missing: 'withheld', notices: [...opened.notices, { code: 'NO_CREDENTIALS', message }] };
  }
  if (!resolved) {
    const message = `No model is at ${stage} yet, so nothing can be compared: the candidate is judged by its own values.`;
    return { ...none, missing: 'none', notices: [...opened.notices, { code: 'NO_BASELINE', message }] };
  }
  const { record, ageDays } = resolved;
  const notices: Notice[] = [...opened.notices];
  const days = maxAge ? durationDays(maxAge) : Number.POSITIVE_INFINITY;
  if (ageDays > days)
    notices.push({
      code: 'BASELINE_OLD',
      message: `${stage} v${record.number} is ${Math.floor(ageDays)} days old; baseline.maxAge is ${maxAge}. Compare on fresh rows before you promote.`,
    });
  return {
    resolved,
    baseline: {
      stage,
      version: record.number,
      digest: record.subject.digest,
      createdAt: record.createdAt,
      ageDays: Math.round(ageDays * 10) / 10,
    },
    report: reportSchema.safeParse(resolved.report).data ?? null,
    missing: null,
    notices,
  };
}

const durationDays = (text: string) => parseDuration(text) / 86_400_000;
