import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresError } from '../../../shared/adapters/postgres/postgres-error.ts';
import { readPostgresSettings } from '../../../shared/adapters/postgres/read-postgres-settings.ts';
import { readSparkSettings } from '../../../shared/adapters/spark/read-spark-settings.ts';
import { sparkError } from '../../../shared/adapters/spark/spark-error.ts';
import { readTableAddress } from '../../../shared/source/table-address.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-settings-'));
  await writeFile(join(folder, 'ca.pem'), 'PEM');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const postgres = (address: string, env: Record<string, string> = {}) =>
  readPostgresSettings(readTableAddress(address), { PGUSER: 'reader', ...env });
const spark = (address: string, env: Record<string, string> = {}) => readSparkSettings(readTableAddress(address), env);

it('speaks TLS with a checked certificate to all but this machine, unless the address says otherwise', async () => {
  const mode = async (address: string, env = {}) => (await postgres(address, env)).ssl;
  expect(await mode('postgres://db.example.org/d?table=t')).toEqual({ rejectUnauthorized: true });
  for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(await mode(`postgres://${host}/d?table=t`)).toBe(false);
  expect(await mode('postgres://127.0.0.1.example.org/d?table=t')).not.toBe(false);
  expect(await mode('postgres://db.example.org/d?table=t&sslmode=disable')).toBe(false);
  expect(await mode('postgres://db.example.org/d?table=t', { PGSSLMODE: 'disable' })).toBe(false);
  expect(await mode('postgres://localhost/d?table=t&sslmode=require')).toEqual({ rejectUnauthorized: false });
  expect(await mode(`postgres://h/d?table=t&sslrootcert=${join(folder, 'ca.pem')}`)).toEqual({ ca: 'PEM', rejectUnauthorized: true });
  for (const unsure of ['prefer', 'allow', 'x'])
    await expect(mode(`postgres://h/d?table=t&sslmode=${unsure}`)).rejects.toMatchObject({ code: 'ENGINE_TLS' });
  await expect(mode('postgres://h/d?table=t&sslrootcert=/nowhere')).rejects.toMatchObject({ code: 'ENGINE_TLS' });
});

it('takes the password from the environment, by the name that the address gives', async () => {
  expect((await postgres('postgres://h/d?table=t', { PGPASSWORD: 'a' })).password).toBe('a');
  expect((await postgres('postgres://h/d?table=t&password_env=OTHER', { PGPASSWORD: 'a', OTHER: 'b' })).password).toBe('b');
  await expect(postgres('postgres://h/d?table=t&password_env=OTHER', { PGPASSWORD: 'a' })).rejects.toMatchObject({
    code: 'NO_CREDENTIALS',
  });
  await expect(postgres('postgres://h/d?table=t&search_path=x')).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
});

it('sends a token over TLS or not at all', async () => {
  const env = { WEIGHIN_SPARK_TOKEN: 'hunter2' };
  const refused = await spark('sc://h/;table=t', env).catch((cause: unknown) => cause as Error);
  expect(refused).toMatchObject({ code: 'ENGINE_TLS' });
  expect(JSON.stringify(refused)).not.toContain('hunter2');
  expect(await spark('sc://h/;use_ssl=true;table=t', env)).toMatchObject({ token: 'hunter2', tls: { ca: null }, target: 'h:15002' });
  expect(await spark('sc://h/;use_ssl=true;table=t', { SPARK_CONNECT_TOKEN: 'c' })).toMatchObject({ token: 'c' });
  expect(await spark('sc://h/;table=t')).toMatchObject({ token: null, tls: null });
  expect(await spark('sc://h/;use_ssl=true;token_env=MINE;table=t', { ...env, MINE: 'm' })).toMatchObject({ token: 'm' });
  await expect(spark('sc://h/;use_ssl=true;token_env=MINE;table=t', env)).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  await expect(spark('sc://h/;use_ssl=true;table=t', { WEIGHIN_SPARK_TOKEN: 'a\nb' })).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
});

it('sends headers that begin with x-, and takes no other parameter', async () => {
  expect((await spark('sc://h/;x-databricks-cluster-id=01;table=t')).headers).toEqual({ 'x-databricks-cluster-id': '01' });
  for (const other of ['lang=a', 'x-a=%0Ab', 'use_ssl=maybe', 'session=1'])
    await expect(spark(`sc://h/;${other};table=t`)).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
  await expect(spark('sc://h/db;table=t')).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
});

const failure = (code: string | number, message: string) => Object.assign(new Error(message), { code, details: message });

it.each([
  ['28P01', 'ENGINE_ACCESS_DENIED'],
  ['3D000', 'DATABASE_NOT_FOUND'],
  ['42P01', 'TABLE_NOT_FOUND'],
  ['3F000', 'TABLE_NOT_FOUND'],
  ['42703', 'COLUMN_NOT_FOUND'],
  ['42501', 'TABLE_ACCESS_DENIED'],
  ['25006', 'QUERY_INVALID'],
  ['42601', 'QUERY_INVALID'],
  ['22P02', 'QUERY_FAILED'],
  ['57014', 'QUERY_CANCELLED'],
  ['57P01', 'ENGINE_LOST'],
  ['53300', 'ENGINE_BUSY'],
  ['ENOTFOUND', 'ENGINE_UNREACHABLE'],
  ['ECONNREFUSED', 'ENGINE_UNREACHABLE'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ENGINE_TLS'],
  ['XX000', 'ENGINE_FAILED'],
])('names %s of PostgreSQL %s, and repeats nothing that the server said', (code, expected) => {
  const error = postgresError('postgres://h/d t', failure(code, 'invalid input "the cell" for user reader'));
  expect(error).toMatchObject({ code: expected });
  expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/the cell|reader/);
});

it.each([
  [16, 'no', true, 'ENGINE_ACCESS_DENIED'],
  [4, 'Deadline exceeded', true, 'QUERY_TIMEOUT'],
  [14, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1', false, 'ENGINE_UNREACHABLE'],
  [14, 'Name resolution failed for target dns:nowhere', false, 'ENGINE_UNREACHABLE'],
  [14, 'Connection dropped', true, 'ENGINE_LOST'],
  [13, 'Received RST_STREAM with code 2', true, 'ENGINE_LOST'],
  [14, 'No connection established. Last error: self-signed certificate', false, 'ENGINE_TLS'],
  [8, 'Received message larger than max', true, 'ENGINE_BUSY'],
  [12, 'Unknown method', true, 'ENGINE_FAILED'],
  [13, '[TABLE_OR_VIEW_NOT_FOUND] The table or view `the cell` cannot be found.', true, 'TABLE_NOT_FOUND'],
  [13, '[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column `the cell`', true, 'COLUMN_NOT_FOUND'],
  [13, "[CAST_INVALID_INPUT] The value 'the cell' of the type", true, 'QUERY_FAILED'],
  [13, '[PARSE_SYNTAX_ERROR] Syntax error at or near the cell', true, 'QUERY_INVALID'],
  [13, 'Job aborted due to stage failure: ExecutorLostFailure (executor 1 exited)', true, 'ENGINE_LOST'],
  [2, 'the cell', true, 'ENGINE_FAILED'],
] as const)('names status %s of Spark (%s) as what it means', (code, details, connected, expected) => {
  const error = sparkError('sc://h t', failure(code, details), connected);
  expect(error).toMatchObject({ code: expected });
  expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toContain('the cell');
});
