import { evidenceWords } from '../../card/evidence-words.ts';
import { formatAge, shortCommit, shortDigest } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { gateRows, statusWords } from '../gate-row.ts';
import { howScored } from '../how-scored.ts';
import type { Report } from '../report.ts';
import { noticesSection, repeatSection, visibilitySection } from './closing-sections.ts';
import { curvePlots } from './curve-plots.ts';
import { contractSection, datasetSection, testsSection } from './data-section.ts';
import { driftSection } from './drift-section.ts';
import { gatesSection } from './gates-section.ts';
import { html, type Markup, nothing, prose } from './markup.ts';
import { metricsSection } from './metrics-section.ts';
import { slicesSection } from './slices-section.ts';
import { style } from './style.ts';
import { trainingSection } from './training-section.ts';

/**
 * The report as one HTML file: no script, nothing fetched (its own policy forbids both), dark and light, phone and paper.
 * The order is a reviewer's: verdict, gates, where the models differ, data, training, how far to trust it, how to repeat it.
 */
export function renderHtml(report: Report): string {
  const rows = gateRows(report);
  const { evaluation } = report;
  const baselineName = clipText(evaluation?.baseline?.stage ?? 'baseline', 24);
  // Where the data or the tests stopped the run, they come first: there is nothing else to look at.
  const early = evaluation === null;
  const found = [contractSection(report.contract), testsSection(report.tests)];
  const findings = html`${report.contract?.verdict === 'pass' && report.tests.some(({ status }) => status === 'fail') ? found.reverse() : found}`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${report.model}: ${report.headline} · Weighin</title>
<style>${style}</style></head><body><main>
${header(report)}
${early ? findings : nothing}
${gatesSection(rows, baselineName)}
${evaluation && plotsSection(report)}
${evaluation && slicesSection(evaluation, report.gates, baselineName)}
${evaluation && metricsSection(evaluation, baselineName)}
${early ? nothing : findings}
${datasetSection(report.dataset)}
${driftSection(report.drift)}
${trainingSection(report.training)}
${visibilitySection(report, rows)}
${noticesSection(report)}
${repeatSection(report)}
</main></body></html>
`;
  return page.markup;
}

function header(report: Report): Markup {
  const { evaluation, training, source, verdict } = report;
  const { mark } = statusWords[verdict];
  const baseline = evaluation?.baseline;
  const evidence = evidenceWords(report);
  return html`<header class="${verdict}"><h1><span class="mark" aria-hidden="true">${mark}</span> ${report.model}: ${prose(report.headline)}</h1>
<p>${prose(report.why)}</p><p class="next"><b>Next</b> ${prose(report.next)}</p>
<div class="facts"><span>verdict <b>${verdict}</b>${report.mode === 'advise' ? ', advice only' : report.blocks ? ', blocks' : null}</span>${training && html`<span>candidate <b title="${training.model.digest}">${shortDigest(training.model.digest).slice(0, 6)}</b></span>`}${
    baseline ? html`<span>against ${baseline.stage} <b>v${baseline.version}</b>, ${formatAge(baseline.ageDays)}</span>` : null
  }${evaluation && html`<span>${howScored(evaluation)}</span>`}${
    source.commit && html`<span>commit <b title="${source.commit}">${shortCommit(source.commit)}</b></span>`
  }<span>${evidence}</span></div></header>`;
}

function plotsSection(report: Report): Markup {
  const { evaluation } = report;
  const plots = evaluation ? curvePlots(evaluation) : [];
  if (!evaluation || plots.length === 0) return nothing;
  const compares = evaluation.baseline !== null || evaluation.plots.roc?.baseline != null;
  return html`<section><h2>${compares ? 'Where it differs' : 'How it answers'}</h2><p class="key">${compares && html`<span><i class="base"></i>${evaluation.baseline?.stage ?? 'baseline'}</span>`}<span><i class="cand"></i>candidate</span></p><div class="grid${plots.length % 2 === 0 && ' pairs'}">${plots}</div></section>`;
}
