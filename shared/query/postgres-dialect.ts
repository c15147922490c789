import type { Dialect } from './dialect.ts';
import { enginePattern } from './engine-pattern.ts';
import { identifier, literal } from './sql-text.ts';

/** Of the greatest finite double; false for NaN and infinities whatever their order. */
const greatest = "CAST('1.7976931348623157E308' AS DOUBLE PRECISION)";

/**
 * PostgreSQL 12 and later, in a session whose time zone is UTC and whose strings are standard-conforming. It raises where others answer:
 * on sums and products beyond a double, on products below one, on logarithms of what is not positive and on powers out of range.
 */
export const postgresDialect: Dialect = {
  name: 'postgres',
  identifier,
  literal,
  double: (value) => `CAST('${value}' AS DOUBLE PRECISION)`,
  types: { double: 'DOUBLE PRECISION', bigint: 'BIGINT', wide: 'NUMERIC', text: 'TEXT' },
  isNaN: (x) => `(${x} = CAST('NaN' AS DOUBLE PRECISION))`,
  isFinite: (x) => `(abs(${x}) <= ${greatest})`,
  infinity: "CAST('Infinity' AS DOUBLE PRECISION)",
  floorLog2: (x) => `CAST(floor(ln(${x}) / CAST('0.6931471805599453' AS DOUBLE PRECISION)) AS BIGINT)`,
  pow2: (exponent) => `power(CAST(2 AS DOUBLE PRECISION), CAST(${exponent} AS DOUBLE PRECISION))`,
  bytewise: (text) => `(${text} COLLATE "C")`,
  // Of the UTF-8 bytes, whatever the database's own encoding is.
  md5: (text) => `md5(convert_to(${text}, 'UTF8'))`,
  hexToInteger: (hex) => `CAST(CAST('x' || lpad(${hex}, 16, '0') AS BIT(64)) AS BIGINT)`,
  text: (x) => `CAST(${x} AS TEXT)`,
  length: (text) => `CAST(char_length(${text}) AS BIGINT)`,
  day: (time) => `CAST(CAST(${time} AS DATE) AS TEXT)`,
  // extract() of numeric seconds is exact since PostgreSQL 14; before it was a double, good to a microsecond until the year 2255.
  microseconds: (time) =>
    `CAST(CASE WHEN isfinite(${time}) THEN round(CAST(extract(epoch FROM ${time}) * 1000000 AS NUMERIC)) END AS BIGINT)`,
  moment: (text) => `CAST(CAST(${literal(text)} AS TIMESTAMPTZ) AS TIMESTAMP)`,
  mean,
  deviation: (x) =>
    `CASE WHEN count(*) FILTER (WHERE abs(${x}) > 1e140 AND abs(${x}) <= ${greatest}) = 0 THEN stddev_samp(${x}) FILTER (WHERE abs(${x}) <= 1e140) ELSE CAST('Infinity' AS DOUBLE PRECISION) END`,
  countIf: (condition) => `count(*) FILTER (WHERE ${condition})`,
  // Anchors of a whole text: without the "newline-sensitive" flag, ^ and $ stand at its ends alone.
  matches: (text, pattern) => `(${text} ~ ${literal(`^(?:${enginePattern(pattern)})$`)})`,
};

/**
 * avg() raises where a square is beyond a double, sum() where a sum is, and a division where its result is too small. So large values are
 * summed apart, in units of 2^64, which is exact; a sum that would be beyond a double is infinite, and one below 1e-290 is 0.
 */
function mean(x: string): string {
  const double = (value: string) => `CAST('${value}' AS DOUBLE PRECISION)`;
  const unit = double('18446744073709551616');
  const large = `coalesce(sum(${x} / ${unit}) FILTER (WHERE abs(${x}) > 1e200 AND abs(${x}) <= ${greatest}), 0)`;
  const small = `coalesce(sum(${x}) FILTER (WHERE abs(${x}) <= 1e200), 0)`;
  const total = `(${small} + ${large} * ${unit})`;
  const count = `nullif(count(*) FILTER (WHERE abs(${x}) <= ${greatest}), 0)`;
  const infinite = (sign: '' | '-') => double(`${sign}Infinity`);
  return `CASE WHEN ${count} IS NULL THEN NULL WHEN ${large} > 9.7e288 THEN ${infinite('')} WHEN ${large} < -9.7e288 THEN ${infinite('-')} WHEN abs(${total}) < 1e-290 THEN 0 ELSE ${total} / ${count} END`;
}
