import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { connectEngine, openTable } from '../../shared/adapters/open-table.ts';
import { buildDataset } from '../../shared/dataset/build-dataset.ts';
import { openSource } from '../../shared/source/table-source.ts';
import { adminOf } from '../support/engines/load-conformance.ts';
import { type PostgresServer, startPostgres } from '../support/engines/start-postgres.ts';

let server: PostgresServer;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  admin = await adminOf(server);
  await admin.query(`
    CREATE TABLE small AS SELECT i AS id, i % 2 = 0 AS even FROM generate_series(1, 25000) AS t(i);
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE odd (a UUID, b JSON, c mood, d INT[], e CHAR(4), f NUMERIC(30, 2), g TIME, h BYTEA);
    INSERT INTO odd VALUES ('123e4567-e89b-12d3-a456-426614174000', '{"a": 1}', 'ok', '{1,2}', 'x', 1e27, '12:00', '\\x00');
    CREATE TABLE secrets (value TEXT);
    CREATE ROLE stranger LOGIN PASSWORD 'stranger';
    INSERT INTO secrets VALUES ('the cell')`);
}, 120_000);
afterAll(async () => {
  await admin?.end().catch(() => undefined);
  await server?.stop();
});

const address = (rest: string, host = '127.0.0.1') => `postgres://${server.user}@${host}:${server.port}/postgres${rest}`;
const open = (source: string, more: Partial<Parameters<typeof openTable>[0]> = {}) =>
  openTable({ source, root: '/', env: { PGPASSWORD: server.password }, ...more });

/** The error of what must not work; it never holds the password, the user or a cell. */
async function failure(work: Promise<unknown>): Promise<Error & { readonly code: string }> {
  const error = await work.then(
    () => new Error('it worked'),
    (cause: unknown) => cause as Error,
  );
  const told = `${error.message} ${JSON.stringify(error)} ${error.cause}`;
  expect(told).not.toContain(server.password);
  expect(told).not.toMatch(/owner|stranger|the cell/);
  return error as Error & { readonly code: string };
}

it('names each thing that stands between here and a table', async () => {
  const cases: readonly (readonly [string, Record<string, string>, string])[] = [
    [address('?table=small'), { PGPASSWORD: 'wrong' }, 'ENGINE_ACCESS_DENIED'],
    [address('?table=small'), {}, 'ENGINE_ACCESS_DENIED'],
    [address('?table=small').replace('/postgres?', '/nowhere?'), { PGPASSWORD: server.password }, 'DATABASE_NOT_FOUND'],
    [address('?table=nowhere'), { PGPASSWORD: server.password }, 'TABLE_NOT_FOUND'],
    [address('?table=nowhere.small'), { PGPASSWORD: server.password }, 'TABLE_NOT_FOUND'],
    [address('?query=SELECT%20nothing%20FROM%20small'), { PGPASSWORD: server.password }, 'COLUMN_NOT_FOUND'],
    [address('?query=SELECT%20FROM%20WHERE'), { PGPASSWORD: server.password }, 'QUERY_INVALID'],
    [address('?query=SELECT%20id%2C%20id%20FROM%20small'), { PGPASSWORD: server.password }, 'COLUMN_TWICE'],
    [
      address('?query=WITH%20d%20AS%20(DELETE%20FROM%20small%20RETURNING%201)%20SELECT%20*%20FROM%20d'),
      { PGPASSWORD: server.password },
      'QUERY_INVALID',
    ],
    [address('?table=secrets').replace('owner', 'stranger'), { PGPASSWORD: 'stranger' }, 'TABLE_ACCESS_DENIED'],
    ['postgres://owner@127.0.0.1:1/postgres?table=small', {}, 'ENGINE_UNREACHABLE'],
    ['postgres://owner@no-such-host.invalid/postgres?table=small&sslmode=disable', {}, 'ENGINE_UNREACHABLE'],
  ];
  for (const [source, env, code] of cases) expect([source, (await failure(open(source, { env }))).code]).toEqual([source, code]);
  expect((await admin.query('SELECT count(*) AS n FROM small')).rows[0]).toEqual({ n: '25000' });
}, 60_000);

it('checks the certificate, and sends no password where there is none to trust', async () => {
  const tls = async (source: string) => {
    const opened = await open(source);
    const [row] = await opened.engine.rows<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await opened.close();
    return row?.ssl;
  };
  expect(await tls(address(`?table=small&sslmode=verify-full&sslrootcert=${server.authority}`, 'localhost'))).toBe(true);
  expect(await tls(address('?table=small&sslmode=require', 'localhost'))).toBe(true);
  expect(await tls(address('?table=small', 'localhost'))).toBe(false);
  expect((await failure(tls(address('?table=small&sslmode=verify-full', 'localhost')))).code).toBe('ENGINE_TLS');
  // The certificate is of localhost.
  expect((await failure(tls(address(`?table=small&sslmode=verify-full&sslrootcert=${server.authority}`)))).code).toBe('ENGINE_TLS');
  expect(await tls(address(`?table=small&sslmode=verify-ca&sslrootcert=${server.authority}`))).toBe(true);
}, 30_000);

const active = async () =>
  Number(
    (await admin.query("SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'weighin' AND state = 'active'")).rows[0]?.n,
  );
async function until(condition: () => Promise<boolean>) {
  for (const end = Date.now() + 20_000; !(await condition()); await wait(50)) if (Date.now() > end) throw new Error('it never came');
}

