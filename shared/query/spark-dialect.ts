import type { Dialect } from './dialect.ts';
import { enginePattern } from './engine-pattern.ts';

/** Of the greatest finite double; false for NaN, which is greater than all here. */
const greatest = "CAST('1.7976931348623157E308' AS DOUBLE)";

/**
 * Spark SQL 3.4 and later, and what speaks as it does (Sail), in a session whose time zone is UTC. Its literals know escapes, and text in
 * `${…}` would be replaced by settings of the server before SQL is parsed, so a dollar never stands in one.
 */
export const sparkDialect: Dialect = {
  name: 'spark',
  identifier: (name) => `\`${name.replaceAll('`', '``')}\``,
  literal,
  double: (value) => `CAST('${value}' AS DOUBLE)`,
  types: { double: 'DOUBLE', bigint: 'BIGINT', wide: 'DECIMAL(38,0)', text: 'STRING' },
  // isnan(NULL) is false here.
  isNaN: (x) => `(CASE WHEN ${x} IS NOT NULL THEN isnan(${x}) END)`,
  isFinite: finite,
  infinity: "CAST('Infinity' AS DOUBLE)",
  floorLog2: (x) => `CAST(floor(log2(${x})) AS BIGINT)`,
  pow2: (exponent) => `pow(CAST(2 AS DOUBLE), CAST(${exponent} AS DOUBLE))`,
  bytewise: (text) => text,
  md5: (text) => `md5(CAST(${text} AS BINARY))`,
  hexToInteger: (hex) => `CAST(conv(${hex}, 16, 10) AS BIGINT)`,
  text: (x) => `CAST(${x} AS STRING)`,
  length: (text) => `CAST(char_length(${text}) AS BIGINT)`,
  day: (time) => `CAST(CAST(${time} AS DATE) AS STRING)`,
  microseconds: (time) => `unix_micros(CAST(${time} AS TIMESTAMP))`,
  // Of no zone, as the others' are; it compares with both kinds of Spark's.
  moment: (text) => `CAST(CAST(${literal(text)} AS TIMESTAMP) AS TIMESTAMP_NTZ)`,
  mean: (x) => `avg(CASE WHEN ${finite(x)} THEN ${x} END)`,
  deviation: (x) =>
    `CASE WHEN count_if(${finite(x)} AND abs(${x}) > 1e140) = 0 THEN stddev_samp(CASE WHEN abs(${x}) <= 1e140 THEN ${x} END) ELSE CAST('Infinity' AS DOUBLE) END`,
  countIf: (condition) => `count_if(${condition})`,
  // \z and not $, which Java also lets stand before a last line feed.
  matches: (text, pattern) => `(${text} RLIKE ${literal(`^(?:${enginePattern(pattern)})\\z`)})`,
};

function literal(text: string): string {
  return `'${text.replace(/[\\'$]/g, (letter) => (letter === '$' ? '\\u0024' : `\\${letter}`))}'`;
}

function finite(x: string): string {
  return `(abs(${x}) <= ${greatest})`;
}
