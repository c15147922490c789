import type { Dialect } from '../query/dialect.ts';
import type { TableSource } from '../source/table-source.ts';
import { askColumn } from './ask-column.ts';
import { askFutureEvent } from './ask-future-event.ts';
import { type BoundColumn, bindColumn } from './bind-columns.ts';
import type { Rule } from './contract.ts';
import { notChecked } from './not-checked.ts';
import { type Question, settled } from './question.ts';
import { limitText, toleranceText } from './wording.ts';

/** What a rule is judged with: the columns that the data has, and where the contract stands. */
export interface Asking {
  readonly source: TableSource;
  readonly dialect: Dialect;
  readonly columns: ReadonlyMap<string, BoundColumn>;
  readonly file: string;
}

/** One rule as a question to the data; null where it concerns a column that is missing, which is a finding of its own. */
export function askRule(rule: Rule, asking: Asking): Question | null {
  const { columns } = asking;
  if (rule.kind === 'row-count') {
    return {
      kind: 'count',
      rule: 'row-count',
      column: null,
      severity: rule.severity,
      line: rule.line,
      expected: limitText(rule.limit),
      limit: rule.limit,
    };
  }
  if (rule.kind === 'sql') {
    return {
      kind: 'sql',
      rule: 'sql',
      column: rule.column,
      severity: rule.severity,
      line: rule.line,
      expected: limitText(rule.limit),
      limit: rule.limit,
      query: rule.query,
    };
  }
  if (rule.kind === 'not-checked') return settled(notChecked(rule, asking.file));
  if (rule.kind === 'unique' || rule.kind === 'duplicates') {
    const bound = rule.columns.map((name) => columns.get(name) ?? freeColumn(name, asking));
    if (!bound.every((column) => column !== undefined)) return null;
    const tolerance = rule.kind === 'duplicates' ? rule.tolerance : null;
    return {
      kind: 'keys',
      rule: 'unique',
      column: bound.map(({ name }) => name).join(', '),
      severity: rule.severity,
      line: rule.line,
      expected: tolerance ? toleranceText(tolerance) : 'unique',
      columns: bound,
      counts: rule.kind === 'unique' ? 'shared' : 'repeated',
      tolerance,
    };
  }
  if (rule.kind === 'future-event') {
    const event = columns.get(rule.event) ?? freeColumn(rule.event, asking);
    const label = columns.get(rule.label) ?? freeColumn(rule.label, asking);
    return event && label ? askFutureEvent(event, label, asking.dialect, rule) : null;
  }
  const column = columns.get(rule.column) ?? freeColumn(rule.column, asking);
  return column ? askColumn(rule, column, asking) : null;
}

/** A rule may name a column that the contract doesn't describe. */
function freeColumn(name: string, { source, dialect }: Asking): BoundColumn | undefined {
  const found = source.columns.find((column) => column.name === name);
  return found && bindColumn(found, null, source, dialect);
}
