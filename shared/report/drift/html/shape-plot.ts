import type { DriftColumn } from '../../../drift/drift-report.ts';
import { formatPercent } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing } from '../../html/markup.ts';

type Shape = NonNullable<DriftColumn['shape']>;

/** One digit after the point: hundreds of columns share a page of 2 MB. */
const at = (value: number) => Math.round(value * 10) / 10;
const width = 300;

/** A stepped outline over equal bins, as one path of relative moves. Open where only the outline is wanted. */
export function steps(
  shares: readonly number[],
  top: number,
  size: { readonly width: number; readonly height: number },
  closed: boolean,
): string {
  const step = size.width / Math.max(1, shares.length);
  const y = (share: number) => at(size.height - (top > 0 ? Math.min(1, share / top) : 0) * (size.height - 1));
  let path = closed ? `M0 ${size.height}` : `M0 ${y(shares[0] ?? 0)}`;
  let last: number | undefined = closed ? size.height : y(shares[0] ?? 0);
  for (const [bin, share] of shares.entries()) {
    const height = y(share);
    if (height !== last) path += `V${height}`;
    last = height;
    // Equal neighbours are one line.
    if (y(shares[bin + 1] ?? Number.NaN) !== height) path += `H${at((bin + 1) * step)}`;
  }
  return closed ? `${path}V${size.height}Z` : path;
}

const highest = ({ reference, current }: Shape) => Math.max(0, ...reference, ...current);

/** Both sides in words, for those who do not see the picture. */
function told(column: DriftColumn): string {
  const moved = column.moved
    .slice(0, 3)
    .map(({ where, reference, current }) => `${clipText(where, 60)} from ${formatPercent(reference)} to ${formatPercent(current)}`);
  return `reference and current distribution${moved.length > 0 ? `; largest changes: ${moved.join(', ')}` : ''}`;
}

/** The distribution of a column on both sides: overlaid outlines where its bins have an order, paired bars where they are categories. */
export function shapePlot(column: DriftColumn): Markup {
  const { shape } = column;
  if (!shape || shape.labels.length === 0) return nothing;
  return column.type === 'numeric' || column.type === 'time' ? overlaid(column, shape) : paired(column, shape);
}

function overlaid(column: DriftColumn, shape: Shape): Markup {
  const size = { width, height: 84 };
  const top = highest(shape);
  const [first, last] = [shape.labels[0] ?? '', shape.labels.at(-1) ?? ''];
  return html`<svg viewBox="0 0 ${width} 100" role="img" aria-label="${told(column)}"><path class="ra" d="${steps(shape.reference, top, size, true)}"/><path class="rl" d="${steps(shape.reference, top, size, false)}"/><path class="ca" d="${steps(shape.current, top, size, true)}"/><path class="cl" d="${steps(shape.current, top, size, false)}"/><path class="ax" d="M0 84.5H${width}"/><text class="tick start" x="0" y="97">${clipText(first, 24)}</text><text class="tick" x="150" y="97">${formatPercent(top)} tallest</text><text class="tick end" x="${width}" y="97">${clipText(last, 24)}</text></svg>`;
}

const mostBars = 6;

function paired(column: DriftColumn, shape: Shape): Markup {
  const rows = pickRows(shape);
  const top = Math.max(1e-9, ...rows.flatMap(({ reference, current }) => [reference, current]));
  const [x0, full, tall] = [92, 104, 25];
  const bar = (share: number) => at((share / top) * full);
  return html`<svg viewBox="0 0 ${width} ${rows.length * tall + 2}" role="img" aria-label="${told(column)}">${rows.map(
    ({ label, reference, current }, row) => {
      const y = row * tall;
      return html`<text class="lab" x="0" y="${y + 15}">${clipText(label, 16)}</text><path class="rb" d="M${x0} ${y + 3}h${bar(reference)}v8h${-bar(reference)}z"/><path class="cb" d="M${x0} ${y + 12}h${bar(current)}v8h${-bar(current)}z"/><text class="val" x="${width}" y="${y + 15}">${formatPercent(reference)} → ${formatPercent(current)}</text>`;
    },
  )}</svg>`;
}

/** The categories that changed most, in the shape's own order, and the rest as one. */
function pickRows({ labels, reference, current }: Shape) {
  const all = labels.map((label, index) => ({ label, reference: reference[index] ?? 0, current: current[index] ?? 0 }));
  if (all.length <= mostBars + 1) return all;
  const change = (row: (typeof all)[number]) => Math.abs(row.current - row.reference) + 1e-6 * (row.current + row.reference);
  const kept = new Set([...all].sort((a, b) => change(b) - change(a)).slice(0, mostBars));
  const rest = all.filter((row) => !kept.has(row));
  const sum = (side: 'reference' | 'current') => rest.reduce((total, row) => total + row[side], 0);
  return [...all.filter((row) => kept.has(row)), { label: `${rest.length} others`, reference: sum('reference'), current: sum('current') }];
}

/** Both outlines without axes, for a row of a table; the row's own figures say what it shows. */
export function sparkline({ shape }: DriftColumn): Markup {
  if (!shape || shape.labels.length === 0) return nothing;
  const size = { width: 120, height: 26 };
  const top = highest(shape);
  return html`<svg class="spark" viewBox="0 0 120 26" aria-hidden="true"><path class="ra" d="${steps(shape.reference, top, size, true)}"/><path class="cl" d="${steps(shape.current, top, size, false)}"/></svg>`;
}
