import { randomUUID } from 'node:crypto';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { ColumnTable } from '../../query/query-engine.ts';
import { sparkDialect } from '../../query/spark-dialect.ts';
import type { RemoteEngine, RemoteOptions } from '../../source/remote-engine.ts';
import type { TableAddress } from '../../source/table-address.ts';
import { connectSpark } from './connect-spark.ts';
import { type Environment, readSparkSettings } from './read-spark-settings.ts';
import { sparkError } from './spark-error.ts';
import { configRequest, executeRequest, interruptRequest, releaseRequest, type SparkSession } from './spark-messages.ts';

/** What SQL means must not hang on how a server was set up. */
const settingsOfSession = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.ansi.enabled': 'true',
  // Else ${…} in a name or a text is replaced before the statement is parsed.
  'spark.sql.variable.substitute': 'false',
  'spark.sql.parser.escapedStringLiterals': 'false',
};
/** Of the small requests about a query, not of the query. */
const smallRequestMilliseconds = 30_000;

/**
 * A session of Spark Connect. Statements run one after the other; each has a deadline, at which the server is told to stop too.
 *
 * @throws UserError ADDRESS_INVALID, NO_CREDENTIALS, ENGINE_TLS, ENGINE_ACCESS_DENIED; InfrastructureError ENGINE_UNREACHABLE.
 *   Statements: see `sparkError`, and InfrastructureError QUERY_TIMEOUT, QUERY_CANCELLED.
 */
export async function openSpark(address: TableAddress, env: Environment, options: RemoteOptions = {}): Promise<RemoteEngine> {
  const { shown } = address;
  const { timeoutMilliseconds = 600_000, connectMilliseconds = 60_000, signal } = options;
  const settings = await readSparkSettings(address, env);
  const [connection, arrow] = await Promise.all([connectSpark(settings), import('./arrow-values.ts')]);
  const session: SparkSession = { sessionId: randomUUID(), user: settings.user, clientType: 'weighin' };
  if (signal?.aborted) throw cancelled(shown);
  try {
    await connection.ask('Config', configRequest(session, settingsOfSession), connectMilliseconds);
  } catch (cause) {
    connection.close();
    const error = sparkError(shown, cause, false);
    throw error instanceof InfrastructureError && error.code === 'QUERY_TIMEOUT'
      ? new InfrastructureError('ENGINE_UNREACHABLE', `${shown} can't be reached: no answer came in ${connectMilliseconds / 1_000} s.`)
      : error;
  }

  async function* tables(sql: string): AsyncIterable<ReturnType<typeof arrow.readArrow>> {
    if (signal?.aborted) throw cancelled(shown);
    const operationId = randomUUID();
    const interrupt = () =>
      connection.ask('Interrupt', interruptRequest(session, operationId), smallRequestMilliseconds).catch(() => undefined);
    const call = connection.stream('ExecutePlan', executeRequest(session, operationId, sql), timeoutMilliseconds);
    const onAbort = () => {
      void interrupt();
      call.cancel();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    let ended = false;
    try {
      for await (const batch of call.batches) yield arrow.readArrow(batch);
      ended = true;
    } catch (cause) {
      if (cause instanceof RangeError || cause instanceof UserError) throw cause;
      if (signal?.aborted) throw cancelled(shown);
      const error = sparkError(shown, cause, true);
      if (!(error instanceof InfrastructureError && error.code === 'QUERY_TIMEOUT')) {
        ended = true;
        throw error;
      }
      throw new InfrastructureError('QUERY_TIMEOUT', `${shown}: a query took longer than ${timeoutMilliseconds / 1_000} s.`);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      // Left before its end: by a deadline, or by a reader who has seen enough.
      if (!ended && !signal?.aborted) {
        call.cancel();
        await interrupt();
      }
    }
  }

  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = previous.then(work, work);
    previous = turn.catch(() => undefined);
    return turn;
  };

  return {
    dialect: sparkDialect,

    rows: <Row>(sql: string) =>
      inTurn(async () => {
        const rows: Readonly<Record<string, unknown>>[] = [];
        for await (const table of tables(sql)) for (const row of arrow.plainRows(table)) rows.push(row);
        // The caller names the shape that its own SELECT produces.
        return rows as unknown as readonly Row[];
      }),

    describe: (relation) =>
      inTurn(async () => {
        // Spark sends the schema with the first batch, and an empty one where there are no rows.
        for await (const { schema } of tables(`SELECT * FROM ${relation} LIMIT 0`)) return arrow.describeFields(schema.fields);
        throw new InfrastructureError('ENGINE_FAILED', `${shown}: the server did not say which columns there are.`);
      }),

    async *batches(sql): AsyncIterable<ColumnTable> {
      for await (const table of tables(sql)) if (table.numRows > 0) yield arrow.plainColumns(table);
    },

    async close() {
      await connection.ask('ReleaseSession', releaseRequest(session), 5_000).catch(() => undefined);
      connection.close();
    },
  };
}

const cancelled = (shown: string) => new InfrastructureError('QUERY_CANCELLED', `${shown}: cancelled.`);
