import type { SourceColumn } from '../source/table-source.ts';

/** A log as SQL before anything is left out. */
export interface StagedLog {
  /**
   * Relation of every line: `file` (from 1), `line`, `broken` (codes), `unknown` (names), and the fields: id, model, version, variant,
   * prediction and label as text, `time` TIMESTAMP in UTC, `score` and `latency_ms` DOUBLE, `degraded`, `features` STRUCT, and `complete`:
   * whether all features that were asked for are keys of the line.
   */
  readonly rows: string;
  /** In the order in which they are first seen (JSON) or stored (Parquet). */
  readonly features: readonly SourceColumn[];
  /** A feature's value as an expression on `rows`. */
  readonly featureSql: Readonly<Record<string, string>>;
  /** What the log holds there: 'text', 'number', 'boolean' or 'time', as an expression on `rows`. */
  readonly kindSql: Readonly<Record<string, string>>;
  /** What `line` counts, for people. */
  readonly place: 'line' | 'row';
}
