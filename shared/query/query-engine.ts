import type { Dialect } from './dialect.ts';

/**
 * What is pushed down: an engine that answers SQL with few rows. DuckDB in this process, PostgreSQL or Spark elsewhere; whoever writes
 * SQL for all of them writes it through `dialect`.
 */
export interface SqlEngine {
  readonly dialect: Dialect;

  /**
   * All rows as plain objects, for small results. Integers and decimals of any width arrive as `number` (a count beyond 2^53 throws),
   * DATE and TIMESTAMP as ISO 8601 strings, NULL as `null`. What may be wider is cast to text by the query.
   */
  rows<Row = Readonly<Record<string, unknown>>>(sql: string): Promise<readonly Row[]>;

  /**
   * A large result in pieces of some thousand rows, in no certain order, each dropped after its visit. Only where the engine is in this
   * process: elsewhere the counting goes to the rows.
   */
  chunks?(sql: string, visit: (piece: ColumnTable) => void): Promise<void>;

  close(): Promise<void>;
}

/**
 * What the rooms that hold tables (dataset, scoring, evaluation) ask besides. The dialect is DuckDB's, which `shared/adapters/duckdb/`
 * implements; a test may use it directly, since the engine is embedded and opens in 100 ms.
 */
export interface QueryEngine extends SqlEngine {
  /** Runs one or more statements and drops their results. */
  run(sql: string): Promise<void>;

  /** All rows as one typed array per column, in result order: the fast way into JavaScript. */
  columns(sql: string): Promise<ColumnTable>;

  /** Adds rows to a table, in the order of its columns: DOUBLE, BIGINT and VARCHAR for numbers, integers and texts. */
  append(table: string, batches: AsyncIterable<ColumnTable>): Promise<void>;
}

/** Columns of equal length, in the order of the SELECT. */
export interface ColumnTable {
  readonly rowCount: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** A missing value is `NaN` in `numbers` together with a 1 in `nulls`; a NaN that the data holds has no such mark. */
export type Column = NumberColumn | IntegerColumn | TextColumn;

/** DOUBLE, FLOAT, DECIMAL, BOOLEAN (0 and 1), and integers up to 32 bits; dates and timestamps as milliseconds since 1970 UTC. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly values: Float64Array;
  /** 1 where the value is NULL; absent where none is. */
  readonly nulls?: Uint8Array;
}

/** BIGINT: exact, and cheap to hand to an int64 tensor. NULL is 0n with its mark in `nulls`. */
export interface IntegerColumn {
  readonly kind: 'integer';
  readonly values: BigInt64Array;
  readonly nulls?: Uint8Array;
}

export interface TextColumn {
  readonly kind: 'text';
  readonly values: readonly (string | null)[];
}
