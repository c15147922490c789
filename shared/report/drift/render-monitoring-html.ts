import type { MonitoringReport } from '../../monitoring/monitoring-report.ts';
import { html } from '../html/markup.ts';
import { formatMoment, formatSpan } from './drift-words.ts';
import { monitoringSection } from './html/monitoring-section.ts';
import { page } from './html/page.ts';
import { renderDriftHtml } from './render-drift-html.ts';

/** A scheduled run as one HTML file: the drift report's page with performance and episodes; without data it says so. */
export function renderMonitoringHtml(monitoring: MonitoringReport): string {
  const { drift, model, stage, window, createdAt } = monitoring;
  if (drift) return renderDriftHtml(drift, { monitoring });
  const title = `${model} in ${stage}: ${window ? 'nothing to compare' : 'no data in this window'}`;
  return page(
    title,
    html`<header class="inconclusive"><h1><span class="mark" aria-hidden="true">?</span> ${title}</h1><p>${window ? `${formatSpan(window.start, window.end)}, ${window.rows} rows.` : 'The prediction log holds no row of this window.'}</p><p class="next"><b>Next</b> see that the prediction log still arrives where the configuration says.</p><div class="facts"><span>made <b>${formatMoment(createdAt)}</b></span></div></header>
${monitoringSection(monitoring)}`,
  );
}
