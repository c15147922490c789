import type { Dialect } from './dialect.ts';
import { identifier, literal } from './sql-text.ts';

export const duckdbDialect: Dialect = {
  name: 'duckdb',
  identifier,
  // Its parser ends at a NUL, which its texts may hold.
  literal: (text) => (text.includes('\0') ? `(${text.split('\0').map(literal).join(' || chr(0) || ')})` : literal(text)),
  double: (value) => `CAST('${value}' AS DOUBLE)`,
  types: { double: 'DOUBLE', bigint: 'BIGINT', wide: 'HUGEINT', text: 'VARCHAR' },
  isNaN: (x) => `isnan(${x})`,
  isFinite: (x) => `isfinite(${x})`,
  infinity: "CAST('Infinity' AS DOUBLE)",
  floorLog2: (x) => `CAST(floor(log2(${x})) AS BIGINT)`,
  pow2: (exponent) => `pow(CAST(2 AS DOUBLE), ${exponent})`,
  bytewise: (text) => text,
  md5: (text) => `md5(${text})`,
  hexToInteger: (hex) => `CAST('0x' || ${hex} AS BIGINT)`,
  text: (x) => `CAST(${x} AS VARCHAR)`,
  length: (text) => `CAST(length(${text}) AS BIGINT)`,
  day: (time) => `CAST(CAST(${time} AS DATE) AS VARCHAR)`,
  microseconds: (time) => `epoch_us(CAST(${time} AS TIMESTAMP))`,
  moment: (text) => `CAST(CAST(${literal(text)} AS TIMESTAMPTZ) AS TIMESTAMP)`,
  mean: (x) => `avg(${x}) FILTER (WHERE isfinite(${x}))`,
  // It raises where squares are beyond a double.
  deviation: (x) =>
    `CASE WHEN count_if(isfinite(${x}) AND abs(${x}) > 1e140) = 0 THEN stddev_samp(${x}) FILTER (WHERE abs(${x}) <= 1e140) ELSE CAST('Infinity' AS DOUBLE) END`,
  countIf: (condition) => `count_if(${condition})`,
  matches: (text, pattern) => `regexp_full_match(${text}, ${literal(pattern)})`,
};
