import type { DriftFinding, DriftReport, Level } from '../../../drift/drift-report.ts';
import { formatCount, formatMany } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing } from '../../html/markup.ts';
import { findingName } from '../drift-line.ts';
import { formatEffect, formatP, levelWords } from '../drift-words.ts';

const most = { findings: 500, open: 12, segments: 100 } as const;
const order: readonly Level[] = ['drift', 'shift', 'none'];

/** What else was found: missing values, new and vanished categories, types, ranges, age. */
export function findingsSection({ findings }: DriftReport): Markup {
  if (findings.length === 0) return nothing;
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  const open = sorted.filter(({ level }, index) => level !== 'none' || index < most.open).slice(0, most.findings);
  const folded = sorted.slice(open.length, most.findings);
  const beyond = sorted.length - open.length - folded.length;
  return html`<section><h2>Findings</h2>${table(open)}${
    folded.length > 0 && html`<details><summary>${formatMany(folded.length, 'more note')}</summary>${table(folded)}</details>`
  }${beyond > 0 && html`<p class="soft">${formatMany(beyond, 'more finding')} in the JSON report.</p>`}</section>`;
}

const table = (findings: readonly DriftFinding[]): Markup =>
  html`<table class="compact"><thead><tr><th scope="col">finding</th><th scope="col">what</th><th scope="col" class="opt">rows</th><th scope="col" class="opt">adjusted p</th><th scope="col">level</th></tr></thead><tbody>${findings.map(
    ({ kind, column, level, effect, adjustedP, message }) =>
      html`<tr><th scope="row">${clipText(column || 'table', 80)}<small>${findingName(kind)}</small></th><td>${clipText(withoutName(message, column), 300)}</td><td class="num opt">${formatEffect(effect)}</td><td class="num opt">${formatP(adjustedP)}</td><td>${
        level === 'none'
          ? html`<span class="tag soft">· note</span>`
          : html`<span class="tag ${levelWords[level].role}">${levelWords[level].mark} ${levelWords[level].word}</span>`
      }</td></tr>
`,
  )}</tbody></table>`;

/** The row already names the column. */
const withoutName = (message: string, column: string): string =>
  column !== '' && message.startsWith(`${column}: `) ? message.slice(column.length + 2) : message;

/** Rows that explain most of a column's change. */
export function segmentsSection({ segments }: DriftReport): Markup {
  if (segments.length === 0) return nothing;
  const explained = segments.some(({ explains }) => explains !== null);
  return html`<section><h2>Where the change is</h2><table class="compact"><thead><tr><th scope="col">rows with</th><th scope="col">column</th><th scope="col">rows moved</th>${explained && html`<th scope="col">share of the change</th>`}<th scope="col" class="opt">adjusted p</th><th scope="col" class="opt">rows, reference → current</th></tr></thead><tbody>${segments
    .slice(0, most.segments)
    .map(
      ({ where, column, rows, effect, adjustedP, explains }) =>
        html`<tr><th scope="row">${where.map((part, index) => html`${index > 0 && ' and '}${clipText(part.column, 60)} = ${clipText(part.value, 60)}`)}</th><td>${clipText(column, 60)}</td><td class="num">${formatEffect(effect)}</td>${explained && html`<td class="num">${formatEffect(explains)}</td>`}<td class="num opt">${formatP(adjustedP)}</td><td class="num opt">${formatCount(rows.reference)} → ${formatCount(rows.current)}</td></tr>
`,
    )}</tbody></table>${segments.length > most.segments && html`<p class="soft">${formatMany(segments.length - most.segments, 'more segment')} in the JSON report.</p>`}</section>`;
}
