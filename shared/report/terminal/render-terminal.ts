import { join, relative } from 'node:path';
import pc from 'picocolors';
import { decidesOnReported, evidenceWords } from '../../card/evidence-words.ts';
import { formatAge, formatMany, formatSeconds, shortDigest } from '../../words/format-number.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { unchangedHeadline } from '../compose-words.ts';
import { type GateRow, gateRows, isComparison, statusWords, worstFirst } from '../gate-row.ts';
import type { Report } from '../report.ts';
import { withoutRows } from '../words-of-contract.ts';
import { intervalBar } from './interval-bar.ts';
import { wrapText } from './wrap-text.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal; 80 where it is none. */
  readonly width?: number | undefined;
  /** Folder of the run, for the line that says where the whole report is; shown relative to `cwd` where it is inside. */
  readonly folder?: string | undefined;
  readonly cwd?: string | undefined;
}

const mostGates = 14;
const mostChecks = 10;
type Paint = (text: string) => string;

/** What `weighin run` prints at its end: the headline, the gates that decide, why, and what to do next. No line break at the end. */
export function renderTerminal(report: Report, { color, width = 80, folder, cwd }: TerminalOptions): string {
  const paint = pc.createColors(color);
  const colors: Record<Report['verdict'], Paint> = {
    pass: paint.green,
    warn: paint.yellow,
    inconclusive: paint.cyan,
    fail: paint.red,
    error: paint.red,
  };
  const { mark } = statusWords[report.verdict];
  const name = visibleText(report.model);
  if (report.headline === unchangedHeadline) return `${paint.green('✓')} ${name}: no changes`;
  const room = Math.max(40, Math.min(width, 140));

  const rows = worstFirst(gateRows(report));
  const headline = `${mark} ${name}: ${clipText(visibleText(report.headline), 400)}`;
  const broken = brokenChecks(report, colors, paint.dim, room);
  const blocks = [
    paint.bold(colors[report.verdict](wrapText(headline, room - 2, '  '))),
    facts(report, paint.dim, room),
    broken,
    // The contract's own gate only repeats what its broken rules say.
    gates(broken === '' ? rows : rows.filter(({ gate }) => gate.kind !== 'contract'), colors, paint.dim, room),
    `${paint.bold('Why')}   ${wrapText(visibleText(report.why), room - 6, '      ')}\n${paint.bold('Next')}  ${wrapText(visibleText(report.next), room - 6, '      ')}${
      folder === undefined ? '' : `\n${paint.bold('Open')}  ${visibleText(join(placeOf(folder, cwd), 'report.html'))}`
    }`,
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function placeOf(folder: string, cwd: string | undefined): string {
  const inside = cwd === undefined ? folder : relative(cwd, folder);
  return inside.startsWith('..') ? folder : inside;
}

function facts(report: Report, dim: Paint, room: number): string {
  const { training, evaluation, mode, runtime } = report;
  const baseline = evaluation?.baseline;
  const parts = [
    training ? `candidate ${shortDigest(training.model.digest).slice(0, 6)}` : 'nothing trained',
    ...(baseline ? [`against ${visibleText(baseline.stage)} v${baseline.version} (${formatAge(baseline.ageDays)})`] : []),
    ...(evaluation ? [evaluation.rows === 0 ? 'reported numbers' : formatMany(evaluation.rows, 'test row')] : []),
    ...(mode === 'advise' ? ['advice only'] : []),
    ...(decidesOnReported(training) ? [evidenceWords(report)] : [report.evidence]),
    formatSeconds(runtime.seconds),
  ];
  return dim(`  ${wrapText(parts.join(' · '), room - 2, '  ')}`);
}

function brokenChecks({ contract }: Report, colors: Record<Report['verdict'], Paint>, dim: Paint, room: number): string {
  const broken = contract?.checks.filter(({ status }) => status !== 'pass') ?? [];
  if (broken.length === 0) return '';
  const lines = broken.slice(0, mostChecks).map((check) => {
    const rows = check.rows.slice(0, 8).join(', ');
    const more = check.failed > Math.min(8, check.rows.length) && rows !== '' ? ' …' : '';
    const where = check.location ? `${visibleText(check.location.file)}:${check.location.line}` : 'on by default';
    const text = clipText(visibleText(withoutRows(check.message)), 240);
    return `  ${colors[check.status](statusWords[check.status].mark)} ${wrapText(text, room - 4, '    ')}\n    ${dim(wrapText([rows && `rows ${rows}${more}`, where].filter(Boolean).join(' · '), room - 4, '    '))}`;
  });
  if (broken.length > mostChecks) lines.push(dim(`    … and ${formatMany(broken.length - mostChecks, 'more rule')}`));
  return lines.join('\n');
}

/** One line a gate. Columns that a narrow terminal has no room for fall away: the picture first, then both models' values. */
function gates(rows: readonly GateRow[], colors: Record<Report['verdict'], Paint>, dim: Paint, room: number): string {
  if (rows.length === 0) return '';
  const notable = rows.filter(({ gate, improved }) => gate.status !== 'pass' || improved);
  const shown = (rows.length <= mostGates ? rows : notable).slice(0, mostGates);
  const lines = shown.map((row) => {
    const { gate } = row;
    const values =
      row.baseline !== '' && row.baseline !== '–'
        ? `${row.baseline} → ${row.candidate}`
        : isComparison(row.kind) && row.gate.value !== null
          ? row.candidate
          : '';
    const metric = gate.kind === 'metric';
    return {
      status: gate.status,
      name: clipText(
        visibleText(`${row.name}${row.arrow && ` ${row.arrow}`}${row.slice === null ? '' : ` ${row.slice}`}`),
        room < 80 ? 22 : 34,
      ),
      values: metric ? values : '',
      judged: metric ? `${row.judged}${row.interval ? ` (${row.interval})` : ''}` : '',
      // Where there is no room for answers, this one is still told: the gate let it pass without evidence.
      limit: metric && row.limit ? `limit ${row.limit}${gate.mark && room < 100 ? ` · ${gate.mark}` : ''}` : '',
      bar: intervalBar(row),
      answer: clipText(visibleText(metric ? gate.answer : gate.message), metric ? 24 : room - 40),
    };
  });
  const columns = ['name', 'values', 'judged', 'limit', 'bar', 'answer'] as const;
  const measured = lines.filter(({ judged, values }) => judged || values);
  const size = (column: (typeof columns)[number]) =>
    Math.max(
      0,
      ...(column === 'answer' || column === 'name' ? (column === 'answer' ? measured : lines) : lines).map((line) => line[column].length),
    );
  let kept = columns.filter((column) => size(column) > 0 || column === 'answer');
  const needed = () => kept.reduce((sum, column) => sum + size(column) + 2, 4);
  for (const victim of ['bar', 'values', 'answer', 'limit'] as const)
    if (needed() > room) kept = kept.filter((column) => column !== victim);

  const text = lines.map((line) => {
    const mark = colors[line.status](statusWords[line.status].mark);
    if (!line.judged && !line.values)
      return `  ${mark} ${line.name.padEnd(size('name'))}  ${dim(clipText(line.answer, Math.max(10, room - size('name') - 6)))}`;
    const cells = kept.map((column) => {
      const cell = line[column].padEnd(size(column));
      return column === 'limit' || column === 'answer' ? dim(cell) : column === 'bar' ? colors[line.status](cell) : cell;
    });
    return `  ${mark} ${cells.join('  ')}`.trimEnd();
  });
  const rest = rows.length - shown.length;
  if (rest > 0)
    text.push(
      dim(
        `    … and ${formatMany(rest, 'more gate')}${rows.slice(shown.length).every(({ gate }) => gate.status === 'pass') || notable.length <= mostGates ? ' passed' : ''}`,
      ),
    );
  return text.join('\n');
}
