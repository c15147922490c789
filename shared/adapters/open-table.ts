import type { QueryEngine, SqlEngine } from '../query/query-engine.ts';
import { openRemoteTable } from '../source/open-remote-table.ts';
import type { ConnectEngine, OpenedTable } from '../source/remote-engine.ts';
import { isTableAddress } from '../source/table-address.ts';
import { openSource, type SourceRequest } from '../source/table-source.ts';

export interface TableRequest extends SourceRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For a database: of one statement; 10 minutes by default. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  /** Where files are opened, if there is such an engine already; it stays open then. */
  readonly engine?: QueryEngine;
}

/** `engine` is a `QueryEngine` where the source is files; a database has only what `SqlEngine` says, and no `__row`. */
export interface OpenedSource extends OpenedTable<SqlEngine> {
  close(): Promise<void>;
}

/**
 * Opens whatever a source names on the engine that asks it best: files in DuckDB, a table of PostgreSQL or Spark where it is, so that
 * only counts come back. The caller closes it.
 *
 * @throws as `openSource`, `readTableAddress`, `openPostgres` and `openSpark`
 */
export async function openTable(request: TableRequest): Promise<OpenedSource> {
  const { source, env, query, engine: given } = request;
  if (isTableAddress(source)) {
    const opened = await openRemoteTable({ source, ...(query !== undefined && { query }) }, connectEngine(env, request));
    return { ...opened, close: () => opened.engine.close() };
  }
  const engine = given ?? (await (await import('./duckdb/open-duckdb.ts')).openDuckDB());
  const close = async () => {
    if (engine !== given) await engine.close();
  };
  try {
    return { engine, source: await openSource(engine, request), close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Connects to the engine that an address names; clients are loaded when one is asked for. */
export const connectEngine =
  (env: TableRequest['env'], options: Pick<TableRequest, 'timeoutMilliseconds' | 'signal'> = {}): ConnectEngine =>
  async (address) => {
    const limits = {
      ...(options.timeoutMilliseconds !== undefined && { timeoutMilliseconds: options.timeoutMilliseconds }),
      ...(options.signal && { signal: options.signal }),
    };
    if (address.scheme === 'postgres') return (await import('./postgres/open-postgres.ts')).openPostgres(address, env, limits);
    return (await import('./spark/open-spark.ts')).openSpark(address, env, limits);
  };
