import { sectionTitles } from '../../card/missing-sections.ts';
import { digitsFor, formatCount, formatMany, formatPercent, formatSeconds, formatValue, shortCommit } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { allNotices } from '../all-notices.ts';
import { type GateRow, isComparison } from '../gate-row.ts';
import { repeatCommand } from '../repeat-command.ts';
import type { Report } from '../report.ts';
import { digest } from './digest.ts';
import { html, type Markup, nothing } from './markup.ts';

const most = 60;
/** Gates shown before the fold. */
const open = 6;

/** How small a regression this test set can see, and how often it was looked at. */
export function visibilitySection(report: Report, rows: readonly GateRow[]): Markup {
  const { evaluation } = report;
  if (!evaluation) return nothing;
  const visible = rows.filter(({ gate, kind }) => gate.smallestVisible !== null && isComparison(kind));
  const { looks } = evaluation;
  if (visible.length === 0 && !looks) return nothing;
  return html`<section><h2>What this test set can decide</h2>${
    looks &&
    html`<p>This is candidate ${formatCount(looks.count)} of ${formatCount(looks.budget)} planned on this test set; after so many looks the chance that one passes wrongly is at most ${formatPercent(looks.alphaReuse)} a gate.${looks.count > looks.budget ? ' The budget is spent: take fresh test rows.' : ''}</p>`
  }${visible.length > 0 && visibleTable(visible.slice(0, open))}${
    visible.length > open &&
    html`<details><summary>${formatMany(visible.length - open, 'more gate')}</summary>${visibleTable(visible.slice(open, most))}${
      visible.length > most && html`<p class="soft">${formatMany(visible.length - most, 'gate')} more in report.json.</p>`
    }</details>`
  }</section>`;
}

const visibleTable = (rows: readonly GateRow[]): Markup =>
  html`<table class="plain narrow"><thead><tr><th scope="col">gate</th><th scope="col">smallest regression it can see</th><th scope="col">limit</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${clipText(row.name, 80)}${row.slice === null ? null : html` · ${clipText(row.slice, 80)}`}<small>${row.rows}</small></th><td class="num">${formatValue(row.gate.smallestVisible, row.gate.unit, digitsFor(row.gate.smallestVisible))}</td><td class="num">${row.limit}</td></tr>`,
  )}</tbody></table>`;

export function noticesSection(report: Report): Markup {
  const list = allNotices(report);
  const missing = report.card?.missing ?? [];
  if (list.length === 0 && missing.length === 0) return nothing;
  return html`<section><h2>Good to know</h2>${
    list.length > 0 &&
    html`<ul class="notices">${list.slice(0, most).map(({ code, message }) => html`<li>${clipText(message, 500)} <code>${clipText(code, 60)}</code></li>`)}</ul>`
  }${missing.length > 0 && html`<p>The model card doesn't state: ${clipText(missing.map(sectionTitle).join(', '), 300)}.</p>`}</section>`;
}

const sectionTitle = (section: string) => Object.entries(sectionTitles).find(([name]) => name === section)?.[1] ?? section;

export function repeatSection(report: Report): Markup {
  const { source, runtime, policy, evaluation, training } = report;
  return html`<section><h2>How to repeat it</h2><p><code class="block">${repeatCommand(report)}</code></p><dl>
<dt>Commit</dt><dd>${source.commit === null ? 'not a Git checkout' : html`<code title="${source.commit}">${shortCommit(source.commit)}</code>`}${source.dirty && ', with uncommitted changes'}${source.repository && html` of ${clipText(source.repository, 120)}`}${source.pull !== null && html`, pull request ${source.pull}`}</dd>
${source.changed.length > 0 && html`<dt>Changed</dt><dd>${clipText(source.changed.slice(0, 20).join(', '), 600)}${source.changed.length > 20 && ` and ${formatMany(source.changed.length - 20, 'more file')}`}</dd>`}
<dt>Policy</dt><dd>${clipText(policy.file, 200)} ${digest(policy.digest)}</dd>
<dt>Digests</dt><dd>decision ${digest(report.decisionDigest)}${training && html` · candidate ${digest(training.model.digest)}`}${evaluation?.baseline && html` · ${evaluation.baseline.stage} v${evaluation.baseline.version} ${digest(evaluation.baseline.digest)}`}${evaluation?.testDigest && html` · test rows ${digest(evaluation.testDigest)}`}</dd>
${evaluation?.scoring && html`<dt>Scoring</dt><dd>${formatMany(evaluation.scoring.rows, 'row')} in ${formatSeconds(evaluation.scoring.seconds)}${evaluation.scoring.seconds > 0 && `, ${formatCount(evaluation.scoring.rows / evaluation.scoring.seconds)} a second`}</dd>`}
<dt>Run</dt><dd>${report.createdAt.slice(0, 16).replace('T', ' ')} UTC, ${formatSeconds(runtime.seconds)}, weighin ${runtime.weighin}, node ${runtime.node}, ${runtime.platform}</dd></dl></section>`;
}
