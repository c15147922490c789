import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { weighin } from '../support/built-cli.ts';
import { ownFolder } from '../support/own-folder.ts';
import { small } from '../unit/onnx/small-models.ts';

const root = ownFolder('score-killed');
const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');
const total = 3_000;
const pieces = 4;
const words = (input: string, output: string) =>
  `score --model m.onnx --task binary --input ${input} --output ${output} --id name --date 2026-01-05 --piece-rows ${total / pieces}`.split(
    ' ',
  );
const partition = (output: string) => join(root, output, 'prediction_date=2026-01-05');
const work = (output: string) => join(root, output, '.prediction_date=2026-01-05.work');

async function query<Row>(sql: string): Promise<readonly Row[]> {
  const engine = await openDuckDB();
  try {
    return await engine.rows<Row>(sql);
  } finally {
    await engine.close();
  }
}

/** Every row of the input once, in its order, with its own score. */
async function expectWhole(output: string): Promise<void> {
  const found = await query<{ n: number; wrong: number }>(
    `SELECT count(*) AS n, count(*) FILTER (WHERE o.id <> x.name OR o.score <> CAST(x.p AS FLOAT)) AS wrong
     FROM (SELECT *, row_number() OVER () AS place FROM read_parquet('${partition(output)}/*.parquet', hive_partitioning = false)) o
     FULL JOIN (SELECT *, row_number() OVER () AS place FROM '${join(root, 'x.parquet')}') x USING (place)`,
  );
  expect(found).toEqual([{ n: total, wrong: 0 }]);
  expect(readdirSync(join(root, output))).toEqual(['prediction_date=2026-01-05']);
}

/** Starts a run and kills it when `when` says so, by what it sees in the work folder. True: it was killed, not done. */
function killed(call: readonly string[], output: string, when: (seen: string) => boolean, env: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(dist, 'cli.js'), ...call], { cwd: root, env: { PATH, HOME, ...env }, stdio: 'ignore' });
  const watcher = watch(work(output), (_, name) => {
    if (name !== null && when(name)) child.kill('SIGKILL');
  });
  return new Promise<boolean>((resolve) =>
    child.once('close', (_, signal) => {
      watcher.close();
      resolve(signal === 'SIGKILL');
    }),
  );
}
const piecesOf = (output: string): number => {
  const manifest = join(work(output), '_weighin.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).pieces.length : 0;
};

/** Kills run after run while each writes its second piece, until one is done. Returns the pieces that lay there after each. */
async function sweep(call: readonly string[], output: string, env?: Readonly<Record<string, string>>): Promise<readonly number[]> {
  await mkdir(work(output), { recursive: true });
  const after: number[] = [];
  for (let round = 0; round < 2 * pieces; round++) {
    const drafts = new Set<string>();
    const died = await killed(call, output, (name) => /^part-.*\.draft$/.test(name) && drafts.add(name).size === 2, env);
    if (!died) return after;
    // Nobody sees half of it.
    expect(existsSync(partition(output))).toBe(false);
    after.push(piecesOf(output));
  }
  throw new Error('it never came to an end');
}

beforeAll(async () => {
  const model = small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    nodes: [{ operator: 'Identity', inputs: ['p'], outputs: ['y'] }],
  });
  writeFileSync(join(root, 'm.onnx'), model);
  await query(
    `COPY (SELECT 'row-' || i AS name, ((i * 7919) % ${total}) / ${total}.0 AS p FROM range(${total}) t(i)) TO '${join(root, 'x.parquet')}'`,
  );
});

describe('weighin score, killed', () => {
  it('while it writes a piece, again and again, ends with every row once', async () => {
    const after = await sweep(words('x.parquet', 'swept'), 'swept');
    // Each run kept what was whole and added to it.
    expect(after.length).toBeGreaterThan(0);
    expect(after).toEqual(after.toSorted((a, b) => a - b));
    expect(new Set(after).size).toBe(after.length);
    await expectWhole('swept');
  }, 120_000);

  it('between the two renames that replace a partition, puts the new one there, and nothing is left over', async () => {
    expect((await weighin(words('x.parquet', 'renamed'), { cwd: root })).status).toBe(0);
    // What such a kill leaves: the old folder aside, the new one whole beside its place.
    renameSync(partition('renamed'), work('renamed'));
    await mkdir(join(root, 'renamed', '.prediction_date=2026-01-05.c0ffee.old'));
    const again = await weighin([...words('x.parquet', 'renamed'), '--json', '-'], { cwd: root });
    expect([again.status, JSON.parse(again.stdout)]).toMatchObject([0, { rows: total, pieces, resumed: pieces }]);
    await expectWhole('renamed');
  }, 120_000);
});

describe('weighin score from S3, killed', () => {
  /** One object of one bucket; `stalls` keeps its second half to itself. */
  async function bucket() {
    const body = readFileSync(join(root, 'x.parquet'));
    const tag = `"${createHash('md5').update(body).digest('hex')}"`;
    const state = { stalls: false, downloads: 0, halves: 0 };
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://s3');
      if (url.searchParams.get('list-type') === '2') {
        response.setHeader('content-type', 'application/xml');
        response.end(
          `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>day/x.parquet</Key><Size>${body.length}</Size><ETag>${tag}</ETag></Contents></ListBucketResult>`,
        );
        return;
      }
      response.writeHead(200, { etag: tag, 'content-length': body.length });
      state.downloads++;
      if (!state.stalls) return void response.end(body);
      response.write(body.subarray(0, body.length / 2), () => {
        state.halves++;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret',
      TMPDIR: ownFolder('score-s3'),
    };
    return { state, env };
  }

  it('in the middle of the download and then of every piece, ends with every row once', async () => {
    const { state, env } = await bucket();
    const call = words('s3://lake/day/*.parquet', 's3');
    await mkdir(work('s3'), { recursive: true });
    state.stalls = true;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [join(dist, 'cli.js'), ...call], { cwd: root, env: { PATH, HOME, ...env }, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await expect.poll(() => state.halves, { timeout: 15_000 }).toBe(1);
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(work('s3'))).toEqual([]);
    state.stalls = false;
    const after = await sweep(call, 's3', env);
    expect(after.length).toBeGreaterThan(0);
    expect(new Set(after).size).toBe(after.length);
    await expectWhole('s3');
    // Whoever goes on reads the object again: what lay on the dead machine is not relied on.
    expect(state.downloads).toBe(after.length + 2);
  }, 120_000);
});
