import type { DriftColumn, DriftReport, Level } from '../../../drift/drift-report.ts';
import { formatMany } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing } from '../../html/markup.ts';
import { formatEffect, formatSpan, groupColumns, isNamed, levelWords, sayDecision } from '../drift-words.ts';
import { tagOf } from './columns-section.ts';

const most = 15;

/** Both sides, and the largest effects on one scale with the limits. */
export function overviewSection(report: DriftReport): Markup {
  const side = (what: string, role: string, { name, rows, from, to }: DriftReport['reference']) =>
    html`<tr><th scope="row"><span class="key"><span><i class="${role}"></i>${what}</span></span></th><td>${clipText(name, 120)}</td><td class="num">${formatMany(rows, 'row')}</td><td>${formatSpan(from, to) || '–'}</td></tr>`;
  return html`<section><h2>Overview</h2><table class="sides"><thead><tr><th scope="col">side</th><th scope="col">table</th><th scope="col">rows</th><th scope="col">time</th></tr></thead><tbody>${side('reference', 'base', report.reference)}${side('current', 'cand', report.current)}</tbody></table>${effects(report)}</section>`;
}

function effects(report: DriftReport): Markup {
  const { drifted, shifted, steady } = groupColumns(report);
  const moved = [...drifted, ...shifted];
  // Beside what moved, the largest of what did not: how near the limits the rest comes.
  const next = [...steady].sort((a, b) => (b.effect ?? 0) - (a.effect ?? 0)).slice(0, Math.max(0, Math.min(5, most - moved.length)));
  const shown = [...moved.slice(0, most), ...next].filter(({ effect }) => effect !== null);
  if (shown.length === 0) return nothing;
  const { limits } = report;
  const named = shown.some(isNamed);
  const end = Math.max(1e-9, limits.alarm * 1.6, ...shown.map(({ effect }) => effect ?? 0));
  const rest = report.columns.length - shown.length;
  return html`<h3>Share of rows that would have to move</h3>${report.method === 'default' && html`<p class="soft">Dashed: a shift from ${formatEffect(limits.shift)} on, an alarm from ${formatEffect(limits.alarm)} on.</p>`}<table class="effects"><thead><tr><th scope="col">column</th><th scope="col">effect</th><th scope="col">rows moved</th>${named && html`<th scope="col" class="opt">score, limit</th>`}<th scope="col">level</th></tr></thead><tbody>${shown.map(
    (column, index) => effectRow(column, index < Math.min(moved.length, most) ? moved.indexOf(column) : -1, end, report, named),
  )}</tbody></table>${rest > 0 && html`<p class="soft">${formatMany(rest, 'more column')} below.</p>`}${report.columns.length > 2 * most && allEffects(report)}`;
}

function effectRow(column: DriftColumn, card: number, end: number, { limits, method, columns }: DriftReport, named: boolean): Markup {
  const x = (value: number) => Math.round((value / end) * 3000) / 10;
  const name = clipText(column.column, 60);
  const effect = column.effect ?? 0;
  return html`<tr><th scope="row">${card >= 0 && card < 60 ? html`<a href="#c${card}">${name}</a>` : name}</th><td class="chart"><svg class="eff ${levelWords[column.level].role}" viewBox="0 0 300 14" preserveAspectRatio="none" aria-hidden="true"><path class="track" d="M0 6h300v2H0z"/><path class="eb" d="M0 3h${x(effect)}v8H0z"/>${method === 'default' && [limits.shift, limits.alarm].map((limit) => html`<path class="el" d="M${x(limit)} 0v14"/>`)}</svg></td><td class="num">${formatEffect(column.effect)}</td>${named && html`<td class="num opt">${sayDecision(column, columns)}</td>`}<td>${tagOf(column)}</td></tr>`;
}

/** Every column's effect, largest first, as one picture: how many stand out of how many. */
function allEffects({ columns, limits, method }: DriftReport): Markup {
  const sorted = columns.filter(({ effect }) => effect !== null).sort((a, b) => (b.effect ?? 0) - (a.effect ?? 0));
  const [width, height] = [600, 60];
  const top = Math.max(1e-9, limits.alarm * 1.6, sorted[0]?.effect ?? 0);
  const step = width / sorted.length;
  const y = (effect: number) => Math.round(10 * (height - (effect / top) * (height - 2))) / 10;
  const bars = (level: Level) =>
    sorted
      .map((column, index) =>
        column.level === level
          ? `M${Math.round(index * step * 10) / 10} ${height}V${y(column.effect ?? 0)}h${Math.max(0.4, Math.round(step * 8) / 10)}V${height}z`
          : '',
      )
      .join('');
  const told = `effects of ${formatMany(sorted.length, 'column')}, largest first: from ${formatEffect(sorted[0]?.effect ?? null)} to ${formatEffect(sorted.at(-1)?.effect ?? null)}`;
  return html`<h3>All ${formatMany(sorted.length, 'column')}, largest first</h3><svg class="all" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${told}"><path class="s2" d="${bars('drift')}"/><path class="s1" d="${bars('shift')}"/><path class="rb" d="${bars('none')}"/>${method === 'default' && [limits.shift, limits.alarm].map((limit) => html`<path class="el" d="M0 ${y(limit)}H${width}"/>`)}</svg>`;
}
