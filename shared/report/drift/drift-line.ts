import type { DriftReport } from '../../drift/drift-report.ts';
import { formatCount, formatMany, formatPercent } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { groupColumns, sayEffect } from './drift-words.ts';

const most = 3;

/**
 * The report in one sentence: `1 of 18 columns, plan: new category, 3.1 % of rows.` Prose with names in backticks, not yet escaped: whoever
 * shows it does that (`proseMarkdown`, `prose`, `visibleText`).
 */
export function driftLine(report: DriftReport): string {
  const { compared, notTested } = report.dataset.columns;
  if (report.verdict === 'inconclusive') return `not enough data: ${formatMany(notTested, 'column')} could not be tested.`;
  const { drifted, shifted } = groupColumns(report);
  const found = report.findings.filter(({ level }) => level !== 'none');
  const named = new Map<string, string>();
  for (const level of ['drift', 'shift'] as const) {
    for (const column of level === 'drift' ? drifted : shifted) if (!named.has(column.column)) named.set(column.column, sayEffect(column));
    for (const finding of found)
      if (finding.level === level && !named.has(finding.column)) named.set(finding.column, sayFinding(finding.kind, finding.effect));
  }
  if (named.size === 0) return `none of ${formatMany(compared, 'column')} moved.`;
  const list = [...named].slice(0, most).map(([name, what]) => `${name === '' ? 'the table' : quoted(name)}: ${what}`);
  const more = named.size - list.length;
  const small = report.dataset.level === 'drift' ? '' : ', small';
  return `${formatCount(named.size)} of ${formatMany(Math.max(compared, named.size), 'column')}${small}, ${list.join('; ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}.`;
}

const findingNames: Readonly<Record<string, string>> = {
  missingness: 'missing values',
  unseen: 'new category',
  vanished: 'vanished category',
  range: 'beyond the reference’s range',
  type: 'another type',
  'missing-column': 'is missing',
  'new-column': 'is new',
  constant: 'became constant',
  staleness: 'is stale',
  'not-enough-data': 'not enough data',
};

export const findingName = (kind: string): string => findingNames[kind] ?? kind;

const sayFinding = (kind: string, effect: number | null): string =>
  `${findingName(kind)}${effect === null ? '' : `, ${formatPercent(effect)} of rows`}`;

/** A name as code of prose: a backtick in it would end the code early. */
export const quoted = (name: string): string => `\`${clipText(name, 80).replaceAll('`', '’')}\``;
