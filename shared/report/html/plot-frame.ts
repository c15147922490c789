import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { formatFixed } from '../../words/format-number.ts';
import { at, html, type Markup } from './markup.ts';

/** A square plot with axes, ticks, grid and names; drawn small, so that its text stays readable on a phone. */
export const frame = { width: 300, height: 262, left: 44, right: 10, top: 8, bottom: 40 } as const;

export interface Axes {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

export function axes(xDomain: readonly [number, number], yDomain: readonly [number, number], bottom: number = frame.bottom): Axes {
  return {
    x: scaleLinear()
      .domain(xDomain)
      .range([frame.left, frame.width - frame.right]),
    y: scaleLinear()
      .domain(yDomain)
      .range([frame.height - bottom, frame.top]),
  };
}

/** `bottom` leaves room below the plot for another panel, before the x axis' labels. */
export function plotFrame(options: {
  readonly axes: Axes;
  readonly label: string;
  readonly xName: string;
  readonly yName: string;
  readonly body: Markup;
  readonly xTick?: (value: number) => string;
  readonly yTick?: (value: number) => string;
  readonly xTicks?: number;
}): Markup {
  const { axes: scales, label, xName, yName, body } = options;
  const [xTick, yTick] = [options.xTick ?? axisNumber(scales.x), options.yTick ?? axisNumber(scales.y)];
  const [x0 = 0, x1 = 0] = scales.x.range();
  const [y0 = 0, y1 = 0] = scales.y.range();
  const floor = frame.height - frame.bottom;
  return html`<svg class="plot" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${label}">
${scales.y.ticks(5).map((value) => html`<line class="grid" x1="${x0}" x2="${x1}" y1="${at(scales.y(value))}" y2="${at(scales.y(value))}"/><text class="tick end" x="${x0 - 6}" y="${at(scales.y(value) + 3.5)}">${yTick(value)}</text>`)}
${scales.x.ticks(options.xTicks ?? 5).map((value) => html`<line class="notch" x1="${at(scales.x(value))}" x2="${at(scales.x(value))}" y1="${floor}" y2="${floor + 4}"/><text class="tick" x="${at(scales.x(value))}" y="${floor + 15}">${xTick(value)}</text>`)}
<path class="axis" d="M${x0} ${y1}V${y0}M${x0} ${floor}H${x1}"/>${body}
<text class="name" x="${(x0 + x1) / 2}" y="${frame.height - 5}">${xName}</text><text class="name" transform="translate(10 ${(y0 + y1) / 2}) rotate(-90)">${yName}</text></svg>`;
}

/** As many digits as the ticks' step needs. */
export function axisNumber(scale: ScaleLinear<number, number>): (value: number) => string {
  const [first = 0, second = 1] = scale.ticks(5);
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(Math.abs(second - first) || 1) - 1e-9)));
  return (value) => formatFixed(value, digits);
}

export const line = (points: readonly (readonly [number, number])[], { x, y }: Axes, role: string): Markup =>
  html`<polyline class="curve ${role}" points="${points.map(([px, py]) => `${at(x(px))},${at(y(py))}`).join(' ')}"/>`;

/** A figure with its caption; `note` says the numbers that the picture shows. */
export const figure = (title: string, note: string, body: Markup): Markup =>
  html`<figure><figcaption>${title}${note ? html`<small>${note}</small>` : null}</figcaption>${body}</figure>`;
