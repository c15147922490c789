import type { Check } from '../../contract/contract-result.ts';
import { formatCount, formatMany } from '../../words/format-number.ts';
import { joinMarkdown, type Markdown, md } from '../../words/markdown.ts';
import { clipText } from '../../words/visible-text.ts';
import { type GateRow, statusWords } from '../gate-row.ts';
import { sayCheck } from '../words-of-contract.ts';

const line = (cells: readonly Markdown[]): Markdown => md`| ${joinMarkdown(cells, ' | ')} |`;
const lines = (list: readonly Markdown[]) => joinMarkdown(list, '\n');

/** Gates with both models' values and the limit beside the interval. */
export function gateTable(rows: readonly GateRow[], baselineName: string): Markdown {
  if (rows.every(({ gate }) => gate.kind !== 'metric'))
    return lines([
      md`| gate | | |`,
      md`|:--|:--|:--|`,
      ...rows.map((row) => line([gateName(row), md`${clipText(row.gate.message, 200)}`, answer(row)])),
    ]);
  const levels = new Set(rows.flatMap(({ gate }) => (gate.level === null ? [] : [gate.level])));
  const [level] = levels;
  const interval = levels.size === 1 && level !== undefined ? `${formatCount(level * 100)} % interval` : 'interval';
  const compares = rows.some(({ gate }) => gate.baseline !== null);
  const columns = compares
    ? [md`gate`, md`${baselineName}`, md`candidate`, md`difference, ${interval}`, md`limit`, md``]
    : [md`gate`, md`candidate`, md`${interval}`, md`limit`, md``];
  const rule = compares ? md`|:--|--:|--:|--:|--:|:--|` : md`|:--|--:|--:|--:|:--|`;
  return lines([
    line(columns),
    rule,
    ...rows.map((row) => {
      const judged = row.gate.kind === 'metric' ? judgedCell(row) : md`${clipText(row.gate.message, 160)}`;
      return line([
        gateName(row),
        ...(compares ? [md`${unbroken(row.baseline)}`] : []),
        md`${unbroken(row.candidate)}`,
        judged,
        md`${unbroken(row.limit)}`,
        answer(row),
      ]);
    }),
  ]);
}

function gateName(row: GateRow): Markdown {
  const { gate } = row;
  const name = md`${clipText(row.name, 80)}${row.arrow && ` ${row.arrow}`}${row.slice !== null && `, ${clipText(row.slice, 80)}`}`;
  const strong = gate.status === 'fail' || gate.status === 'error' ? md`**${name}**` : name;
  return row.slice !== null && row.rows ? md`${strong} (${row.rows})` : strong;
}

function judgedCell(row: GateRow): Markdown {
  if (row.judged === '') return md`–`;
  const strong = row.gate.status === 'fail' ? md`**${unbroken(row.judged)}**` : md`${unbroken(row.judged)}`;
  return row.interval ? md`${strong} (${unbroken(row.interval)})` : strong;
}

/** A figure that a narrow column must not tear from its unit or its other end. */
export const unbroken = (figure: string) => figure.replaceAll(' ', '\u00a0');

function answer({ gate }: GateRow): Markdown {
  const only = gate.severity === 'warn' && gate.status === 'warn' ? ', warns only' : '';
  return md`${statusWords[gate.status].emoji}${'\u00a0'}${unbroken(clipText(gate.answer, 40))}${only}`;
}

/** Broken rules of the contract with the rows to look at. */
export function checkTable(checks: readonly Check[]): Markdown {
  return lines([
    md`| rule | found | rows to look at | where | |`,
    md`|:--|:--|:--|:--|:--|`,
    ...checks.map((check) => {
      const { emoji, word } = statusWords[check.status];
      const rows = `${check.rows.slice(0, 8).join(', ')}${check.failed > Math.min(8, check.rows.length) && check.rows.length > 0 ? ' …' : ''}`;
      const where = check.location ? `${clipText(check.location.file, 120)}:${check.location.line}` : 'on by default';
      return line([
        md`**${clipText(check.column ?? 'table', 80)}** ${clipText(check.rule, 40)}`,
        md`${sayCheck(check)}`,
        md`${rows}`,
        md`${where}`,
        md`${emoji} ${word}`,
      ]);
    }),
  ]);
}

/** One gate in a list of passed ones. */
export function gateLine(row: GateRow): Markdown {
  if (row.gate.kind !== 'metric') return md`${clipText(row.name, 80)}: ${clipText(row.gate.message.replace(/\.$/, ''), 160)}`;
  const judged = row.judged
    ? ` ${row.judged}${row.interval ? ` (${row.interval})` : ''}${row.limit ? `, limit ${row.limit}` : ''}`
    : `: ${clipText(row.gate.answer, 40)}`;
  return md`${clipText(row.name, 80)}${row.arrow && ` ${row.arrow}`}${row.slice !== null && `, ${clipText(row.slice, 80)}`}${judged}`;
}

export const cutNote = (cut: number, what: string, where: string): Markdown =>
  cut > 0 ? md`${formatMany(cut, what)} more ${cut === 1 ? 'is' : 'are'} in ${where}.` : md``;
