import { join, relative } from 'node:path';
import pc from 'picocolors';
import type { DriftColumn, DriftReport, Level } from '../../drift/drift-report.ts';
import { formatCount, formatMany } from '../../words/format-number.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { statusWords } from '../gate-row.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import {
  direction,
  formatEffect,
  formatMoment,
  formatP,
  formatSpan,
  groupColumns,
  headlineOf,
  isNamed,
  levelWords,
  reasonWords,
  sayNext,
  sayScore,
  sideNames,
} from './drift-words.ts';
import { effectBar, gather, sparkBars } from './terminal/bars.ts';

export interface DriftTerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal; 80 where it is none. */
  readonly width?: number | undefined;
  /** The HTML report, where one was written; shown relative to `cwd` where it is inside. */
  readonly open?: string | undefined;
  readonly cwd?: string | undefined;
}

type Paint = (text: string) => string;
type Paints = Readonly<Record<Level, Paint>>;

const heads = { name: '', effect: 'moved', bar: '', before: 'reference', after: 'current', p: 'adj. p' } as const;
const most = { columns: 12, findings: 8, notes: 3, segments: 4 } as const;

/** What `weighin drift` prints: the verdict, the columns that moved, findings, where, and what to do next. No line break at the end. */
export function renderDriftTerminal(report: DriftReport, { color, width = 80, open, cwd }: DriftTerminalOptions): string {
  const paint = pc.createColors(color);
  const paints: Paints = { none: paint.green, shift: paint.yellow, drift: paint.red };
  const room = Math.max(36, Math.min(width, 140));
  const verdictPaint = { pass: paint.green, warn: paint.yellow, inconclusive: paint.cyan, fail: paint.red, error: paint.red }[
    report.verdict
  ];
  const headline = `${statusWords[report.verdict].mark} ${headlineOf(report)}`;
  const next = `${paint.bold('Next')}  ${wrapText(visibleText(sayNext(report)), room - 6, '      ')}`;
  const blocks = [
    paint.bold(verdictPaint(wrapText(headline, room - 2, '  '))),
    paint.dim(`  ${wrapText(visibleText(facts(report)), room - 2, '  ')}`),
    columnTable(report, paints, paint.dim, room),
    findings(report, paints, paint.dim, room),
    segments(report, paint.dim, room),
    open === undefined ? next : `${next}\n${paint.bold('Open')}  ${visibleText(placeOf(open, cwd))}`,
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function placeOf(file: string, cwd: string | undefined): string {
  const inside = cwd === undefined ? file : relative(cwd, file);
  return inside.startsWith('..') ? join(file) : inside;
}

function facts(report: DriftReport): string {
  const names = sideNames(report);
  const side = (which: 'reference' | 'current') => {
    const { rows, from, to } = report[which];
    return [`${clipText(names[which], 40)} ${formatMany(rows, 'row')}`, formatSpan(from, to)].filter(Boolean).join(', ');
  };
  const { steady, notTested } = groupColumns(report);
  return [
    side('reference'),
    `against ${side('current')}`,
    `${formatCount(steady.length)} of ${formatMany(report.dataset.columns.compared, 'column')} steady`,
    ...(notTested.length > 0 ? [`${formatCount(notTested.length)} not tested`] : []),
    ...(report.since === null ? [] : [`since ${formatMoment(report.since)}`]),
    ...(report.method === 'default' ? [] : [`method ${visibleText(report.method)}`]),
  ].join(' · ');
}

/** One line a column that moved. What a narrow terminal has no room for falls away: the effect's bar, then the shapes, then p. */
function columnTable(report: DriftReport, paints: Paints, dim: Paint, room: number): string {
  const { drifted, shifted, notTested } = groupColumns(report);
  const moved = [...drifted, ...shifted];
  const lines = moved.slice(0, most.columns).map((column) => cells(column, report, room));
  const names = ['name', 'effect', 'bar', 'before', 'after', 'p'] as const;
  const size = (name: (typeof names)[number]) => {
    const longest = Math.max(0, ...lines.map((line) => Array.from(line[name]).length));
    return longest === 0 ? 0 : Math.max(longest, heads[name].length);
  };
  let kept = names.filter((name) => size(name) > 0);
  const needed = () => kept.reduce((sum, name) => sum + size(name) + 2, 2);
  for (const victims of [['bar'], ['before', 'after'], ['p']] as const)
    if (needed() > room) kept = kept.filter((name) => !(victims as readonly string[]).includes(name));
  const text = lines.map((line) => {
    const shown = kept.map((name) => {
      const cell = line[name] + ' '.repeat(size(name) - Array.from(line[name]).length);
      return name === 'bar' || name === 'after' ? paints[line.level](cell) : name === 'p' || name === 'before' ? dim(cell) : cell;
    });
    return `  ${paints[line.level](levelWords[line.level].mark)} ${shown.join('  ')}`.trimEnd();
  });
  if (kept.includes('before') && lines.length > 0)
    text.unshift(dim(`    ${kept.map((name) => heads[name].padEnd(size(name))).join('  ')}`.trimEnd()));
  if (moved.length > lines.length) text.push(dim(`    … and ${formatMany(moved.length - lines.length, 'more column')}`));
  if (notTested.length > 0) {
    const list = notTested
      .slice(0, 4)
      .map(({ column, notTested: reason }) => `${clipText(visibleText(column), 30)} (${shortReason(reason)})`);
    const more = notTested.length - list.length;
    text.push(
      dim(`  ? ${wrapText(`not tested: ${list.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`, room - 4, '    ')}`),
    );
  }
  return text.join('\n');
}

const shortReason = (reason: string | null) => visibleText(reasonWords(reason ?? '').split(':')[0] ?? '');

function cells(column: DriftColumn, { limits }: DriftReport, room: number) {
  const { shape, effect, level } = column;
  const count = room < 100 ? 12 : 16;
  // One scale for both sides, so that the taller bar is the larger share.
  const top = shape ? Math.max(...gather(shape.reference, count), ...gather(shape.current, count)) : 0;
  const towards = { higher: ' ↑', lower: ' ↓', '': '' }[direction(column)];
  return {
    level,
    name: clipText(visibleText(column.column), room < 100 ? 18 : 32),
    effect: isNamed(column) ? namedEffect(column) : `${formatEffect(effect)}${towards}`,
    bar: effect === null || isNamed(column) ? '' : effectBar(effect, limits, room < 100 ? 10 : 20),
    before: shape ? sparkBars(shape.reference, count, top) : '',
    after: shape ? sparkBars(shape.current, count, top) : '',
    p: isNamed(column) ? '' : formatP(column.adjustedP),
  };
}

/** The score is what was asked for: a long name of a method gives way to it. */
function namedEffect(column: DriftColumn): string {
  const score = sayScore(column);
  return `${clipText(visibleText(column.method), 27 - score.length)} ${score}`;
}

function findings({ findings: all }: DriftReport, paints: Paints, dim: Paint, room: number): string {
  const sorted = [...all].sort((a, b) => rank(b.level) - rank(a.level));
  const told = sorted.filter(({ level }) => level !== 'none').slice(0, most.findings);
  const notes = sorted.filter(({ level }) => level === 'none').slice(0, Math.min(most.notes, most.findings - told.length));
  const lines = [...told, ...notes].map(({ level, message }) => {
    const mark = level === 'none' ? dim('·') : paints[level](levelWords[level].mark);
    return `  ${mark} ${wrapText(clipText(visibleText(message), 300), room - 4, '    ')}`;
  });
  if (sorted.length > lines.length) lines.push(dim(`    … and ${formatMany(sorted.length - lines.length, 'more finding')}`));
  return lines.join('\n');
}

const rank = (level: Level) => ({ none: 0, shift: 1, drift: 2 })[level];

function segments({ segments: all }: DriftReport, dim: Paint, room: number): string {
  const lines = all.slice(0, most.segments).map(({ where, column, effect, rows, explains }) => {
    const name = where.map((part) => `${visibleText(part.column)}=${visibleText(part.value)}`).join(', ');
    const text = `${clipText(name, 60)}: ${clipText(visibleText(column), 40)} moved by ${formatEffect(effect)} of its ${formatMany(rows.current, 'row')}${explains === null ? '' : `, ${formatEffect(explains)} of the change`}`;
    return `  ${dim('›')} ${wrapText(text, room - 4, '    ')}`;
  });
  return lines.join('\n');
}
