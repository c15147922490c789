import type { DriftReport } from '../../drift/drift-report.ts';
import type { MonitoringReport } from '../../monitoring/monitoring-report.ts';
import { clipText } from '../../words/visible-text.ts';
import { statusWords } from '../gate-row.ts';
import { html, type Markup, prose } from '../html/markup.ts';
import { formatMoment, headlineOf, sayNext, sayRest } from './drift-words.ts';
import { columnsSection } from './html/columns-section.ts';
import { decidedSection } from './html/decided-section.ts';
import { findingsSection, segmentsSection } from './html/findings-section.ts';
import { monitoringSection } from './html/monitoring-section.ts';
import { overviewSection } from './html/overview-section.ts';
import { page } from './html/page.ts';
import { windowsSection } from './html/windows-section.ts';

export interface DriftHtmlOptions {
  /** The scheduled run that this is the drift of: performance, episodes and retraining come with it. */
  readonly monitoring?: MonitoringReport;
}

/**
 * The drift report as one HTML file: no script, nothing fetched (its own policy forbids both), dark and light, phone and paper. 500 columns
 * stay under 2 MB: one path a distribution, cards for what moved first, rows of a table for the rest.
 */
export function renderDriftHtml(report: DriftReport, { monitoring }: DriftHtmlOptions = {}): string {
  return page(
    headlineOf(report),
    html`${header(report, monitoring)}
${overviewSection(report)}
${monitoringSection(monitoring)}
${columnsSection(report)}
${findingsSection(report)}
${segmentsSection(report)}
${windowsSection(report)}
${decidedSection(report)}`,
  );
}

function header(report: DriftReport, monitoring: MonitoringReport | undefined): Markup {
  const { verdict, since } = report;
  return html`<header class="${verdict}"><h1><span class="mark" aria-hidden="true">${statusWords[verdict].mark}</span> ${headlineOf(report)}</h1>
<p>${sayRest(report)}</p><p class="next"><b>Next</b> ${prose(sayNext(report, monitoring))}</p>
<div class="facts"><span>verdict <b>${verdict}</b></span>${since !== null && html`<span>since <b>${formatMoment(since)}</b></span>`}<span>method <b>${clipText(report.method, 60)}</b></span>${
    monitoring &&
    html`<span>stage <b>${monitoring.stage}</b>${monitoring.version && ` ${clipText(monitoring.version, 20)}`}</span><span>made <b>${formatMoment(monitoring.createdAt)}</b></span>`
  }</div></header>`;
}
