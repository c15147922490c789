import type { Asking } from './ask-rule.ts';
import { type BoundColumn, castCell } from './bind-columns.ts';
import type { RuleOf } from './contract.ts';
import { declaredType } from './declared-types.ts';
import type { Question } from './question.ts';

/**
 * Parquet says what a column is, so its type is compared without a look at the rows. In CSV a type is what every value is:
 * those that aren't are counted and named. JSON has numbers, booleans and texts of its own, but its dates are texts.
 */
export function askType(rule: RuleOf<'type'>, column: BoundColumn, { source, file }: Asking): Question {
  const { declared, source: found } = column;
  const expected = declared?.logicalType ?? declared?.physicalType ?? 'unknown';
  const wanted = declared ? declaredType(declared) : null;
  const location = { file, line: rule.line };
  const settled = (status: 'pass' | 'warn' | 'fail', message: string): Question => ({
    kind: 'settled',
    check: {
      rule: 'type',
      column: column.name,
      status,
      severity: rule.severity,
      observed: found.sqlType,
      expected,
      failed: 0,
      total: 0,
      message,
      rows: [],
      location,
    },
  });

  if (wanted === null) return settled('warn', `${column.name}: not checked: the type ${expected} is not known here; add a logicalType.`);
  if (fits(wanted, column, source.format)) return settled('pass', `${column.name} is ${expected}.`);
  const otherType = `${column.name} is ${found.sqlType} in the data; the contract says ${expected}`;
  const isText = found.type === 'text' && !/\]$|^STRUCT|^MAP|^TIME|^BLOB/.test(found.sqlType);
  if (
    wanted === 'nested' ||
    (source.format === 'parquet' && (!isText || wanted === 'text')) ||
    (source.format === 'json' && wanted !== 'date' && wanted !== 'timestamp' && found.type !== 'text')
  ) {
    return settled(rule.severity, `${otherType}.`);
  }
  if (wanted === 'text') return settled('pass', `${column.name} is ${expected}.`);
  const text = found.type === 'text' ? column.cell : `CAST(${column.cell} AS VARCHAR)`;
  return {
    kind: 'rows',
    rule: 'type',
    column: column.name,
    severity: rule.severity,
    line: rule.line,
    violates: `${column.cell} IS NOT NULL AND (${castCell(text, wanted)}) IS NULL`,
    shown: column.cell,
    tolerance: null,
    ...(source.format === 'parquet' && { otherType }),
    expected,
    what: `not ${article(expected)}`,
  };
}

const article = (noun: string) => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;

/** An integer is a number, and in CSV a date is a timestamp and everything is a text. */
function fits(wanted: NonNullable<ReturnType<typeof declaredType>>, { source }: BoundColumn, format: 'csv' | 'parquet' | 'json'): boolean {
  const isTime = /^TIME(?!STAMP)/.test(source.sqlType);
  const isNested = /\]$|^STRUCT|^MAP|^JSON/.test(source.sqlType);
  if (wanted === 'time') return isTime;
  if (wanted === 'nested') return isNested;
  if (isTime || isNested) return false;
  if (wanted === 'number') return source.type === 'number' || source.type === 'integer';
  if (wanted === 'timestamp' && format !== 'parquet') return source.type === 'timestamp' || source.type === 'date';
  if (wanted === 'text' && format === 'json') return source.type === 'text' || source.type === 'date' || source.type === 'timestamp';
  if (wanted === 'text') return format === 'csv' || (source.type === 'text' && source.sqlType !== 'BLOB');
  return source.type === wanted;
}
