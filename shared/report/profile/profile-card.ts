import { isHashedValue } from '../../profile/category-counts.ts';
import type { CategoryCounts, ColumnCounts, NumericCounts, TimeCounts } from '../../profile/column-counts.ts';
import { missingRows, momentsOf } from '../../profile/numeric-counts.ts';
import { orderedBuckets } from '../../profile/ordered-buckets.ts';
import type { Profile } from '../../profile/profile.ts';
import { formatCount, formatMany, formatPercent, formatValue } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { formatMoment } from '../drift/drift-words.ts';
import { steps } from '../drift/html/shape-plot.ts';
import { html, type Markup } from '../html/markup.ts';
import { columnBins } from './column-bins.ts';

const width = 300;
const size = { width, height: 84 } as const;
const mostBars = 7;
const mostDays = 120;
const wholeNumber = (value: number) => (value < 0 ? `−${formatCount(-Math.ceil(value))}` : formatCount(Math.ceil(value)));
const figure = (value: number | null) => formatValue(value, 'target');

/** One column of a profile: how much is missing, how many values, its moments and its shape. `known` still has the list of values, for their number. */
export function profileCard({ name, type }: Profile['columns'][number], counts: ColumnCounts, known: ColumnCounts, rows: number): Markup {
  const missing = missingRows(counts);
  const share = rows > 0 ? missing / rows : 0;
  const body =
    counts.kind === 'numeric'
      ? numbers(counts, type === 'integer')
      : counts.kind === 'categories'
        ? categories(counts, rows)
        : times(counts);
  return html`<article class="col"><h3><span>${clipText(name, 120)}</span><span class="soft">${type}</span></h3><p class="big">${
    missing === 0 ? 'none missing' : html`<b>${formatPercent(share)}</b> missing`
  }, ${distinctOf(known)}</p>${body}</article>
`;
}

function distinctOf(counts: ColumnCounts): string {
  const list = counts.kind === 'numeric' ? counts.values : counts.kind === 'categories' ? counts.counts : counts.days;
  const what = counts.kind === 'times' ? (counts.days[0]?.[0].length === 7 ? 'month' : 'day') : 'value';
  // Numbers that left a runner are buckets alone.
  if (counts.kind === 'numeric' && list === null) return `values in ${formatMany(orderedBuckets(counts).n.length, 'bucket')}`;
  return list === null ? 'more than 1,000 values' : formatMany(list.length, what);
}

function numbers(counts: NumericCounts, whole: boolean): Markup {
  const bins = columnBins(counts, whole);
  if (!bins) return html`<small>no finite value</small>`;
  // A whole number stands for the bucket that holds it.
  const place = (value: number | null) => (whole && value !== null && Math.abs(value) < 1e15 ? wholeNumber(value) : figure(value));
  const { mean, variance } = momentsOf(counts);
  const odd = [
    counts.nan > 0 ? `${formatCount(counts.nan)} NaN` : '',
    counts.positiveInfinity + counts.negativeInfinity > 0
      ? `${formatCount(counts.positiveInfinity + counts.negativeInfinity)} infinite`
      : '',
    counts.zero > 0 ? `${formatCount(counts.zero)} zero` : '',
  ].filter(Boolean);
  const told = `distribution from ${place(bins.low)} to ${place(bins.high)}, median ${place(bins.quantiles.median)}`;
  return html`${stepped(bins.shares, told, place(bins.low), place(bins.high))}<small>mean ${figure(mean)} · sd ${figure(variance === null ? null : Math.sqrt(variance))} · median ${place(bins.quantiles.median)}</small><small>5 % below ${place(bins.quantiles.low)}, 5 % above ${place(bins.quantiles.high)} · ${place(bins.ends.low)} … ${place(bins.ends.high)}</small>${odd.length > 0 && html`<small>${odd.join(' · ')}</small>`}`;
}

function stepped(shares: readonly number[], told: string, first: string, last: string): Markup {
  const top = Math.max(...shares);
  return html`<svg viewBox="0 0 ${width} 100" role="img" aria-label="${told}"><path class="ca" d="${steps(shares, top, size, true)}"/><path class="cl" d="${steps(shares, top, size, false)}"/><path class="ax" d="M0 84.5H${width}"/><text class="tick start" x="0" y="97">${clipText(first, 24)}</text><text class="tick end" x="${width}" y="97">${clipText(last, 24)}</text></svg>`;
}

function categories({ counts, lengths }: CategoryCounts, rows: number): Markup {
  const long =
    lengths &&
    html`<small>${lengths.min === lengths.max ? formatMany(lengths.max, 'character') : `${formatCount(lengths.min)} to ${formatMany(lengths.max, 'character')}`}</small>`;
  if (counts === null) return html`<small>counted by hash: too many to name</small>${long}`;
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  // A hash says nothing to people: those are told together.
  const named = sorted.filter(([value]) => !isHashedValue(value)).slice(0, mostBars - 1);
  const rest = sorted.filter((one) => !named.includes(one));
  const list = [
    ...named,
    ...(rest.length > 0 ? [[formatMany(rest.length, 'other'), rest.reduce((sum, [, n]) => sum + n, 0)] as const] : []),
  ];
  if (list.length === 0) return html`<small>no value</small>`;
  const top = Math.max(1, ...list.map(([, n]) => n));
  const told = `most frequent: ${named
    .slice(0, 3)
    .map(([value, n]) => `${clipText(value, 40)} ${formatPercent(n / Math.max(1, rows))}`)
    .join(', ')}`;
  return html`<svg viewBox="0 0 ${width} ${list.length * 18 + 2}" role="img" aria-label="${told}">${list.map(
    ([value, n], row) =>
      html`<text class="lab" x="0" y="${row * 18 + 13}">${clipText(value === '' ? '(empty)' : value, 18)}</text><path class="cb" d="M112 ${row * 18 + 4}h${Math.round((1_300 * n) / top) / 10}v10H112z"/><text class="val" x="${width}" y="${row * 18 + 13}">${formatPercent(n / Math.max(1, rows))}</text>`,
  )}</svg>${long}`;
}

function times({ days, min, max }: TimeCounts): Markup {
  const [first, last] = [days[0]?.[0], days.at(-1)?.[0]];
  if (first === undefined || last === undefined) return html`<small>no value</small>`;
  // Days without rows are gaps that people look for, so the axis is time, not the list.
  const start = Date.parse(first);
  const daysOf = (day: string) => Math.round((Date.parse(day) - start) / 86_400_000);
  // Whole days a bin, so that none is taller than its neighbours for holding one more.
  const perBin = Math.ceil((daysOf(last) + 1) / mostDays);
  const shares = new Array<number>(Math.floor(daysOf(last) / perBin) + 1).fill(0);
  for (const [day, n] of days) {
    const bin = Math.floor(daysOf(day) / perBin);
    shares[bin] = (shares[bin] ?? 0) + n;
  }
  return html`${stepped(shares, `rows from ${first} to ${last}`, first, last)}<small>${formatMoment(min ?? first)} … ${formatMoment(max ?? last)}</small>`;
}
