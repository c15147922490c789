import type { Client, QueryArrayConfig, QueryArrayResult } from 'pg';
import { InfrastructureError } from '../../errors.ts';
import { postgresDialect } from '../../query/postgres-dialect.ts';
import type { ColumnTable } from '../../query/query-engine.ts';
import type { RemoteEngine, RemoteOptions } from '../../source/remote-engine.ts';
import type { TableAddress } from '../../source/table-address.ts';
import { collectRows } from './collect-rows.ts';
import { postgresError } from './postgres-error.ts';
import { postgresType, readCell, readExactCell } from './postgres-types.ts';
import { type Environment, readPostgresSettings } from './read-postgres-settings.ts';

const batchRows = 10_000;
/** How much later than the server this side gives up: a server that is gone ends nothing. */
const graceMilliseconds = 5_000;

/**
 * One connection in one read-only transaction of one snapshot, so that all statements count the same rows. Statements run one after
 * the other. A failed one leaves the connection usable.
 *
 * @throws UserError ADDRESS_INVALID, NO_CREDENTIALS, ENGINE_TLS, ENGINE_ACCESS_DENIED, DATABASE_NOT_FOUND;
 *   InfrastructureError ENGINE_UNREACHABLE. Statements: see `postgresError`, and InfrastructureError QUERY_TIMEOUT, QUERY_CANCELLED.
 */
export async function openPostgres(address: TableAddress, env: Environment, options: RemoteOptions = {}): Promise<RemoteEngine> {
  const { shown } = address;
  const { timeoutMilliseconds = 600_000, connectMilliseconds = 15_000, signal } = options;
  const settings = await readPostgresSettings(address, env);
  const { default: pg } = await import('pg');
  const connect = async () => {
    const client = new pg.Client({
      ...settings,
      application_name: 'weighin',
      connectionTimeoutMillis: connectMilliseconds,
      keepAlive: true,
    });
    // Without a listener a connection that breaks between two statements would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (cause) {
      await client.end().catch(() => undefined);
      throw postgresError(shown, cause);
    }
    return client;
  };
  if (signal?.aborted) throw cancelled(shown);
  const client = await connect();
  const session = await begin(client, timeoutMilliseconds).catch(async (cause) => {
    await client.end().catch(() => undefined);
    throw postgresError(shown, cause);
  });

  /** By a connection of its own, as the server wants it; where there is none to be had, ours is cut. */
  const cancel = async () => {
    const cut = setTimeout(() => void client.end().catch(() => undefined), graceMilliseconds);
    try {
      const other = await connect();
      await other.query('SELECT pg_cancel_backend($1)', [session]).finally(() => other.end());
    } catch {
      await client.end().catch(() => undefined);
    } finally {
      cut.unref();
    }
  };

  const ask = async (sql: string, read = readCell): Promise<QueryArrayResult<unknown[]>> => {
    if (signal?.aborted) throw cancelled(shown);
    const began = performance.now();
    let late = false;
    const onAbort = () => void cancel();
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      late = true;
      void client.end().catch(() => undefined);
    }, timeoutMilliseconds + graceMilliseconds);
    try {
      // The extended protocol takes one statement, whatever the text holds.
      return await client.query(extended(sql, read));
    } catch (cause) {
      if (cause instanceof RangeError) throw cause;
      if (signal?.aborted) throw cancelled(shown);
      await client.query('ROLLBACK TO SAVEPOINT before').catch(() => undefined);
      const error = postgresError(shown, cause);
      // The server's words are in its own language: what tells a timeout from somebody's cancellation is the time.
      const timedOut = late || (isCancellation(cause) && performance.now() - began >= timeoutMilliseconds);
      throw timedOut
        ? new InfrastructureError('QUERY_TIMEOUT', `${shown}: a query took longer than ${timeoutMilliseconds / 1_000} s.`)
        : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  };

  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = previous.then(work, work);
    previous = turn.catch(() => undefined);
    return turn;
  };
  let cursors = 0;

  return {
    dialect: postgresDialect,

    rows: <Row>(sql: string) =>
      inTurn(async () => {
        const { fields, rows } = await ask(sql);
        // A column may be named __proto__: entries define it as a plain property, assignment would not. The caller names its SELECT's shape.
        return rows.map((row) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]))) as unknown as readonly Row[];
      }),

    describe: (relation) =>
      inTurn(async () => {
        const { fields } = await ask(`SELECT * FROM ${relation} LIMIT 0`);
        return fields.map(({ name, dataTypeID }) => {
          const known = postgresType(dataTypeID);
          return { name, type: known?.type ?? 'text', sqlType: known?.sqlType ?? 'VARCHAR', castToText: known === undefined };
        });
      }),

    async *batches(sql): AsyncIterable<ColumnTable> {
      const name = `weighin_${++cursors}`;
      await inTurn(() => ask(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`));
      try {
        for (;;) {
          const { fields, rows } = await inTurn(() => ask(`FETCH ${batchRows} FROM ${name}`, readExactCell));
          if (rows.length > 0) yield collectRows(fields, rows);
          if (rows.length < batchRows) return;
        }
      } finally {
        await inTurn(() => ask(`CLOSE ${name}`)).catch(() => undefined);
      }
    },

    // Whatever waits is let go: a transaction that only read has nothing to lose.
    close: async () => void (await client.end().catch(() => undefined)),
  };
}

/** @returns the server process's id, true behind a pooler too */
async function begin(client: Client, timeoutMilliseconds: number): Promise<number> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(
    [
      "SET LOCAL TimeZone = 'UTC'",
      "SET LOCAL DateStyle = 'ISO, YMD'",
      'SET LOCAL standard_conforming_strings = on',
      'SET LOCAL extra_float_digits = 1',
      `SET LOCAL statement_timeout = ${Math.max(1, Math.round(timeoutMilliseconds))}`,
    ].join('; '),
  );
  const { rows } = await client.query<{ id: number }>('SELECT pg_backend_pid() AS id');
  await client.query('SAVEPOINT before');
  return rows[0]?.id ?? 0;
}

/** The types of the library don't know `queryMode`, and overload its parsers by the formats of a cell, of which we ask for text alone. */
const extended = (text: string, read: typeof readCell) =>
  ({ text, rowMode: 'array', queryMode: 'extended', types: { getTypeParser: read } }) as unknown as QueryArrayConfig;
const isCancellation = (cause: unknown) => cause instanceof Error && 'code' in cause && cause.code === '57014';
const cancelled = (shown: string) => new InfrastructureError('QUERY_CANCELLED', `${shown}: cancelled.`);
