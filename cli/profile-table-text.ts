import { isHashedValue } from '../shared/profile/category-counts.ts';
import type { CategoryCounts, ColumnCounts, NumericCounts, TimeCounts } from '../shared/profile/column-counts.ts';
import { foldCells } from '../shared/profile/merge-profiles.ts';
import { missingRows, momentsOf } from '../shared/profile/numeric-counts.ts';
import type { Profile } from '../shared/profile/profile.ts';
import { columnBins } from '../shared/report/profile/column-bins.ts';
import { formatMany, formatPercent, formatSeconds, formatValue, shortDigest } from '../shared/words/format-number.ts';
import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { Colors } from './colors.ts';

/** Eighths of a cell's height; a bin with a row is never invisible. */
const blocks = '▁▂▃▄▅▆▇█';
const barCells = { wide: 16, narrow: 8 } as const;

/** A profile as a table: a line a column, with what is missing, its values, and its shape over some bins. */
export function profileTableText(profile: Profile, colors: Colors, width: number): string {
  const { rows, columns } = foldCells(profile);
  const bars = width >= 110 ? barCells.wide : barCells.narrow;
  const exact = profile.privacy !== 'outward';
  const lines = profile.columns.map(({ name, type }, index) => {
    const counts = columns[index];
    if (!counts) throw new RangeError('a cell with fewer columns than its profile');
    return { name: clipText(visibleText(name), 28), type, ...describeColumn(counts, { whole: type === 'integer', rows, bars, exact }) };
  });
  const titles = { name: 'column', type: 'type', missing: 'missing', distinct: 'values', shape: 'shape', summary: 'summary' };
  const keys = ['name', 'type', 'missing', 'distinct', 'shape'] as const;
  const widths = Object.fromEntries(keys.map((key) => [key, Math.max(titles[key].length, ...lines.map((line) => line[key].length))]));
  const pad = (line: typeof titles) =>
    keys
      .map((key) => (key === 'missing' || key === 'distinct' ? line[key].padStart(widths[key]!) : line[key].padEnd(widths[key]!)))
      .join('  ');
  const room = Math.max(20, width - Object.values(widths).reduce((sum, one) => sum + one + 2, 2));
  const table = [
    colors.dim(`  ${pad(titles)}  ${titles.summary}`.trimEnd()),
    ...lines.map((line) => `  ${pad(line)}  ${clipText(line.summary, room)}`.trimEnd()),
  ];
  return [...heading(profile, rows, colors), '', ...table].join('\n');
}

function heading(profile: Profile, rows: number, colors: Colors): string[] {
  const title = `${formatMany(rows, 'row')}, ${formatMany(profile.columns.length, 'column')}`;
  const facts = [
    ...(profile.by.length > 0 ? [`by ${profile.by.map((name) => clipText(visibleText(name), 40)).join(', ')}`] : []),
    ...(profile.window
      ? [`windows of ${windowLength(profile.window.milliseconds)} by ${clipText(visibleText(profile.window.column), 40)}`]
      : []),
    ...(profile.by.length > 0 || profile.window ? [formatMany(profile.cells.length, 'part')] : []),
    profile.privacy === 'outward' ? 'outward: rare values hashed, numbers rounded' : 'exact: may not leave the runner',
    `sha256 ${shortDigest(profile.digest)}`,
  ];
  return [colors.bold(title), colors.dim(`  ${facts.join(' · ')}`)];
}

function windowLength(milliseconds: number): string {
  const days = milliseconds / 86_400_000;
  return Number.isInteger(days) ? formatMany(days, 'day') : formatSeconds(milliseconds / 1_000);
}

interface Described {
  readonly missing: string;
  readonly distinct: string;
  readonly shape: string;
  readonly summary: string;
}

interface Frame {
  readonly whole: boolean;
  /** Outward, numbers are buckets alone: how many values there are, and which, is not known. */
  readonly exact: boolean;
  readonly rows: number;
  readonly bars: number;
}

function describeColumn(counts: ColumnCounts, frame: Frame): Described {
  const absent = missingRows(counts);
  const missing = absent === 0 ? '–' : formatPercent(absent / Math.max(1, frame.rows));
  if (absent === frame.rows) return { missing, distinct: '0', shape: '', summary: 'all missing' };
  if (counts.kind === 'numeric') return { missing, ...describeNumbers(counts, frame) };
  return { missing, ...(counts.kind === 'categories' ? describeCategories(counts, frame) : describeTimes(counts, frame)) };
}

type Body = Omit<Described, 'missing'>;
const figure = (value: number | null) => formatValue(value, 'target');

function describeNumbers(counts: NumericCounts, { whole, exact, bars }: Frame): Body {
  const bins = columnBins(counts, whole, bars);
  const { mean, variance } = momentsOf(counts);
  const summary =
    bins && bins.ends.low === bins.ends.high
      ? `${exact ? 'always' : 'about'} ${figure(bins.ends.low)}`
      : `mean ${figure(mean)}, sd ${figure(variance === null ? null : Math.sqrt(variance))}, ${figure(bins?.ends.low ?? null)} … ${figure(bins?.ends.high ?? null)}`;
  const distinct = counts.values ? String(counts.values.length) : exact ? '> 1,000' : '–';
  return { distinct, shape: blockText(bins?.shares ?? []), summary };
}

function describeCategories({ counts, lengths }: CategoryCounts, { rows, bars }: Frame): Body {
  if (!counts) return { distinct: '> 1,000', shape: '', summary: lengths ? lengthWords(lengths) : '' };
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const named = sorted
    .filter(([value]) => !isHashedValue(value))
    .slice(0, 3)
    .map(([value, n]) => `${clipText(visibleText(value), 24) || '(empty)'} ${formatPercent(n / Math.max(1, rows))}`);
  return {
    distinct: String(counts.length),
    shape: blockText(sorted.slice(0, bars).map(([, n]) => n)),
    summary: named.length > 0 ? named.join(', ') : 'all rare, hashed',
  };
}

const lengthWords = ({ min, max }: { readonly min: number; readonly max: number }) =>
  min === max ? formatMany(max, 'character') : `${min} to ${formatMany(max, 'character')}`;

function describeTimes({ min, max, days }: TimeCounts, { bars }: Frame): Body {
  const sums = new Array<number>(Math.min(bars, days.length)).fill(0);
  for (const [index, [, n]] of days.entries()) sums[Math.floor((index * sums.length) / days.length)]! += n;
  return {
    distinct: formatMany(days.length, days[0]?.[0].length === 7 ? 'month' : 'day'),
    shape: blockText(sums),
    summary: `${shortTime(min)} … ${shortTime(max)}`,
  };
}

const shortTime = (time: string | null) => (time ?? '–').replace('T', ' ').replace(/(?: 00:00:00\.000000|\.\d+)Z$/, '');

function blockText(shares: readonly number[]): string {
  const top = Math.max(...shares, 0);
  if (top === 0) return '';
  return shares.map((share) => (share === 0 ? ' ' : (blocks[Math.max(0, Math.ceil((share / top) * blocks.length) - 1)] ?? ''))).join('');
}
