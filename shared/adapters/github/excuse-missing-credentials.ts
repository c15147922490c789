import { InfrastructureError, UserError } from '../../errors.ts';
import type { Report } from '../../report/report.ts';
import { worstVerdict } from '../../verdict/verdict.ts';
import type { EventFacts } from './read-event.ts';

/** What a store says to someone without credentials, and what a step says when the one before it could not read anything. */
const excused = new Set(['NO_CREDENTIALS', 'STORE_ACCESS_DENIED', 'STORE_READ_ONLY', 'STEP_MISSING', 'NOTHING_TO_REPORT']);

/** Whether an error only says that GitHub gave this job no credentials. */
export const isExcused = (error: unknown, { withoutCredentials }: Pick<EventFacts, 'withoutCredentials'>): boolean =>
  withoutCredentials !== null && (error instanceof UserError || error instanceof InfrastructureError) && excused.has(error.code);

/**
 * A report of a job that has no credentials by design: the contract and the team's own tests decide as ever, everything else stays
 * open, since it can't be told what the job could not read. Someone with write access starts a run that can.
 */
export function excuseMissingCredentials(report: Report, who: 'fork' | 'dependabot'): Report {
  const decided = worstVerdict(report.gates.filter(({ kind }) => kind === 'contract' || kind === 'test').map(({ status }) => status));
  const stopped = decided === 'fail' || decided === 'error';
  const whose = who === 'fork' ? "a fork's pull request" : "Dependabot's pull request";
  const message = `This job has no credentials, by design: it is ${whose}. The contract and the tests are judged; the comparison with production is not.`;
  const next = 'Someone with write access can start a trusted run of this commit.';
  const notices = report.notices.some(({ code }) => code === 'NO_CREDENTIALS')
    ? report.notices
    : [...report.notices, { code: 'NO_CREDENTIALS', message }];
  const verdict = worstVerdict([decided, 'inconclusive']);
  if (stopped) return { ...report, notices, verdict, blocks: report.mode === 'enforce' };
  return { ...report, notices, verdict, blocks: false, headline: 'inconclusive. NO_CREDENTIALS: nothing was compared', why: message, next };
}
