import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';

let inside: string;
let outside: string;
let engine: QueryEngine;
beforeAll(async () => {
  inside = mkdtempSync(join(tmpdir(), "weighin-reach-it's-"));
  outside = mkdtempSync(join(tmpdir(), 'weighin-out-of-reach-'));
  for (const folder of [inside, outside]) writeFileSync(join(folder, 'rows.csv'), 'x\n1\n');
  engine = await openDuckDB({ reach: [inside] });
});
afterAll(async () => {
  await engine.close();
  for (const folder of [inside, outside]) rmSync(folder, { recursive: true, force: true });
});
const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;

it('reads and writes where it may', async () => {
  expect(await engine.rows(`SELECT x FROM read_csv(${quoted(join(inside, 'rows.csv'))})`)).toHaveLength(1);
  await engine.run(`COPY (SELECT 1 AS x) TO ${quoted(join(inside, 'made.parquet'))} (FORMAT parquet)`);
});

it.each([
  ['a file beside', () => `SELECT * FROM read_csv(${quoted(join(outside, 'rows.csv'))})`],
  ['a way up', () => `SELECT * FROM read_csv(${quoted(join(inside, '..', 'x', '..', outside.split('/').at(-1) ?? '', 'rows.csv'))})`],
  ['the environment', () => `SELECT content FROM read_text('/proc/self/environ')`],
  ['writing beside', () => `COPY (SELECT 1) TO ${quoted(join(outside, 'made.csv'))}`],
  ['the network', () => `SELECT * FROM read_csv('https://example.com/rows.csv')`],
  ['an extension', () => 'LOAD httpfs'],
  ['opening it again', () => 'SET enable_external_access = true'],
])('closes %s', async (_, sql) => {
  await expect(engine.run(sql())).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});
