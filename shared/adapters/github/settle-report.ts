import type { RunContext } from '../../pipeline/run-context.ts';
import { runFolder, writeWhole } from '../../pipeline/run-folder.ts';
import { canonicalReport } from '../../report/canonical-report.ts';
import { renderComment } from '../../report/comment/render-comment.ts';
import { renderHtml } from '../../report/html/render-html.ts';
import type { Report } from '../../report/report.ts';
import { excuseMissingCredentials } from './excuse-missing-credentials.ts';
import type { EventFacts } from './read-event.ts';

/**
 * The report as this job may tell it: as it is, or with what only credentials could have answered left open. The files that
 * readers take from the run then say the same as its outputs.
 */
export async function settleReport(context: RunContext, report: Report, { withoutCredentials }: EventFacts): Promise<Report> {
  if (!withoutCredentials) return report;
  const settled = excuseMissingCredentials(report, withoutCredentials);
  const { html, comment, report: file } = runFolder(context.output, report.model);
  await writeWhole(html, renderHtml(settled));
  await writeWhole(comment, renderComment([settled]));
  await writeWhole(file, canonicalReport(settled).bytes);
  return settled;
}
