import type { DriftColumn, DriftReport } from '../../drift/drift-report.ts';
import type { MonitoringReport } from '../../monitoring/monitoring-report.ts';
import { formatCount, formatFixed, formatMany, formatPercent } from '../../words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../words/markdown.ts';
import { clipText } from '../../words/visible-text.ts';
import { unbroken } from '../comment/gate-table.ts';
import { commentLimit } from '../comment/render-comment.ts';
import { statusWords } from '../gate-row.ts';
import {
  decisionTitle,
  direction,
  formatEffect,
  formatMoment,
  formatSpan,
  groupColumns,
  headlineOf,
  levelWords,
  reasonWords,
  sayDecision,
  sayNext,
  sideNames,
} from './drift-words.ts';
import { gather, sparkBars } from './terminal/bars.ts';

export interface DriftMarkdownOptions {
  /** Characters at most; what GitHub takes as one comment where none is given. */
  readonly budget?: number;
  /** Of the HTML report or the run, http or https. */
  readonly reportUrl?: string;
  /** The scheduled run that this is the drift of: episodes and realised performance come with it. */
  readonly monitoring?: MonitoringReport;
  /** `##` of the first line: 2 where none is given. */
  readonly heading?: 1 | 2 | 3 | 4;
}

/** How much goes in: rows of the open table, findings, and lines under the fold. */
interface Room {
  readonly moved: number;
  readonly findings: number;
  readonly folded: number;
}
const rooms: readonly Room[] = [
  { moved: 60, findings: 30, folded: 300 },
  { moved: 40, findings: 15, folded: 80 },
  { moved: 20, findings: 8, folded: 0 },
  { moved: 8, findings: 4, folded: 0 },
  { moved: 2, findings: 1, folded: 0 },
  { moved: 0, findings: 0, folded: 0 },
];

/** The drift report as GitHub's Markdown: drifted columns first, steady ones folded, never longer than its budget, and it says what it left out. */
export function renderDriftMarkdown(report: DriftReport, options: DriftMarkdownOptions = {}): string {
  const budget = options.budget ?? commentLimit;
  let text = '';
  for (const room of rooms) {
    text = `${blocksOf(report, options, room)
      .map(({ markdown }) => markdown)
      .filter((block) => block !== '')
      .join('\n\n')}\n`;
    if (text.length <= budget) return text;
  }
  // A budget that not even the verdict fits: a cut could end inside an escape, so it is told in our own words alone.
  const told = `${statusWords[report.verdict].emoji} drift: ${report.verdict}\n`;
  return told.length <= budget ? told : '';
}

function blocksOf(report: DriftReport, options: DriftMarkdownOptions, room: Room): readonly Markdown[] {
  const { drifted, shifted, steady, notTested } = groupColumns(report);
  const moved = [...drifted, ...shifted];
  const { emoji } = statusWords[report.verdict];
  const hashes: Markdown = { markdown: '#'.repeat(options.heading ?? 2) };
  return [
    md`${hashes} ${emoji} ${headlineOf(report)}`,
    sides(report),
    moved.length > 0 && room.moved > 0 ? movedTable(moved.slice(0, room.moved)) : md``,
    left(moved.length - Math.min(moved.length, room.moved), 'column that moved', 'columns that moved', options),
    findingList(report, room, options),
    segmentList(report, room),
    monitoringLines(options.monitoring),
    md`**Next:** ${proseMarkdown(sayNext(report, options.monitoring))}`,
    quietList(steady, 'steady', room, options, steadyTable),
    quietList(notTested, 'not tested', room, options, reasonList),
    noteList(report, room, options),
    fold('How this was decided', decided(report)),
  ];
}

