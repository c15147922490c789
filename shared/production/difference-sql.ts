import { canonicalText } from '../dataset/canonical-text.ts';
import { castText } from '../source/column-type.ts';
import type { SourceColumn } from '../source/table-source.ts';

export interface ComparedColumn {
  /** Of the training data; `other` of the log. */
  readonly column: SourceColumn;
  readonly other: SourceColumn;
  /** Of numbers; null elsewhere. */
  readonly tolerance: number | null;
}

/**
 * SQL of how a value of the training data and one of the log differ: 0 equal, 1 another value, 2 null in training alone, 3 null in serving
 * alone, 4 an equal value of another type.
 */
export function differenceSql({ column, tolerance }: ComparedColumn, ours: string, theirs: string, kind: string): string {
  const wantsNumber = column.type === 'number' || column.type === 'integer';
  const text = `CAST(${theirs} AS VARCHAR)`;
  if (wantsNumber) {
    const a = `CASE WHEN NOT isnan(CAST(${ours} AS DOUBLE)) THEN CAST(${ours} AS DOUBLE) END`;
    const b = `CASE WHEN ${kind} = 'boolean' THEN CAST(TRY_CAST(${text} AS BOOLEAN) AS DOUBLE) ELSE TRY_CAST(${text} AS DOUBLE) END`;
    return decide({
      nullOurs: `(${a}) IS NULL`,
      nullTheirs: `(${theirs} IS NULL OR coalesce(isnan(${b}), false))`,
      equal: `coalesce(abs((${a}) - (${b})) <= ${tolerance ?? 0} * greatest(1, abs(${a}), abs(${b})) OR (${a}) = (${b}), false)`,
      sameType: `${kind} = 'number'`,
    });
  }
  if (column.type === 'timestamp' || column.type === 'date') {
    const moment = `CASE WHEN ${kind} = 'time' THEN TRY_CAST(${text} AS TIMESTAMP) WHEN ${kind} = 'text' THEN ${castText(text, 'timestamp')} END`;
    return decide({
      nullOurs: `${ours} IS NULL`,
      nullTheirs: `${theirs} IS NULL`,
      equal: `coalesce(epoch_us(CAST(${ours} AS TIMESTAMP)) = epoch_us(${moment}), false)`,
      sameType: 'true',
    });
  }
  const own = column.type === 'boolean' ? `CAST(${ours} AS VARCHAR)` : canonicalText(ours, column);
  const equal =
    column.type === 'boolean'
      ? `coalesce(CAST(${ours} AS BOOLEAN) = TRY_CAST(${text} AS BOOLEAN), false)`
      : `coalesce(${own} = ${text}, false)`;
  return decide({
    nullOurs: `${ours} IS NULL`,
    nullTheirs: `${theirs} IS NULL`,
    equal,
    sameType: column.type === 'boolean' ? `${kind} = 'boolean'` : `${kind} IN ('text', 'time')`,
  });
}

const decide = (sql: { nullOurs: string; nullTheirs: string; equal: string; sameType: string }) =>
  `CASE WHEN ${sql.nullOurs} THEN CASE WHEN ${sql.nullTheirs} THEN 0 ELSE 2 END WHEN ${sql.nullTheirs} THEN 3 WHEN NOT ${sql.equal} THEN 1 WHEN ${sql.sameType} THEN 0 ELSE 4 END`;
