import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../shared/adapters/open-table.ts';
import { conformanceColumns, conformanceRows, conformanceValues } from '../support/engines/conformance-table.ts';
import type { SparkServer } from '../support/engines/start-spark.ts';

export interface SparkUnderTest {
  readonly server: SparkServer;
  /** Behind TLS, with its authority's file. */
  readonly address: string;
  readonly token: string;
  readonly parquet: string;
}

/** What may happen to a Spark of two executors that wants a token. It ends the server, so it comes last. */
export function sparkFailures(underTest: () => SparkUnderTest): void {
  const open = (more: Partial<Parameters<typeof openTable>[0]> = {}) => {
    const { address, token, parquet } = underTest();
    return openTable({
      source: address,
      query: `SELECT * FROM parquet.\`${parquet}\``,
      root: '/',
      env: { WEIGHIN_SPARK_TOKEN: token },
      ...more,
    });
  };
  /** The error of what must not work; it never holds the token. */
  const failure = async (work: Promise<unknown>): Promise<Error & { readonly code: string }> => {
    const error = await work.then(
      () => new Error('it worked'),
      (cause: unknown) => cause as Error,
    );
    expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toContain(underTest().token);
    return error as Error & { readonly code: string };
  };
  const log = () => readFile(join(underTest().server.folder, 'log'), 'utf8');

  describe('Spark, when things go wrong', () => {
    it('wants the right token, over TLS that can be trusted', async () => {
      const { address } = underTest();
      const refused = (env: Record<string, string>, source = address) => failure(open({ env, source })).then(({ code }) => code);
      expect(await refused({ WEIGHIN_SPARK_TOKEN: 'wrong' })).toBe('ENGINE_ACCESS_DENIED');
      expect(await refused({})).toBe('ENGINE_ACCESS_DENIED');
      const env = { WEIGHIN_SPARK_TOKEN: underTest().token };
      expect(await refused(env, address.replace(/sslrootcert=[^;]*/, ''))).toBe('ENGINE_TLS');
      expect(await refused(env, address.replace('localhost', '127.0.0.1'))).toBe('ENGINE_TLS');
      expect(await refused(env, address.replace('use_ssl=true;', ''))).toBe('ENGINE_TLS');
      expect(await refused({}, address.replace('use_ssl=true;', ''))).toMatch(/^ENGINE_/);
      expect(await refused({}, 'sc://localhost:1/')).toBe('ENGINE_UNREACHABLE');
      expect(await refused({}, 'sc://no-such-host.invalid/')).toBe('ENGINE_UNREACHABLE');
    }, 120_000);

    it('names what is wrong with a query', async () => {
      const cases = {
        'SELECT * FROM nowhere': 'TABLE_NOT_FOUND',
        'SELECT nothing FROM (SELECT 1 AS one)': 'COLUMN_NOT_FOUND',
        'SELECT 1 +': 'QUERY_INVALID',
        'SELECT 1 AS a, 2 AS A': 'COLUMN_TWICE',
        'WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a': 'QUERY_INVALID',
      };
      for (const [query, code] of Object.entries(cases)) expect([query, (await failure(open({ query }))).code]).toEqual([query, code]);
      const opened = await open({ query: 'SELECT 1 AS one' });
      const error = await failure(opened.engine.rows("SELECT CAST('the cell' AS INT)"));
      expect([error.code, error.message]).toEqual(['QUERY_FAILED', expect.not.stringContaining('the cell')]);
      await opened.close();
    }, 120_000);

    // It takes hours, and asks every thousand rows whether it should stop.
    const endless = `SELECT count_if(md5(CAST(id AS STRING)) LIKE '0%') AS n FROM range(0, 400000000000)`;
    // Twelve million rows with an MD5 each: it takes some seconds, whatever the machine.
    const slow = (times: number) =>
      `SELECT country, count(*) AS n, sum(id) AS ids, count_if(md5(concat(id, '-', i)) LIKE '0%') AS zeros FROM parquet.\`${underTest().parquet}\` CROSS JOIN (SELECT id AS i FROM range(0, ${times}, 1, 4)) AS times GROUP BY country`;

    it('ends a query at its time and when it is cancelled, on the server too, and goes on', async () => {
      const asked = (await log()).split('Asked to cancel').length;
      const cancellations = async () => (await log()).split('Asked to cancel').length - asked;
      const limited = await open({ timeoutMilliseconds: 8_000, query: 'SELECT 1 AS one' });
      expect((await failure(limited.engine.rows(endless))).code).toBe('QUERY_TIMEOUT');
      await until(async () => (await cancellations()) >= 1);
      await limited.close();
      // Executors are free again: they would be busy for hours.
      const after = await open();
      expect(await after.engine.rows(`SELECT count(*) AS n FROM ${after.source.relation}`)).toEqual([{ n: conformanceRows }]);
      await after.close();
      const stop = new AbortController();
      const stopped = await open({ signal: stop.signal, query: 'SELECT 1 AS one' });
      const before = await cancellations();
      const answer = failure(stopped.engine.rows(endless));
      await wait(2_000);
      stop.abort();
      expect((await answer).code).toBe('QUERY_CANCELLED');
      await until(async () => (await cancellations()) > before);
      await stopped.close();
    }, 240_000);

    it('counts the same when an executor is killed in the middle', async () => {
      const times = 1_000;
      const opened = await open();
      const before = await executors(underTest().server);
      expect(before).toHaveLength(2);
      let ended = false;
      const answer = opened.engine.rows<{ country: string | null; n: number; ids: number; zeros: number }>(slow(times)).finally(() => {
        ended = true;
      });
      await wait(1_500);
      expect(ended).toBe(false);
      process.kill(before[0]!, 'SIGKILL');
      const rows = await answer;
      const names = Object.keys(conformanceColumns);
      const [id, country] = [names.indexOf('id'), names.indexOf('country')];
      const expected = new Map<string | null, { n: number; ids: number }>();
      for (const row of conformanceValues()) {
        const key = row[country] as string | null;
        const found = expected.get(key) ?? { n: 0, ids: 0 };
        expected.set(key, { n: found.n + times, ids: found.ids + Number(row[id]) * times });
      }
      expect(new Map(rows.map(({ country: key, n, ids }) => [key, { n, ids }]))).toEqual(expected);
      // The same statement without an accident.
      const again = await opened.engine.rows<{ country: string | null; zeros: number }>(slow(times));
      expect(new Map(rows.map((row) => [row.country, row.zeros]))).toEqual(new Map(again.map((row) => [row.country, row.zeros])));
      expect(await executors(underTest().server)).not.toEqual(before);
      await opened.close();
    }, 240_000);

    it('says so when the server is gone in the middle', async () => {
      const opened = await open();
      const answer = failure(opened.engine.rows(endless));
      await wait(1_000);
      await underTest().server.server.stop();
      expect((await answer).code).toBe('ENGINE_LOST');
      expect((await failure(open())).code).toMatch(/^ENGINE_(?:UNREACHABLE|LOST)$/);
      await opened.close();
    }, 120_000);
  });
}

async function until(condition: () => Promise<boolean>) {
  for (const end = Date.now() + 30_000; !(await condition()); await wait(100)) if (Date.now() > end) throw new Error('it never came');
}

/** Executors of this server alone: processes of its group. */
async function executors({ server }: SparkServer): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [stat, command] = await Promise.all([
      readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''),
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
    ]);
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) === server.process.pid && command.includes('CoarseGrainedExecutorBackend')) found.push(Number(name));
  }
  return found.sort((a, b) => a - b);
}
