import { join } from 'node:path';
import { collectMetrics } from '../monitoring/collect-metrics.ts';
import type { MonitoringReport } from '../monitoring/monitoring-report.ts';
import { renderOpenMetrics } from '../monitoring/render-openmetrics.ts';
import { renderDriftHtml } from '../report/drift/render-drift-html.ts';
import { renderDriftMarkdown } from '../report/drift/render-drift-markdown.ts';
import { writeJson, writeWhole } from './run-folder.ts';

/** What a monitoring run leaves, in `<output>/monitoring/<model>/<stage>/`. */
export interface MonitoringFolder {
  readonly path: string;
  /** What the bot reads. */
  readonly report: string;
  readonly drift: string;
  readonly html: string;
  readonly markdown: string;
  /** OpenMetrics, for a textfile collector. */
  readonly metrics: string;
}

export function monitoringFolder(output: string, { model, stage }: Pick<MonitoringReport, 'model' | 'stage'>): MonitoringFolder {
  const path = join(output, 'monitoring', model, stage);
  return {
    path,
    report: join(path, 'monitoring.json'),
    drift: join(path, 'drift.json'),
    html: join(path, 'drift.html'),
    markdown: join(path, 'drift.md'),
    metrics: join(path, 'weighin.prom'),
  };
}

/** Each file whole or not at all; the metrics page also where a collector looks for it. */
export async function writeMonitoring(
  output: string,
  report: MonitoringReport,
  { metrics }: { readonly metrics?: string | undefined } = {},
): Promise<MonitoringFolder> {
  const folder = monitoringFolder(output, report);
  if (report.drift) {
    await writeJson(folder.drift, report.drift);
    await writeWhole(folder.html, renderDriftHtml(report.drift, { monitoring: report }));
  }
  await writeWhole(folder.markdown, monitoringMarkdown(report));
  const page = metricsPage(report);
  await writeWhole(folder.metrics, page);
  if (metrics !== undefined) await writeWhole(metrics, page);
  // Last: whoever sees it finds the others.
  await writeJson(folder.report, report);
  return folder;
}

export const metricsPage = (report: MonitoringReport): string => renderOpenMetrics(collectMetrics(report));

/** For the step summary. */
export const monitoringMarkdown = (report: MonitoringReport): string =>
  report.drift
    ? renderDriftMarkdown(report.drift, { monitoring: report })
    : `## ${report.model} ${report.stage}: no window is over yet\n\nNothing was judged. The first whole window is judged by the next run after its end.\n`;
