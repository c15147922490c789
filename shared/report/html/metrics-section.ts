import type { EvaluationResult, MetricResult } from '../../evaluation/evaluation-result.ts';
import { digitsFor, formatCount, formatDifference, formatMany, formatValue } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { metricLabel } from '../metric-label.ts';
import { html, type Markup, nothing } from './markup.ts';

const most = 120;

/** Every metric over all rows, gated or not. */
export function metricsSection({ metrics, baseline }: EvaluationResult, baselineName: string): Markup {
  const overall = metrics.filter(({ slice }) => slice === null);
  if (overall.length === 0) return nothing;
  const compares = baseline !== null || overall.some((entry) => entry.baseline !== null);
  const shown = overall.slice(0, most);
  const cut = overall.length - shown.length;
  return html`<details><summary>All ${formatMany(overall.length, 'metric')}</summary><div class="scroll"><table class="plain"><thead><tr><th scope="col">metric</th>${
    compares && html`<th scope="col">${baselineName}</th>`
  }<th scope="col">candidate</th>${compares && html`<th scope="col">difference</th>`}<th scope="col">interval</th><th scope="col">method</th></tr></thead><tbody>${shown.map((entry) => line(entry, compares))}</tbody></table></div>${
    cut > 0 && html`<p class="soft">${formatMany(cut, 'metric')} more in report.json.</p>`
  }</details>`;
}

function line(entry: MetricResult, compares: boolean): Markup {
  const { interval, unit, greaterIsBetter } = entry;
  const digits = digitsFor(interval ? interval.high - interval.low : null);
  const write = (value: number) =>
    compares && entry.delta !== null ? formatDifference(value, unit, digits) : formatValue(value, unit, digits);
  const arrow = greaterIsBetter === null ? '' : greaterIsBetter ? ' ↑' : ' ↓';
  return html`<tr><th scope="row">${clipText(metricLabel(entry.name), 120)}${arrow}<small>n ${formatCount(entry.n)}${entry.note && html` · ${clipText(entry.note, 160)}`}</small></th>${
    compares && html`<td class="num" title="${String(entry.baseline)}">${formatValue(entry.baseline, unit, digits)}</td>`
  }<td class="num" title="${String(entry.value)}">${formatValue(entry.value, unit, digits)}</td>${
    compares && html`<td class="num" title="${String(entry.delta)}">${formatDifference(entry.delta, unit, digits)}</td>`
  }<td class="num">${interval ? `${write(interval.low)} … ${write(interval.high)}` : ''}</td><td class="soft">${interval ? `${interval.method}, ${formatCount(interval.level * 100)} %` : ''}</td></tr>`;
}
