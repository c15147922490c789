import type { MetricResult } from '../shared/evaluation/evaluation-result.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import type { Colors } from './colors.ts';

/** Metrics as aligned lines: both values, the difference with its interval, and whether it is good news. */
export function metricTable(metrics: readonly MetricResult[], heads: readonly [string, string], colors: Colors): string {
  const compared = metrics.some(({ baseline }) => baseline !== null);
  const level = metrics.find(({ interval }) => interval)?.interval?.level;
  const percent = level === undefined ? '' : `${Math.round(level * 100)} % interval`;
  const rows = metrics.map((metric) => {
    const { name, slice, value, baseline, delta, interval, greaterIsBetter, note } = metric;
    const arrow = greaterIsBetter === null ? ' ' : greaterIsBetter ? '↑' : '↓';
    const range = interval ? `${show(interval.low)} … ${show(interval.high)}` : (note ?? '');
    return {
      cells: [
        `${visibleText(name)} ${arrow}${slice ? `, ${visibleText(slice)}` : ''}`,
        ...(compared ? [show(baseline)] : []),
        show(value),
        ...(compared ? [signed(delta)] : []),
        range,
      ],
      mood: compared ? mood(metric) : 'open',
    };
  });
  const titles = compared ? ['metric', ...heads, 'difference', percent] : ['metric', heads[1], percent];
  const widths = titles.map((title, index) => Math.max(title.length, ...rows.map(({ cells }) => (cells[index] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join('  ');
  const paint = { better: colors.green, worse: colors.red, open: (text: string) => text };
  return [colors.dim(line(titles)), ...rows.map(({ cells, mood }) => paint[mood](line(cells)))]
    .map((text) => `  ${text.trimEnd()}`)
    .join('\n');
}

function mood({ interval, greaterIsBetter, baseline }: MetricResult): 'better' | 'worse' | 'open' {
  if (!interval || greaterIsBetter === null || baseline === null) return 'open';
  if (interval.low > 0) return greaterIsBetter ? 'better' : 'worse';
  if (interval.high < 0) return greaterIsBetter ? 'worse' : 'better';
  return 'open';
}

/** Four decimals; two significant digits where four would show none. What is smaller than rounding errors of sums is zero. */
function show(value: number | null): string {
  if (value === null) return 'undefined';
  const size = Math.abs(value);
  if (size < 1e-12) return '0';
  const text =
    size >= 1000
      ? value.toLocaleString('en', { maximumFractionDigits: 1 })
      : size < 5e-5
        ? value.toPrecision(2)
        : Number(value.toPrecision(6)).toFixed(size >= 10 ? 2 : 4);
  return text.replaceAll('-', '−');
}

const signed = (value: number | null) => (value !== null && value > 0 && show(value) !== '0' ? `+${show(value)}` : show(value));
