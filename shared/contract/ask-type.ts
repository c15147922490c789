import type { SourceFormat } from '../source/table-source.ts';
import type { Asking } from './ask-rule.ts';
import { type BoundColumn, castCell } from './bind-columns.ts';
import type { RuleOf } from './contract.ts';
import { declaredType } from './declared-types.ts';
import { notChecked } from './not-checked.ts';
import { settled as notAsked, type Question } from './question.ts';
import { hasOwnTypes, hasRowNumbers, isBinary, isJson, isNested, isTimeOfDay } from './sql-kinds.ts';

/**
 * Parquet and the tables of an engine say what a column is, so its type is compared without a look at the rows. In CSV a type is what every value is:
 * those that aren't are counted and named. JSON has numbers, booleans and texts of its own, but its dates are texts.
 */
export function askType(rule: RuleOf<'type'>, column: BoundColumn, { source, file, dialect }: Asking): Question {
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
  const isText = found.type === 'text' && !isNested(found.sqlType) && !isTimeOfDay(found.sqlType) && !isBinary(found.sqlType);
  if (!hasRowNumbers(source.format) && isText && (wanted === 'nested' || wanted === 'time')) {
    const what = `the type ${expected}, since lists, objects and times of day of a table are read as text`;
    return notAsked(notChecked({ column: column.name, what, forPeople: false, line: rule.line }, file));
  }
  if (
    wanted === 'nested' ||
    // What other texts a column holds is worth a scan only where its rows can then be named.
    !hasRowNumbers(source.format) ||
    (hasOwnTypes(source.format) && (!isText || wanted === 'text')) ||
    (source.format === 'json' && wanted !== 'date' && wanted !== 'timestamp' && found.type !== 'text')
  ) {
    return settled(rule.severity, `${otherType}.`);
  }
  if (wanted === 'text') return settled('pass', `${column.name} is ${expected}.`);
  const text = found.type === 'text' ? column.cell : dialect.text(column.cell);
  return {
    kind: 'rows',
    rule: 'type',
    column: column.name,
    severity: rule.severity,
    line: rule.line,
    violates: `${column.cell} IS NOT NULL AND (${castCell(text, wanted)}) IS NULL`,
    shown: column.cell,
    tolerance: null,
    ...(hasOwnTypes(source.format) && { otherType }),
    expected,
    what: `not ${article(expected)}`,
  };
}

const article = (noun: string) => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;

/** An integer is a number, and in CSV a date is a timestamp and everything is a text. */
function fits(wanted: NonNullable<ReturnType<typeof declaredType>>, { source }: BoundColumn, format: SourceFormat): boolean {
  const isTime = isTimeOfDay(source.sqlType);
  const hasParts = isNested(source.sqlType) || isJson(source.sqlType);
  if (wanted === 'time') return isTime;
  if (wanted === 'nested') return hasParts;
  if (isTime || hasParts) return false;
  if (wanted === 'number') return source.type === 'number' || source.type === 'integer';
  if (wanted === 'timestamp' && !hasOwnTypes(format)) return source.type === 'timestamp' || source.type === 'date';
  if (wanted === 'text' && format === 'json') return source.type === 'text' || source.type === 'date' || source.type === 'timestamp';
  if (wanted === 'text') return format === 'csv' || (source.type === 'text' && !isBinary(source.sqlType));
  return source.type === wanted;
}
