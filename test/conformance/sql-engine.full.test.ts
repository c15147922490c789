import { afterAll, beforeAll } from 'vitest';
import { connectEngine } from '../../shared/adapters/open-table.ts';
import { openRemoteTable } from '../../shared/source/open-remote-table.ts';
import { adminOf, loadIntoDuckDB, loadIntoPostgres } from '../support/engines/load-conformance.ts';
import { type PostgresServer, startPostgres } from '../support/engines/start-postgres.ts';
import { type SparkServer, startSail, startSpark } from '../support/engines/start-spark.ts';
import { startTls, type TlsProxy } from '../support/engines/tls-in-front.ts';
import { type ContractEngine, contractChecksSuite } from './contract-checks.ts';
import { sparkFailures } from './spark-failures.ts';
import { sqlEngineSuite } from './sql-engine.ts';

let postgres: PostgresServer;
let sail: SparkServer;
let spark: SparkServer;
let tls: TlsProxy;
let parquet: string;
const token = 'a-token-that-no-message-shows';

beforeAll(async () => {
  [postgres, sail, spark] = await Promise.all([startPostgres(), startSail(), startSpark({ SPARK_CONNECT_AUTHENTICATE_TOKEN: token })]);
  tls = await startTls(spark.folder, spark.port);
  const written = await loadIntoDuckDB(spark.folder);
  await written.close();
  parquet = `${spark.folder}/conformance.parquet`;
  const admin = await adminOf(postgres);
  await loadIntoPostgres(admin);
  await admin.end();
}, 240_000);
afterAll(async () => {
  await Promise.all([postgres?.stop(), sail?.stop(), tls?.stop()]);
  await spark?.stop();
});

const addresses = {
  PostgreSQL: () => `postgres://${postgres.user}@127.0.0.1:${postgres.port}/postgres`,
  Sail: () => `sc://127.0.0.1:${sail.port}/`,
  Spark: () => `sc://localhost:${tls.port}/;use_ssl=true;sslrootcert=${tls.authority};`,
};
const credentials = {
  PostgreSQL: () => ({ PGPASSWORD: postgres.password }),
  Sail: () => ({}),
  Spark: () => ({ WEIGHIN_SPARK_TOKEN: token }),
};

for (const name of ['PostgreSQL', 'Sail', 'Spark'] as const) {
  const open = (query: string) => openRemoteTable({ source: addresses[name](), query }, connectEngine(credentials[name]()));

  sqlEngineSuite(name, async () => {
    const opened = await (name === 'PostgreSQL'
      ? openRemoteTable({ source: `${addresses[name]()}?table=public.conformance` }, connectEngine(credentials[name]()))
      : open(`SELECT * FROM parquet.\`${parquet}\``));
    return { ...opened, close: () => opened.engine.close() };
  });

  contractChecksSuite(name, async (): Promise<ContractEngine> => {
    const { engine } = await open('SELECT 1 AS one');
    return {
      engine,
      load: async (select) => {
        const relation = `(${select}) AS loaded`;
        const columns = await engine.describe(relation);
        return { source: 'loaded', files: [], format: 'table', relation, columns: columns.map(({ castToText: _, ...column }) => column) };
      },
      close: () => engine.close(),
    };
  });
}

sparkFailures(() => ({ server: spark, address: addresses.Spark(), token, parquet }));
