import { UserError } from '../errors.ts';
import { castText } from '../source/column-type.ts';
import type { SourceColumn } from '../source/table-source.ts';

/** A column's times as BIGINT that can be compared: microseconds since 1970 UTC, or the number itself where time is counted. */
export interface TimeKey {
  readonly sql: string;
  /** A counted time (an epoch, a step, a week number) has an order but no unit: durations and dates don't apply to it. */
  readonly kind: 'instant' | 'number';
}

/**
 * A date is its midnight in UTC. A time without an offset is taken as UTC, one with an offset is converted; text is read as ISO 8601,
 * and what can't be read is NULL.
 *
 * @throws UserError `TIME_TYPE` for a column that can't be a time.
 */
export function timeKey(sql: string, column: SourceColumn, option: string): TimeKey {
  switch (column.type) {
    case 'timestamp':
    case 'date':
      return { sql: `epoch_us(${sql})`, kind: 'instant' };
    case 'text':
      return { sql: `epoch_us(${castText(`CAST(${sql} AS VARCHAR)`, 'timestamp')})`, kind: 'instant' };
    case 'integer':
      return { sql: `TRY_CAST(${sql} AS BIGINT)`, kind: 'number' };
    default:
      throw new UserError(
        'TIME_TYPE',
        `${option} names ${column.name}, which holds ${column.sqlType} and no times.`,
        'Name a column of timestamps, dates, ISO 8601 text or whole numbers.',
      );
  }
}

/** Durations and dates need real times. */
export function requireInstant(key: TimeKey, column: SourceColumn, option: string): void {
  if (key.kind === 'instant') return;
  throw new UserError(
    'TIME_WITHOUT_UNIT',
    `${option} needs times, but ${column.name} holds plain numbers (${column.sqlType}), whose unit is unknown.`,
    'Store the column as timestamps, or leave the option out.',
  );
}
