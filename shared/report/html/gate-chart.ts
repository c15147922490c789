import { scaleLinear } from 'd3-scale';
import { type GateRow, isComparison } from '../gate-row.ts';
import { at, html, type Markup, nothing } from './markup.ts';

const width = 340;
const height = 44;
const bar = 30;
/** Every limit stands at the same place, so that one look down the column tells what lies beyond it; each row has its own scale. */
const limitAt = 0.4 * width;
const room = { left: limitAt - 12, right: width - limitAt - 16 };

/** A gate's interval against its bound. Right is always better; left of the dashed limit is shaded. Empty where nothing was measured. */
export function gateChart(row: GateRow): Markup {
  const { gate } = row;
  const { estimate, bound } = gate;
  if (estimate === null || bound === null) return nothing;
  const [low, high] = [gate.lower ?? estimate, gate.upper ?? estimate];
  const hasInterval = high > low;
  const zero = isComparison(row.kind) ? 0 : null;
  const shown = [estimate, low, high, ...(zero === null ? [] : [zero])].map((value) => value - bound);
  const [left, right] = [Math.max(0, -Math.min(...shown)), Math.max(0, ...shown)];
  // One scale on both sides of the limit: the tighter side decides it.
  const perPixel = Math.max(left / room.left, right / room.right);
  const pixel = perPixel > 0 ? 1 / perPixel : 0;
  const x = (oriented: number) => at(Math.min(width - 4, Math.max(4, limitAt + (oriented - bound) * pixel)));

  const name = `${row.name}${row.slice ? ` in ${row.slice}` : ''}`;
  const told = `${name}: ${zero === null ? '' : 'difference '}${row.judged}${row.interval ? `, interval ${row.interval}` : ''}, limit ${row.limit}`;
  const status = gate.status;
  return html`<svg class="gate-chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}"><title>${told}${gate.method ? ` (${gate.method})` : ''}</title>
<rect class="beyond" x="0" y="0" width="${at(limitAt)}" height="${bar}"/>${zero === null ? nothing : html`<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${bar}"/>`}
<line class="limit" x1="${at(limitAt)}" x2="${at(limitAt)}" y1="0" y2="${bar}"/>${
    !hasInterval ? nothing : html`<line class="ci ${status}" x1="${x(low)}" x2="${x(high)}" y1="${bar / 2}" y2="${bar / 2}"/>`
  }<circle class="pt ${status}" cx="${x(estimate)}" cy="${bar / 2}" r="4.5"/>
${ticks(row, bound, x, perPixel, zero)}</svg>`;
}

/** The limit's own label, then zero and round figures where there is room beside it. */
function ticks(row: GateRow, bound: number, x: (value: number) => number, perPixel: number, zero: number | null): Markup {
  const taken: { readonly place: number; readonly reach: number }[] = [];
  const labels: Markup[] = [];
  const label = (value: number, text: string) => {
    const [place, reach] = [x(value), text.length * 3.1 + 3];
    const fits = taken.every((other) => Math.abs(other.place - place) > other.reach + reach) && place > reach && place < width - reach;
    if (!fits) return;
    taken.push({ place, reach });
    labels.push(html`<text class="tick" x="${place}" y="${height - 3}">${text}</text>`);
  };
  label(bound, row.gate.unit === 'ms' && zero === null ? row.tick(bound) : row.limit);
  if (zero !== null) label(zero, '0');
  const scale = scaleLinear().domain([bound - room.left * perPixel, bound + room.right * perPixel]);
  for (const value of perPixel > 0 ? scale.ticks(5) : []) label(value, row.tick(value));
  return html`${labels}`;
}
