import type { DriftColumn, DriftReport } from '../../../drift/drift-report.ts';
import { formatFixed, formatMany, formatPercent } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing } from '../../html/markup.ts';
import {
  decisionTitle,
  direction,
  formatEffect,
  formatScore,
  groupColumns,
  isNamed,
  levelWords,
  methodName,
  reasonWords,
  sayDecision,
  sayExactness,
  sayP,
  sayRows,
  sayScore,
  shownOf,
} from '../drift-words.ts';
import { shapePlot, sparkline } from './shape-plot.ts';

/** Cards drawn whole; the columns beyond them are rows of a table. */
const mostCards = 60;
const mostRows = 3_000;

/** A small multiple a column that moved, drifted first; steady ones folded into a table with small shapes. */
export function columnsSection(report: DriftReport): Markup {
  const { drifted, shifted, steady, notTested } = groupColumns(report);
  const moved = [...drifted, ...shifted];
  const cards = moved.slice(0, mostCards);
  const beyond = moved.slice(mostCards);
  return html`${
    moved.length > 0 &&
    html`<section><h2>Columns that moved</h2>${key}<div class="cols">${cards.map((column, index) => card(column, index))}</div>${
      beyond.length > 0 &&
      html`<h3>${formatMany(beyond.length, 'more column')} that moved</h3>${columnTable(beyond.slice(0, mostRows), true)}${cut(beyond.length)}`
    }</section>`
  }${
    steady.length > 0 &&
    html`<section><h2>Steady columns</h2><details><summary>${formatMany(steady.length, 'column')} did not move</summary>${key}${columnTable(steady.slice(0, mostRows), false)}${cut(steady.length)}</details></section>`
  }${notTestedSection(notTested)}`;
}

const key = html`<p class="key"><span><i class="base"></i>reference</span><span><i class="cand"></i>current</span></p>`;
const cut = (count: number) =>
  count > mostRows && html`<p class="soft">${formatMany(count - mostRows, 'column')} more are in the JSON report.</p>`;

export const tagOf = ({ level }: Pick<DriftColumn, 'level'>): Markup => {
  const { mark, word, role } = levelWords[level];
  return html`<span class="tag ${role}">${mark} ${word}</span>`;
};

function card(column: DriftColumn, index: number): Markup {
  const towards = direction(column);
  const what = isNamed(column)
    ? html`<b>${sayScore(column)}</b> ${methodName(column.method)}${column.threshold !== null && `, limit ${formatScore(column.threshold)}`}${column.effect !== null && `; ${formatEffect(column.effect)} of rows moved`}`
    : html`<b>${formatEffect(column.effect)}</b> of rows moved`;
  return html`<article class="col" id="c${index}"><h3><span>${clipText(column.column, 120)}</span>${tagOf(column)}</h3><p class="big">${what}${towards && `, ${towards}`}</p>${shapePlot(column)}${movedList(column)}${facts(column)}</article>`;
}

/** Bins that carry the change; of categories the bars above already say it. */
function movedList(column: DriftColumn): Markup {
  if (column.moved.length === 0 || (column.shape && column.type !== 'numeric' && column.type !== 'time')) return nothing;
  return html`<ul aria-label="largest changes">${column.moved
    .slice(0, 3)
    .map(
      ({ where, reference, current }) =>
        html`<li><span>${clipText(where, 60)}</span><span>${formatPercent(reference)} → <b>${formatPercent(current)}</b></span></li>`,
    )}</ul>`;
}

function facts(column: DriftColumn): Markup {
  const pair = (name: string, what: string, write: (value: number) => string) => {
    const [before, after] = [shownOf(column, what, 'reference'), shownOf(column, what, 'current')];
    if (before === null || after === null) return '';
    return write(before) === write(after) ? `${name} ${write(after)}` : `${name} ${write(before)} → ${write(after)}`;
  };
  const { psi, w1 } = column.shown;
  const parts = [
    column.adjustedP === null ? '' : `adjusted ${sayP(column.adjustedP)}`,
    sayRows(column.n),
    noneMissing(column) ? 'none missing' : pair('missing', 'missing', formatPercent),
    column.type === 'numeric' ? pair('mean', 'mean', formatMean) : '',
    psi === undefined || psi === null ? '' : `psi ${sayShown(psi)}`,
    w1 === undefined || w1 === null ? '' : `w1 ${sayShown(w1)} spreads`,
    column.importance === null ? '' : `importance ${formatFixed(column.importance, 3)}`,
  ].filter(Boolean);
  const how = [
    column.method === 'default' ? '' : methodName(column.method),
    sayExactness(column),
    column.phi > 1 ? `days differ: φ ${formatFixed(column.phi, 1)}` : '',
  ].filter(Boolean);
  return html`<small>${parts.join(' · ')}</small><small>${how.join(' · ')}</small>`;
}

const noneMissing = (column: DriftColumn): boolean =>
  shownOf(column, 'missing', 'reference') === 0 && shownOf(column, 'missing', 'current') === 0;

const sayShown = (value: number) => (value > 0 && value < 0.0005 ? '< .001' : formatScore(value));
const formatMean = (value: number) => formatScore(Number(value.toPrecision(4)));

/** Columns as rows: name, both shapes, effect, adjusted p, rows. */
export function columnTable(columns: readonly DriftColumn[], withLevel: boolean): Markup {
  return html`<table class="compact"><thead><tr><th scope="col">column</th><th scope="col">shapes</th><th scope="col">rows moved</th><th scope="col">${decisionTitle(columns)}</th><th scope="col" class="opt">rows with a value</th>${withLevel && html`<th scope="col">level</th>`}</tr></thead><tbody>${columns.map(
    (column) =>
      html`<tr><th scope="row">${clipText(column.column, 80)}</th><td class="spk">${sparkline(column)}</td><td class="num">${formatEffect(column.effect)}</td><td class="num">${sayDecision(column, columns)}</td><td class="num opt">${sayRows(column.n)}</td>${withLevel && html`<td>${tagOf(column)}</td>`}</tr>
`,
  )}</tbody></table>`;
}

function notTestedSection(columns: readonly DriftColumn[]): Markup {
  if (columns.length === 0) return nothing;
  const rows = html`<table class="compact"><thead><tr><th scope="col">column</th><th scope="col">why</th><th scope="col" class="opt">rows with a value</th></tr></thead><tbody>${columns
    .slice(0, mostRows)
    .map(
      ({ column, notTested, n }) =>
        html`<tr><th scope="row">${clipText(column, 80)}</th><td>${reasonWords(notTested ?? '')}</td><td class="num opt">${sayRows(n)}</td></tr>
`,
    )}</tbody></table>${cut(columns.length)}`;
  return html`<section><h2>Not tested</h2>${
    columns.length <= 8
      ? rows
      : html`<details><summary>${formatMany(columns.length, 'column')} could not be compared</summary>${rows}</details>`
  }</section>`;
}
