import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';

const millisecondsPerDay = 86_400_000;

/** A value as JSON knows it: integers as safe numbers, dates and times as ISO 8601 in UTC, lists and structs by their parts. */
export function plainValue(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return safeNumber(value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBDateValue) return isoDate(value);
  const milliseconds = epochMilliseconds(value);
  if (milliseconds !== undefined) return isoTime(milliseconds);
  if (value instanceof DuckDBListValue) return value.items.map(plainValue);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, part]) => [name, plainValue(part)]));
  return String(value);
}

/** Milliseconds since 1970 UTC of a date or timestamp of any precision; `undefined` for other values. */
export function epochMilliseconds(value: DuckDBValue): number | undefined {
  if (value instanceof DuckDBDateValue) return value.days * millisecondsPerDay;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return Number(value.micros) / 1_000;
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis);
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1_000;
  if (value instanceof DuckDBTimestampNanosecondsValue) return Number(value.nanos) / 1_000_000;
  return undefined;
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond 2^53; cast it to VARCHAR or DOUBLE in the query.`);
  return number;
}

const isoDate = (date: DuckDBDateValue) =>
  date.isFinite ? isoTime(date.days * millisecondsPerDay).slice(0, -'T00:00:00.000Z'.length) : String(date);

function isoTime(milliseconds: number): string {
  const date = new Date(Math.floor(milliseconds));
  return Number.isNaN(date.getTime()) ? 'beyond the calendar' : date.toISOString();
}
