import { join } from 'node:path';
import pg from 'pg';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { duckdbDialect } from '../../../shared/query/duckdb-dialect.ts';
import { postgresDialect } from '../../../shared/query/postgres-dialect.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { conformanceSelects } from './conformance-table.ts';
import type { PostgresServer } from './start-postgres.ts';

/** The table `conformance` in a DuckDB of its own, in a file too where one is named. */
export async function loadIntoDuckDB(folder?: string): Promise<QueryEngine> {
  const engine = await openDuckDB({ threads: 2 });
  let first = true;
  for (const select of conformanceSelects(duckdbDialect)) {
    await engine.run(first ? `CREATE TABLE conformance AS ${select}` : `INSERT INTO conformance ${select}`);
    first = false;
  }
  // Small row groups make several tasks of it, so that executors share the work.
  if (folder) await engine.run(`COPY conformance TO '${join(folder, 'conformance.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  return engine;
}

/** A client that may write, for tests to make their tables with. */
export async function adminOf({ port, user, password }: PostgresServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres', ssl: false });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export async function loadIntoPostgres(admin: pg.Client): Promise<void> {
  let first = true;
  await admin.query("SET TimeZone = 'UTC'");
  for (const select of conformanceSelects(postgresDialect)) {
    await admin.query(first ? `CREATE TABLE conformance AS ${select}` : `INSERT INTO conformance ${select}`);
    first = false;
  }
}
