import type { MetricResult } from '../../evaluation/evaluation-result.ts';
import { digitsFor, formatCount, formatDifference, formatMany, formatValue } from '../../words/format-number.ts';
import { joinMarkdown, type Markdown, md } from '../../words/markdown.ts';
import { clipText } from '../../words/visible-text.ts';
import { metricLabel } from '../metric-label.ts';
import { unbroken } from './gate-table.ts';

export interface MetricTableOptions {
  /** Heads of the two columns of values: `v11`, `v12`. */
  readonly before: string;
  readonly after: string;
  /** Rows; what is left out is said below. */
  readonly most: number;
}

/** Two models' metrics on the same rows: values, the difference with its interval, and whether that is shown to be good news. */
export function metricTable(metrics: readonly MetricResult[], { before, after, most }: MetricTableOptions): Markdown {
  const levels = new Set(metrics.flatMap(({ interval }) => (interval ? [interval.level] : [])));
  const [level] = levels;
  const interval = levels.size === 1 && level !== undefined ? `${formatCount(level * 100)} % interval` : 'interval';
  const compared = metrics.some(({ baseline }) => baseline !== null);
  const shown = metrics.slice(0, most);
  const left = metrics.length - shown.length;
  const lines = compared
    ? [md`| metric | | ${before} | ${after} | difference, ${interval} |`, md`|:--|:--|--:|--:|--:|`, ...shown.map(comparedLine)]
    : [md`| metric | ${after} | ${interval} |`, md`|:--|--:|--:|`, ...shown.map(aloneLine)];
  return joinMarkdown(
    [...lines, ...(left > 0 ? [md``, md`${formatMany(left, 'row')} more ${left === 1 ? 'is' : 'are'} in the report.`] : [])],
    '\n',
  );
}

function comparedLine(metric: MetricResult): Markdown {
  const { value, baseline, delta, interval, unit } = metric;
  const digits = digitsFor(interval ? interval.high - interval.low : delta);
  const range = interval ? ` (${formatDifference(interval.low, unit, digits)} … ${formatDifference(interval.high, unit, digits)})` : '';
  const difference = delta === null ? '–' : `${formatDifference(delta, unit, digits)}${range}`;
  return md`| ${nameOf(metric)} | ${unbroken(newsOf(metric))} | ${unbroken(formatValue(baseline, unit, digits))} | ${unbroken(formatValue(value, unit, digits))} | ${unbroken(difference)} |`;
}

function aloneLine(metric: MetricResult): Markdown {
  const { value, interval, unit } = metric;
  const digits = digitsFor(interval ? interval.high - interval.low : null);
  const range = interval ? `${formatValue(interval.low, unit, digits)} … ${formatValue(interval.high, unit, digits)}` : '–';
  return md`| ${nameOf(metric)} | ${unbroken(formatValue(value, unit, digits))} | ${unbroken(range)} |`;
}

function nameOf({ name, slice, greaterIsBetter, n, positives, note, value }: MetricResult): Markdown {
  const arrow = greaterIsBetter === null ? '' : greaterIsBetter ? ' ↑' : ' ↓';
  const rows = slice === null ? '' : ` (n ${formatCount(n)}${positives === null ? '' : `, ${formatCount(positives)} positive`})`;
  return md`${clipText(metricLabel(name), 80)}${arrow}${slice !== null && `, ${clipText(slice, 80)}`}${rows}${value === null && note !== null && `: ${clipText(note, 100)}`}`;
}

/** A word beside the mark: colour and sign never carry it alone. */
function newsOf({ interval, greaterIsBetter, baseline }: MetricResult): string {
  if (!interval || greaterIsBetter === null || baseline === null) return '';
  if (interval.low > 0) return greaterIsBetter ? '▲ better' : '▽ worse';
  if (interval.high < 0) return greaterIsBetter ? '▽ worse' : '▲ better';
  return '· open';
}
