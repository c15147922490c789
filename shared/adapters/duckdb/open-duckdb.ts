import { tmpdir } from 'node:os';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { InfrastructureError } from '../../errors.ts';
import { duckdbDialect } from '../../query/duckdb-dialect.ts';
import type { ColumnTable, QueryEngine } from '../../query/query-engine.ts';

export interface DuckDBOptions {
  /** As DuckDB writes it, `3GB`; 80 % of the machine by default. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** Where results that outgrow the memory go; the system's temporary folder by default. */
  readonly tempDirectory?: string;
  /**
   * Absolute folders that SQL may read and write; every other file, the network and extensions are then closed for good. For SQL that a
   * stranger wrote (a rule of a pull request's contract) beside data and secrets.
   */
  readonly reach?: readonly string[];
}

/**
 * DuckDB in this process, in memory. Statements of one engine run one after the other, so that a half-read result is never
 * invalidated by the next query. Nothing is installed or loaded from the network, and times are UTC whatever the machine's zone.
 *
 * @throws InfrastructureError `ENGINE_UNAVAILABLE` where the native library can't be loaded.
 */
export async function openDuckDB(options: DuckDBOptions = {}): Promise<QueryEngine> {
  const connection = await connect(options);
  // These import the native library too, which a run without data need not load.
  const [{ collectColumns }, { plainValue }] = await Promise.all([import('./collect-columns.ts'), import('./plain-value.ts')]);
  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = previous.then(work, work).catch((cause: unknown) => {
      throw engineError(cause);
    });
    previous = turn.catch(() => undefined);
    return turn;
  };

  return {
    dialect: duckdbDialect,

    run: (sql) => inTurn(async () => void (await connection.run(sql))),

    rows: <Row>(sql: string) =>
      inTurn(async () => {
        const result = await connection.run(sql);
        const names = result.deduplicatedColumnNames();
        // A column may be named __proto__: entries define it as a plain property, assignment, which is far faster, would not.
        const rowOf = names.includes('__proto__')
          ? (columns: readonly DuckDBValue[][], row: number) =>
              Object.fromEntries(names.map((name, index) => [name, plainValue(columns[index]![row] ?? null)]))
          : (columns: readonly DuckDBValue[][], row: number) => {
              const made: Record<string, unknown> = {};
              for (let index = 0; index < names.length; index++) made[names[index]!] = plainValue(columns[index]![row] ?? null);
              return made;
            };
        const rows: Record<string, unknown>[] = [];
        for (const chunk of await result.fetchAllChunks()) {
          const columns = chunk.getColumns();
          for (let row = 0; row < chunk.rowCount; row++) rows.push(rowOf(columns, row));
        }
        // The caller names the shape that its own SELECT produces.
        return rows as unknown as readonly Row[];
      }),

    chunks: (sql, visit) =>
      inTurn(async () => {
        const result = await connection.stream(sql);
        const [names, types] = [result.deduplicatedColumnNames(), result.columnTypes()];
        // The engine fills the next piece while this one is visited.
        let next = result.fetchChunk();
        for (let chunk = await next; chunk && chunk.rowCount > 0; chunk = await next) {
          next = result.fetchChunk();
          try {
            visit(collectColumns(names, types, [chunk]));
          } catch (cause) {
            await next.catch(() => undefined);
            throw cause;
          }
        }
      }),

    columns: (sql): Promise<ColumnTable> =>
      inTurn(async () => {
        const result = await connection.stream(sql);
        const chunks: DuckDBDataChunk[] = [];
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) chunks.push(chunk);
        return collectColumns(result.deduplicatedColumnNames(), result.columnTypes(), chunks);
      }),

    async append(table, batches) {
      const { appendBatch } = await import('./append-batches.ts');
      const appender = await inTurn(() => connection.createAppender(table));
      try {
        // Between two batches other statements have their turn: the rows are on their way for long.
        for await (const batch of batches) await inTurn(async () => appendBatch(appender, batch));
      } finally {
        await inTurn(async () => appender.closeSync());
      }
    },

    close: () =>
      inTurn(async () => {
        connection.closeSync();
      }),
  };
}

/** What no room foresaw: a damaged page, a full disk, not enough memory. Its first line is the engine's own, which rooms may read. */
function engineError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof InfrastructureError || cause instanceof RangeError) return cause;
  // These two quote the value that they stumble over, which must not leave the runner.
  const [, kind] = /^((?:Conversion|Out of Range) Error)\b/.exec(cause.message) ?? [];
  return new InfrastructureError('ENGINE_FAILED', kind ? `${kind}: a value of the data does not fit its type.` : cause.message, { cause });
}

async function connect(options: DuckDBOptions): Promise<DuckDBConnection> {
  try {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: options.tempDirectory ?? options.reach?.[0] ?? tmpdir(),
      ...(options.memoryLimit !== undefined && { memory_limit: options.memoryLimit }),
      ...(options.threads !== undefined && { threads: String(options.threads) }),
    });
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    if (options.reach) {
      const folders = options.reach.map((folder) => `'${`${folder}/`.replaceAll("'", "''")}'`);
      await connection.run(`SET allowed_directories = [${folders.join(', ')}]`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    }
    return connection;
  } catch (cause) {
    throw new InfrastructureError('ENGINE_UNAVAILABLE', `DuckDB did not start: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
