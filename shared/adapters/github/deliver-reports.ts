import { join } from 'node:path';
import * as core from '@actions/core';
import { annotations } from '../../report/annotations.ts';
import { commentMarker, renderComment } from '../../report/comment/render-comment.ts';
import { renderStepSummary } from '../../report/render-step-summary.ts';
import type { Report } from '../../report/report.ts';
import { worstVerdict } from '../../verdict/verdict.ts';
import { annotate } from './annotate.ts';
import { postStickyComment } from './post-sticky-comment.ts';
import type { EventFacts } from './read-event.ts';
import { describeFailure } from './retry-request.ts';
import { stageArtifacts } from './stage-artifacts.ts';
import type { Outcome } from './step-fails.ts';
import { writeStepSummary } from './write-step-summary.ts';

export interface Delivery {
  readonly event: EventFacts;
  /** Absolute folder of the run. */
  readonly output: string;
  /** As it was written; two configurations in one repository have a comment each. */
  readonly config: string;
  /** Path of a file of the configuration's folder, from the top of the repository. */
  readonly atRepository: (file: string) => string;
  readonly token: string | undefined;
  readonly comment: 'auto' | 'off';
  readonly upload: boolean;
}

/**
 * Brings reports to the people who wait for them: step summary, annotations at their lines, what the artifact steps upload,
 * and the one comment. Nothing here changes a verdict: a comment that can't be written is a notice.
 */
export async function deliverReports(reports: readonly Report[], delivery: Delivery): Promise<void> {
  const { event, output, atRepository } = delivery;
  if (reports.length > 0) await writeStepSummary(reports.map(renderStepSummary).join('\n'));
  annotate(reports.flatMap(annotations).map((found) => ({ ...found, file: found.file ? atRepository(found.file) : undefined })));
  if (event.withoutCredentials)
    core.notice(
      'This job has no credentials, by design: what they would tell stays inconclusive. Someone with write access can start a trusted run.',
      {
        title: 'NO_CREDENTIALS',
      },
    );
  if (delivery.upload && reports.length > 0) {
    const folder = join(process.env['RUNNER_TEMP'] ?? output, 'weighin-artifacts');
    const staged = await stageArtifacts(reports, { output, folder, attempt: event.attempt });
    // For the upload steps of action.yml, not for the caller: no output of the action.
    core.setOutput('artifact', staged.name);
    core.setOutput('report-folder', staged.report);
    core.setOutput('files-folder', staged.files);
  }
  if (delivery.comment === 'auto' && event.pull && reports.length > 0) await comment(reports, event.pull.number, delivery);
}

async function comment(reports: readonly Report[], number: number, { event, config, token }: Delivery) {
  const instead = 'The step summary of this run says the same.';
  if (event.withoutCredentials)
    return core.notice(
      `No comment: the token of ${event.withoutCredentials === 'fork' ? "a fork's" : "Dependabot's"} pull request reads only. ${instead}`,
    );
  if (!token) return core.notice(`No comment: there is no github-token. ${instead}`);
  const body = renderComment(reports, { marker: false, ...(event.runUrl ? { reportUrl: event.runUrl } : {}) });
  const marker = `${commentMarker} config=${encodeURIComponent(config).replaceAll('%2F', '/')} -->`;
  try {
    const { getOctokit } = await import('@actions/github');
    const octokit = getOctokit(token, process.env['GITHUB_API_URL'] ? { baseUrl: process.env['GITHUB_API_URL'] } : {});
    const result = await postStickyComment(
      { octokit, owner: event.owner, repo: event.repo, number, body, marker },
      { onRetry: (reason, seconds) => core.info(`GitHub: ${reason}. Again in ${seconds} s.`) },
    );
    if (result.posted === 'refused')
      core.notice(`No comment: ${result.reason}. The job needs \`permissions: pull-requests: write\`. ${instead}`);
    else core.info(`Comment ${result.posted}: ${result.url}`);
  } catch (error) {
    core.notice(`No comment: ${describeFailure(error)}. ${instead}`);
  }
}

/** One line a model. */
export const summaryLines = (reports: readonly Report[]) => reports.map(({ model, headline }) => `${model}: ${headline}`).join('\n');

/** What several reports decide about a step together. */
export const outcomeOf = (reports: readonly Report[]): Outcome => ({
  verdict: worstVerdict(reports.map(({ verdict }) => verdict)),
  blocks: reports.some(({ blocks }) => blocks),
  mode: reports.some(({ mode }) => mode === 'enforce') ? 'enforce' : 'advise',
  says: summaryLines(reports.filter(({ verdict }) => verdict !== 'pass')),
  excused: reports.some(({ notices }) => notices.some(({ code }) => code === 'NO_CREDENTIALS')),
});

/** An output over models: as it is for one, JSON by name for several; nothing where no model has one. */
export function byModel(values: readonly (readonly [model: string, value: string | number | null])[]): string {
  if (values.length === 1) return String(values[0]?.[1] ?? '');
  const known = values.filter(([, value]) => value !== null);
  return known.length > 0 ? JSON.stringify(Object.fromEntries(known)) : '';
}
