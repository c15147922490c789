import { literal } from '../query/sql-text.ts';
import type { BoundColumn } from './bind-columns.ts';
import type { Bound, RuleOf, Scalar } from './contract.ts';

export const isMoment = ({ type }: BoundColumn) => type === 'date' || type === 'timestamp';
export const isNumber = ({ type }: BoundColumn) => type === 'number' || type === 'integer';

/** SQL for "outside the range", undefined where the column can't be compared with its bounds. NaN is missing, so it is never outside. */
export function outside(rule: RuleOf<'range'>, column: BoundColumn): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rule;
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined);
  const numeric = bounds.every((bound) => typeof bound === 'number');
  if (numeric ? !isNumber(column) : !isMoment(column) && column.type !== 'time') return undefined;
  const sql = (bound: Bound) => boundText(bound, column);
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
  return column.isFloat ? `(${parts.join(' OR ')}) AND NOT isnan(${value})` : parts.join(' OR ');
}

function boundText(bound: Bound, { type }: BoundColumn): string {
  if (typeof bound === 'number') return String(bound);
  if (type === 'time') return `CAST(${literal(bound)} AS TIME)`;
  // Through TIMESTAMPTZ, since a plain cast drops an offset.
  return `CAST(CAST(${literal(bound)} AS TIMESTAMPTZ) AS TIMESTAMP)`;
}

/** Numbers are compared as numbers where the column has them, else everything as text. */
export function within(column: BoundColumn, values: readonly Scalar[]): string {
  if (values.length === 0) return 'false';
  if (
    isNumber(column) &&
    values.every(
      (value) => typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))),
    )
  ) {
    const listed = `${column.value} IN (${values.map((value) => String(Number(value))).join(', ')})`;
    return column.isFloat ? `(${listed} OR isnan(${column.value}))` : listed;
  }
  if (isMoment(column) && values.every((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)))) {
    return `${column.value} IN (${values.map((value) => boundText(String(value), column)).join(', ')})`;
  }
  const text = column.type === 'text' ? column.value : `CAST(${column.value} AS VARCHAR)`;
  return `${text} IN (${values.map((value) => literal(String(value))).join(', ')})`;
}
