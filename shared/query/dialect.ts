/**
 * What engines spell differently. Every method gives SQL text that answers the same on all of them, bit for bit: the conformance suite
 * (`test/conformance/sql-engine.ts`) holds them to it. Arguments are SQL expressions, except where a name says otherwise.
 */
export interface Dialect {
  readonly name: 'duckdb' | 'postgres' | 'spark';

  /** A name as SQL writes it: every identifier that comes from data or config passes through here. */
  identifier(name: string): string;
  /** A string literal: every value and pattern that comes from data or config passes through here. */
  literal(text: string): string;
  /** A double literal of exactly this value; finite. */
  double(value: number): string;

  /** SQL types. `wide` holds exact integers of at least 120 bits, as sums of squares need. */
  readonly types: { readonly double: string; readonly bigint: string; readonly wide: string; readonly text: string };

  /** Whether a double is NaN; NULL for NULL. */
  isNaN(x: string): string;
  /** Whether a double is neither NaN nor infinite; NULL for NULL. */
  isFinite(x: string): string;
  /** 'Infinity' as a double. */
  readonly infinity: string;
  /** A guess of floor(log2(x)), at most one off, as a bigint; x > 0. */
  floorLog2(x: string): string;
  /** 2 to a whole power, exact. */
  pow2(exponent: string): string;

  /** A text in an order and an equality of bytes. */
  bytewise(text: string): string;
  /** The lower-case hex MD5 of a text's UTF-8 bytes. */
  md5(text: string): string;
  /** A number of hex digits (at most 15) as a bigint. */
  hexToInteger(hex: string): string;
  /** The text of a value as all engines write it: integers plain, booleans `true` and `false`. Not for doubles. */
  text(x: string): string;
  /** A text's length in Unicode code points, as a bigint. */
  length(text: string): string;

  /** `YYYY-MM-DD` of a date or timestamp, UTC; years before 1 or beyond 9999 as the engine has them. */
  day(time: string): string;
  /** Whole microseconds since 1970-01-01T00:00:00Z of a date or timestamp, as a bigint; negative before. */
  microseconds(time: string): string;

  /** A timestamp literal of a text in ISO 8601 (a space for the T is fine); UTC where the text names no offset. */
  moment(text: string): string;

  /** The mean of the finite values of a double; NULL without any, infinite where their sum is beyond a double. */
  mean(x: string): string;
  /** The sample standard deviation of the same values; NULL below two, infinite where one is beyond ±1e140. */
  deviation(x: string): string;

  /** A count of the rows where the condition holds, as a bigint; 0 without rows. */
  countIf(condition: string): string;
  /** Whether a text matches a pattern (RE2 / Java / POSIX common subset) as a whole. */
  matches(text: string, pattern: string): string;
}