const lines = (list: readonly Markdown[]) => joinMarkdown(list, '\n');
const whole = (options: DriftMarkdownOptions): Markdown =>
  options.reportUrl && /^https?:\/\/[\w.~:/?#@!&'*+,;=%[\]-]+$/.test(options.reportUrl)
    ? { markdown: `[the full report](<${options.reportUrl}>)` }
    : md`the full report`;

const left = (count: number, one: string, many: string, options: DriftMarkdownOptions): Markdown =>
  count > 0 ? md`${formatMany(count, one, many)} more ${count === 1 ? 'is' : 'are'} in ${whole(options)}.` : md``;

function fold(title: string, body: Markdown, note: Markdown = md``): Markdown {
  const inside = [body.markdown, note.markdown].filter(Boolean).join('\n\n');
  return { markdown: `<details><summary>${md`${title}`.markdown}</summary>\n\n${inside}\n\n</details>` };
}

/** Columns without news, as many as there is room for. */
function quietList(
  columns: readonly DriftColumn[],
  what: string,
  room: Room,
  options: DriftMarkdownOptions,
  draw: (columns: readonly DriftColumn[]) => Markdown,
): Markdown {
  if (columns.length === 0) return md``;
  const shown = columns.slice(0, room.folded);
  const note = left(columns.length - shown.length, 'column', 'columns', options);
  return fold(`${formatMany(columns.length, 'column')} ${what}`, draw(shown), note);
}

const reasonList = (columns: readonly DriftColumn[]): Markdown =>
  lines(columns.map(({ column, notTested }) => md`- ${code(clipText(column, 80))}: ${reasonWords(notTested ?? '')}`));

function sides(report: DriftReport): Markdown {
  const names = sideNames(report);
  const side = (which: 'reference' | 'current') => {
    const { rows, from, to } = report[which];
    const span = formatSpan(from, to);
    return md`${code(names[which])} (${formatMany(rows, 'row')}${span && `, ${span}`})`;
  };
  const { compared, drift, shift } = report.dataset.columns;
  return md`${side('current')} against ${side('reference')}: **${formatCount(drift)}** drifted, **${formatCount(shift)}** shifted of ${formatMany(compared, 'column')}${report.since !== null && md`, since **${formatMoment(report.since)}**`}.`;
}

function movedTable(columns: readonly DriftColumn[]): Markdown {
  return lines([
    md`| column | rows moved | what moved | ${decisionTitle(columns)} | reference → current | |`,
    md`|:--|--:|:--|--:|:--|:--|`,
    ...columns.map((column) => {
      const { emoji, word } = levelWords[column.level];
      const towards = direction(column);
      const effect = formatEffect(column.effect);
      const strong = column.level === 'drift' ? md`**${unbroken(effect)}**` : md`${unbroken(effect)}`;
      return md`| ${code(clipText(column.column, 80))} | ${strong}${towards && ` ${towards}`} | ${moves(column)} | ${unbroken(sayDecision(column, columns))} | ${shapes(column)} | ${emoji}${'\u00a0'}${word} |`;
    }),
  ]);
}

/** The two bins or categories that changed most. */
const moves = ({ moved }: DriftColumn): Markdown =>
  joinMarkdown(
    moved
      .slice(0, 2)
      .map(
        ({ where, reference, current }) =>
          md`${code(clipText(where, 48))} ${unbroken(formatPercent(reference))} → ${unbroken(formatPercent(current))}`,
      ),
    '<br>',
  );

function shapes({ shape }: DriftColumn): Markdown {
  if (!shape) return md`–`;
  const count = 10;
  const top = Math.max(...gather(shape.reference, count), ...gather(shape.current, count));
  // A blank at an end would be cut off by the table.
  const draw = (shares: readonly number[]) => sparkBars(shares, count, top).replaceAll(' ', '\u2007');
  return { markdown: `${draw(shape.reference)}${'\u00a0'}→${'\u00a0'}${draw(shape.current)}` };
}

const steadyTable = (columns: readonly DriftColumn[]): Markdown =>
  columns.length === 0
    ? md``
    : lines([
        md`| column | rows moved | ${decisionTitle(columns)} |`,
        md`|:--|--:|--:|`,
        ...columns.map(
          (column) =>
            md`| ${code(clipText(column.column, 80))} | ${unbroken(formatEffect(column.effect))} | ${unbroken(sayDecision(column, columns))} |`,
        ),
      ]);

/** What was found beside the columns' own change. Notes, which decide nothing, are folded with the rest that is quiet. */
function findingList({ findings }: DriftReport, room: Room, options: DriftMarkdownOptions): Markdown {
  const told = [...findings.filter(({ level }) => level === 'drift'), ...findings.filter(({ level }) => level === 'shift')];
  const shown = told.slice(0, room.findings).map(({ level, message }) => md`- ${levelWords[level].emoji} ${clipText(message, 300)}`);
  const note = left(told.length - shown.length, 'finding', 'findings', options);
  return { markdown: [lines(shown).markdown, note.markdown].filter(Boolean).join('\n\n') };
}

function noteList({ findings }: DriftReport, room: Room, options: DriftMarkdownOptions): Markdown {
  const notes = findings.filter(({ level }) => level === 'none');
  const shown = notes.slice(0, room.folded);
  if (notes.length === 0) return md``;
  return fold(
    formatMany(notes.length, 'note'),
    lines(shown.map(({ message }) => md`- ${clipText(message, 300)}`)),
    left(notes.length - shown.length, 'note', 'notes', options),
  );
}

function segmentList({ segments }: DriftReport, room: Room): Markdown {
  const shown = segments.slice(0, Math.min(5, room.findings));
  if (shown.length === 0) return md``;
  return lines([
    md`**Where:**`,
    md``,
    ...shown.map(({ where, column, effect, rows, explains }) => {
      const place = joinMarkdown(
        where.map((part) => md`${code(clipText(part.column, 60))} = ${code(clipText(part.value, 60))}`),
        ', ',
      );
      return md`- ${place}: ${code(clipText(column, 60))} moved by ${formatPercent(effect)} of its ${formatMany(rows.current, 'row')}${explains !== null && `, ${formatPercent(explains)} of the change`}`;
    }),
  ]);
}

function monitoringLines(monitoring: MonitoringReport | undefined): Markdown {
  if (!monitoring) return md``;
  const { performance, episodes } = monitoring;
  const open = episodes.filter(({ until }) => until === null);
  return lines([
    ...(performance
      ? [
          md`**Performance:** ${clipText(performance.metric, 60)} ${performance.value === null ? 'undefined' : formatFixed(performance.value, 3)}${performance.interval && ` (${formatFixed(performance.interval[0], 3)} … ${formatFixed(performance.interval[1], 3)})`}${performance.reference !== null && ` against ${formatFixed(performance.reference, 3)}`} on ${formatMany(performance.n, 'row')}, ${levelWords[performance.level].emoji} ${levelWords[performance.level].word}`,
        ]
      : []),
    ...open.map(
      ({ kind, since, headline }) => md`**Goes on:** ${kind} since ${formatMoment(since)}: ${proseMarkdown(clipText(headline, 300))}`,
    ),
  ]);
}

function decided({ method, limits, agree, dataset }: DriftReport): Markdown {
  if (method !== 'default')
    return md`Method ${code(clipText(method, 60))}, by its own score and limit a column${limits.shareLimit !== null && `; the data set drifts from ${formatPercent(limits.shareLimit)} of the columns on`}.`;
  return md`Rows moved: the share of rows that would have to move for both sides to be alike. A shift: adjusted p below ${formatFixed(limits.alpha, 2)} and at least ${formatPercent(limits.shift)}; drift: at least ${formatPercent(limits.alarm)}${agree.m > 1 && `, in ${formatCount(agree.k)} of the last ${formatMany(agree.m, 'window')}`}. Benjamini–Hochberg over ${formatMany(dataset.family, 'test')}.`;
}
