import { literal } from '../query/sql-text.ts';
import type { SourceColumn } from '../source/table-source.ts';

type Typed = Pick<SourceColumn, 'type' | 'sqlType'>;

/** Doubles below this hold every integer. */
const exactIntegers = '9007199254740992';

/**
 * SQL for a value as text, the same whatever file and width it was stored in: `1`, `1.0` and DECIMAL `1.00` are `1`, a date and a
 * timestamp are microseconds since 1970 UTC, so a table has the same identities as CSV, as Parquet and after a round trip through pandas.
 * NULL stays NULL. Nothing here depends on the machine, its time zone or the order of rows.
 */
export function canonicalText(sql: string, { type, sqlType }: Typed): string {
  const plain = `CAST(${sql} AS VARCHAR)`;
  if (type === 'number') {
    // Zeros after the point carry no value; DECIMAL never goes through a double, which would round it.
    if (sqlType.toUpperCase().startsWith('DECIMAL'))
      return `CASE WHEN contains(${plain}, '.') THEN rtrim(rtrim(${plain}, '0'), '.') ELSE ${plain} END`;
    return `CASE WHEN isfinite(${sql}) AND ${sql} = trunc(${sql}) AND abs(${sql}) < ${exactIntegers} THEN CAST(TRY_CAST(${sql} AS BIGINT) AS VARCHAR) ELSE ${plain} END`;
  }
  // `infinity` has no microseconds.
  if (type === 'timestamp' && sqlType.toUpperCase() === 'TIMESTAMP_NS')
    return `CASE WHEN epoch_ns(${sql}) % 1000 = 0 THEN CAST(epoch_us(${sql}) AS VARCHAR) ELSE ${plain} END`;
  if (type === 'timestamp' || type === 'date') return `coalesce(CAST(epoch_us(${sql}) AS VARCHAR), ${plain})`;
  return plain;
}

/**
 * SQL for a row's content as one text: every value with its bytes counted before it, so that no two rows look alike, columns by name, so that
 * their order in the file does not count.
 */
export function rowText(columns: readonly (Typed & { readonly name: string; readonly sql: string })[]): string {
  const parts = [...columns]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((column) => {
      const text = canonicalText(column.sql, column);
      // concat() passes over NULL, which leaves a colon alone: `:` is missing, `0:` is an empty text.
      return `strlen(${text}), ':', ${text}`;
    });
  return parts.length === 0 ? literal('') : `concat(${parts.join(', ')})`;
}
