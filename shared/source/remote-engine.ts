import type { ColumnTable, SqlEngine } from '../query/query-engine.ts';
import type { TableAddress } from './table-address.ts';
import type { SourceColumn, TableSource } from './table-source.ts';

/** A database elsewhere, as tables are opened in it. Statements read and never write. */
export interface RemoteEngine extends SqlEngine {
  /**
   * The columns of a relation as SQL gives it. `castToText` names those that hold what no other engine has (UUIDs, JSON, lists …).
   * @throws UserError TABLE_NOT_FOUND, TABLE_ACCESS_DENIED, QUERY_INVALID
   */
  describe(relation: string): Promise<readonly RemoteColumn[]>;

  /** A statement's rows, some thousands at a time, so that memory stays flat. Columns are doubles, bigints and texts alone. */
  batches(sql: string): AsyncIterable<ColumnTable>;
}

export interface RemoteColumn extends SourceColumn {
  readonly castToText: boolean;
}

export interface RemoteOptions {
  /** Of one statement; 10 minutes by default. */
  readonly timeoutMilliseconds?: number;
  /** Until a connection stands; 15 seconds by default, 60 of Spark. */
  readonly connectMilliseconds?: number;
  /** Ends the statement that runs, on the server too, and refuses further ones. */
  readonly signal?: AbortSignal;
}

/** The engine that an address names, with the credentials that the surroundings hold. */
export type ConnectEngine = (address: TableAddress) => Promise<RemoteEngine>;

/** A table on the engine that holds it. Whoever opened it closes the engine. */
export interface OpenedTable<Engine extends SqlEngine = SqlEngine> {
  readonly engine: Engine;
  readonly source: TableSource;
}