it('ends a query at its time, on the server too, and goes on', async () => {
  const opened = await open(address('?table=small'), { timeoutMilliseconds: 300 });
  expect((await failure(opened.engine.rows('SELECT pg_sleep(30)'))).code).toBe('QUERY_TIMEOUT');
  expect(await active()).toBe(0);
  expect(await opened.engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await opened.close();
}, 30_000);

it('ends a query when it is cancelled, on the server too', async () => {
  for (const rest of ['?table=small', `?table=small&sslmode=verify-full&sslrootcert=${server.authority}`]) {
    const stop = new AbortController();
    const opened = await open(address(rest, 'localhost'), { signal: stop.signal });
    const answer = failure(opened.engine.rows('SELECT pg_sleep(60)'));
    await until(async () => (await active()) === 1);
    stop.abort();
    expect((await answer).code).toBe('QUERY_CANCELLED');
    await until(async () => (await active()) === 0);
    expect((await failure(opened.engine.rows('SELECT 1'))).code).toBe('QUERY_CANCELLED');
    await opened.close();
  }
}, 60_000);

it('counts one snapshot, whatever others write meanwhile, and survives a statement that fails', async () => {
  const opened = await open(address('?table=small'));
  const count = async () => (await opened.engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${opened.source.relation}`))[0]?.n;
  expect(await count()).toBe(25_000);
  await admin.query('INSERT INTO small VALUES (0, true)');
  expect((await failure(opened.engine.rows("SELECT CAST('the cell' AS INT)"))).code).toBe('QUERY_FAILED');
  expect((await failure(opened.engine.rows('SELECT 1; SELECT 2'))).code).toBe('QUERY_INVALID');
  expect((await failure(opened.engine.rows('INSERT INTO small VALUES (0, true)'))).code).toBe('QUERY_INVALID');
  expect(await count()).toBe(25_000);
  await admin.query('DELETE FROM small WHERE id = 0');
  await opened.close();
}, 30_000);

it('reads types that others do not have as text', async () => {
  const opened = await open(address('?table=public.odd'));
  expect(opened.source.columns.map(({ type }) => type)).toEqual(['text', 'text', 'text', 'text', 'text', 'number', 'text', 'text']);
  const [row] = await opened.engine
    .rows(`SELECT *, count(*) OVER () AS n FROM ${opened.source.relation}`)
    .catch((cause: unknown) => [cause]);
  // Beyond 2^53, so it must be asked for as text or double.
  expect(row).toMatchObject({
    a: '123e4567-e89b-12d3-a456-426614174000',
    b: '{"a": 1}',
    c: 'ok',
    d: '{1,2}',
    f: 1e27,
    g: '12:00:00',
    n: 1,
  });
  await opened.close();
}, 30_000);

it('builds the data set of a table as of a file with the same rows, and a new version when a row changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-postgres-'));
  const engine = await openDuckDB();
  const select = `SELECT CAST(i AS BIGINT) AS id, CAST(i * 0.5 AS DOUBLE PRECISION) AS x, 'c' || i % 7 AS city, i % 3 = 0 AS churned,
    CAST('2024-01-01' AS TIMESTAMP) + i * INTERVAL '1 hour' AS at FROM generate_series(1, 3000) AS t(i)`;
  await admin.query(`CREATE TABLE people AS ${select}`);
  await engine.run(`COPY (${select}) TO '${join(folder, 'people.parquet')}' (FORMAT parquet)`);
  const build = (source: string, more: { readonly query?: string } = {}) =>
    buildDataset(engine, {
      config: {
        ...{ source, label: 'churned', id: 'id', time: 'at', features: [] },
        ...{ split: { by: 'stratified', train: 0.7, validation: 0.15, test: 0.15, seed: 42 } },
        ...more,
      },
      task: 'binary',
      root: folder,
      output: join(folder, 'out'),
      connect: connectEngine({ PGPASSWORD: server.password }),
    });
  const [file, table, query] = [
    await build('people.parquet'),
    await build(address('?table=people')),
    await build(address(''), { query: 'SELECT * FROM people ORDER BY random()' }),
  ];
  expect(table.splits).toEqual(file.splits);
  expect(table.features).toEqual(file.features);
  expect(query.splits).toEqual(file.splits);
  expect(query.version).toBe(table.version);
  expect(table.inputs).toEqual([
    {
      source: `postgres://127.0.0.1:${server.port}/postgres people`,
      files: [],
      rows: { count: 3_000, digest: expect.stringMatching(/^sha256:/) },
    },
  ]);
  await admin.query('UPDATE people SET x = 0 WHERE id = 7');
  expect((await build(address('?table=people'))).version).not.toBe(table.version);
  await expect(build('people.parquet', { query: 'SELECT 1' })).rejects.toMatchObject({ code: 'QUERY_NEEDS_DATABASE' });
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

it('says so when the server stops in the middle, and leaves nothing half-written', async () => {
  const opened = await open(address('?table=small'));
  const answer = failure(opened.engine.rows('SELECT pg_sleep(60)'));
  const engine = await openDuckDB();
  const fetched = failure(
    openSource(engine, {
      source: address('?query=SELECT%20id%2C%20pg_sleep(0.001)%3A%3Atext%20AS%20s%20FROM%20small'),
      root: '/',
      connect: connectEngine({ PGPASSWORD: server.password }),
    }),
  );
  await until(async () => (await active()) === 2);
  await server.stop();
  expect((await answer).code).toBe('ENGINE_LOST');
  expect((await fetched).code).toBe('ENGINE_LOST');
  await opened.close();
  await engine.close();
}, 60_000);
