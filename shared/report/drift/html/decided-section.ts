import type { DriftReport } from '../../../drift/drift-report.ts';
import { formatCount, formatFixed, formatMany } from '../../../words/format-number.ts';
import { html, type Markup } from '../../html/markup.ts';
import { formatEffect, groupColumns, methodName } from '../drift-words.ts';

/** The rule behind every level on the page, with the numbers of this run. */
export function decidedSection(report: DriftReport): Markup {
  return html`<section><details><summary>How this was decided</summary><dl>${report.method === 'default' ? byDefault(report) : byName(report)}</dl></details></section>`;
}

const item = (name: string, text: string): Markup => html`<dt>${name}</dt><dd>${text}</dd>`;

function byDefault({ dataset, limits, agree, columns, windows }: DriftReport): readonly (Markup | false)[] {
  const phi = Math.max(1, ...columns.map((column) => column.phi));
  const bounded = columns.filter(({ exactness }) => exactness !== 'exact').length;
  return [
    item(
      'rows moved',
      'the effect: the share of rows that would have to move for both sides to be alike. Of numbers it is the largest difference of the two cumulative distributions, of categories half the sum of the differences of their shares.',
    ),
    item(
      'shift',
      `the change is shown (adjusted p below ${formatFixed(limits.alpha, 2)}) and at least ${formatEffect(limits.shift)} of the rows moved.`,
    ),
    item(
      'drift',
      `at least ${formatEffect(limits.alarm)} of the rows moved${agree.m > 1 ? `, and so in ${formatCount(agree.k)} of the last ${formatMany(agree.m, 'window')}; until then it stays a shift` : ''}.`,
    ),
    item(
      'tests',
      'numbers: a rank test of place and spread beside Kolmogorov–Smirnov, the smaller p doubled; categories: chi-square of homogeneity, Fisher’s exact test where counts are small.',
    ),
    item(
      'many columns',
      `Benjamini–Hochberg over the ${formatMany(dataset.family, 'test')} of this run, so that more columns do not mean more false alarms.`,
    ),
    item(
      'days differ',
      phi > 1
        ? `the reference’s own windows differ more than chance would: tests allow for it (φ up to ${formatFixed(phi, 1)}).`
        : `φ is 1: rows are taken as independent${windows.length === 0 ? ', since the reference has too few windows to learn otherwise' : ''}.`,
    ),
    limits.shareLimit !== null && item('data set', `drifts also where ${formatEffect(limits.shareLimit)} of the columns or more do.`),
    bounded > 0 &&
      item(
        'exactness',
        `${formatMany(bounded, 'column')} compared from a profile’s buckets or some rows; each says how far off it can be.`,
      ),
  ];
}

function byName(report: DriftReport): readonly (Markup | false)[] {
  const names = [
    ...new Set(
      groupColumns(report)
        .drifted.concat(report.columns)
        .map(({ method }) => method),
    ),
  ].slice(0, 12);
  const { limits } = report;
  return [
    item('method', `${methodName(report.method)}: each column by its own score and limit.`),
    names.length > 0 && item('used here', names.map(methodName).join(', ')),
    limits.shareLimit !== null && item('data set', `drifts where ${formatEffect(limits.shareLimit)} of the columns or more do.`),
  ];
}
