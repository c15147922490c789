import * as core from '@actions/core';
import { capMarkdown } from './cap-markdown.ts';

/** GitHub shows no summary at all of a step that wrote more: 1 MiB, here in characters with room for their bytes. */
const limit = 250_000;

/** Adds Markdown to the summary page of the run. Outside Actions it does nothing. */
export async function writeStepSummary(markdown: string): Promise<void> {
  if (!process.env['GITHUB_STEP_SUMMARY']) return;
  await core.summary.addRaw(capMarkdown(markdown, limit, 'The rest is in the report.'), true).write();
}
