import type { Dialect } from '../query/dialect.ts';
import type { BoundColumn } from './bind-columns.ts';
import type { Bound, RuleOf, Scalar } from './contract.ts';
import { isNarrowFloat, isNumeric } from './sql-kinds.ts';

export const isMoment = ({ type }: BoundColumn) => type === 'date' || type === 'timestamp';
export const isNumber = ({ type }: BoundColumn) => type === 'number' || type === 'integer';

/** SQL for "outside the range", undefined where the column can't be compared with its bounds. NaN is missing, so it is never outside. */
export function outside(rule: RuleOf<'range'>, column: BoundColumn, dialect: Dialect): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rule;
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined);
  const numeric = bounds.every((bound) => typeof bound === 'number');
  if (numeric ? !isNumber(column) : !isMoment(column) && column.type !== 'time') return undefined;
  const sql = (bound: Bound) => boundText(bound, column, dialect);
  const { value } = column;
  const parts =
    minimum !== undefined && maximum !== undefined
      ? [`${value} NOT BETWEEN ${sql(minimum)} AND ${sql(maximum)}`]
      : [
          ...(minimum !== undefined ? [`${value} < ${sql(minimum)}`] : []),
          ...(maximum !== undefined ? [`${value} > ${sql(maximum)}`] : []),
        ];
  if (exclusiveMinimum !== undefined) parts.push(`${value} <= ${sql(exclusiveMinimum)}`);
  if (exclusiveMaximum !== undefined) parts.push(`${value} >= ${sql(exclusiveMaximum)}`);
  return column.isFloat ? `(${parts.join(' OR ')}) AND NOT ${column.isNaN}` : parts.join(' OR ');
}

function boundText(bound: Bound, { type, isFloat, source }: BoundColumn, dialect: Dialect): string {
  if (typeof bound === 'number') {
    // Beside a float a plain 0.1 is a decimal, to which some engines then cast the column.
    if (!isFloat || isNumeric(source.sqlType)) return String(bound);
    return isNarrowFloat(source.sqlType) ? `CAST(${dialect.double(bound)} AS REAL)` : dialect.double(bound);
  }
  if (type === 'time') return `CAST(${dialect.literal(bound)} AS TIME)`;
  // As a time, a day of the year 1 or 9999 is beyond what some engines hold.
  return type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(bound) ? `CAST(${dialect.literal(bound)} AS DATE)` : dialect.moment(bound);
}

/** Numbers are compared as numbers where the column has them, else everything as text. */
export function within(column: BoundColumn, values: readonly Scalar[], dialect: Dialect): string {
  if (values.length === 0) return 'false';
  if (
    isNumber(column) &&
    values.every(
      (value) => typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))),
    )
  ) {
    const listed = `${column.value} IN (${values.map((value) => boundText(Number(value), column, dialect)).join(', ')})`;
    return column.isFloat ? `(${listed} OR ${column.isNaN})` : listed;
  }
  if (isMoment(column) && values.every((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)))) {
    return `${column.value} IN (${values.map((value) => boundText(String(value), column, dialect)).join(', ')})`;
  }
  // No two engines write a float alike: what isn't a number can't be in a column of them.
  if (column.type === 'number') return isOneOf(column.value, values.map(String), column, dialect);
  return `${dialect.bytewise(column.text)} IN (${values.map((value) => dialect.literal(String(value))).join(', ')})`;
}

/** SQL for "the cell, as it is stored, says one of these texts": by its number where the column has numbers that are not whole. */
export function says(column: BoundColumn, texts: readonly string[], dialect: Dialect): string {
  const { cell, source } = column;
  if (source.type === 'number') return isOneOf(cell, texts, column, dialect);
  if (texts.length === 0) return 'false';
  return `${dialect.bytewise(dialect.text(cell))} IN (${texts.map(dialect.literal).join(', ')})`;
}

function isOneOf(number: string, texts: readonly string[], column: BoundColumn, dialect: Dialect): string {
  const finite = texts.filter((text) => text.trim() !== '' && Number.isFinite(Number(text)));
  const parts = finite.length > 0 ? [`${number} IN (${finite.map((text) => boundText(Number(text), column, dialect)).join(', ')})`] : [];
  for (const sign of ['', '-']) {
    const infinite = texts.some((text) => new RegExp(`^${sign === '' ? '[+]?' : sign}inf(?:inity)?$`, 'i').test(text.trim()));
    if (infinite && column.isFloat) parts.push(`${number} = ${sign}${dialect.infinity}`);
  }
  return parts.length > 0 ? `(${parts.join(' OR ')})` : 'false';
}
