import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { weighin } from '../support/built-cli.ts';
import { ownFolder } from '../support/own-folder.ts';
import { small } from '../unit/onnx/small-models.ts';

const root = ownFolder('score');
const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');
const words = (output: string, ...more: string[]) => [
  'score',
  '--model',
  'm.onnx',
  '--task',
  'binary',
  '--input',
  'x.parquet',
  '--output',
  output,
  '--id',
  'name',
  '--date',
  '2026-01-05',
  ...more,
];
const partition = (output: string) => join(root, output, 'prediction_date=2026-01-05');
const total = 5_000;

async function query<Row>(sql: string): Promise<readonly Row[]> {
  const engine = await openDuckDB();
  try {
    return await engine.rows<Row>(sql);
  } finally {
    await engine.close();
  }
}
const wrongRows = (output: string) =>
  query<{ n: number; wrong: number; versions: number }>(
    `SELECT count(*) AS n, count(*) FILTER (WHERE p.score <> CAST(x.p AS FLOAT) OR p.prediction <> CASE WHEN CAST(x.p AS FLOAT) >= 0.5 THEN 1 ELSE 0 END
       OR p.model_version <> 'v1' OR p.prediction_date <> DATE '2026-01-05') AS wrong, count(DISTINCT p.id) AS versions
     FROM read_parquet('${partition(output)}/*.parquet', hive_partitioning = false) p JOIN '${join(root, 'x.parquet')}' x ON x.name = p.id`,
  );

beforeAll(async () => {
  const model = (metadata: Record<string, string>) =>
    small({
      inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
      outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
      nodes: [{ operator: 'Identity', inputs: ['p'], outputs: ['y'] }],
      metadata,
    });
  writeFileSync(join(root, 'm.onnx'), model({}));
  writeFileSync(join(root, 'other.onnx'), model({ another: 'one' }));
  await query(
    `COPY (SELECT 'row-' || i AS name, ((i * 7919) % ${total}) / ${total}.0 AS p FROM range(${total}) t(i)) TO '${join(root, 'x.parquet')}'`,
  );
});

describe('weighin score', () => {
  it('writes one row a row, with id, score, prediction, date and version, and says count and mean', async () => {
    const { status, stdout } = await weighin(words('out'), { cwd: root });
    expect([status, stdout]).toEqual([0, '✓ 5,000 rows scored by m@v1, mean score 0.4999\n  out/prediction_date=2026-01-05: 1 piece\n']);
    expect(await wrongRows('out')).toEqual([{ n: total, wrong: 0, versions: total }]);
    const columns = await query<{ column_name: string }>(`DESCRIBE SELECT * FROM '${partition('out')}/part-00000.parquet'`);
    expect(columns.map((column) => column.column_name)).toEqual(['id', 'score', 'prediction', 'prediction_date', 'model_version']);
  });

  it('replaces its date whole when it runs again, and leaves the others', async () => {
    await weighin(words('again', '--piece-rows', '1000'), { cwd: root });
    await weighin([...words('again').slice(0, -1), '2026-01-06'], { cwd: root });
    expect(readdirSync(partition('again')).filter((name) => name.endsWith('.parquet'))).toHaveLength(5);
    const before = statSync(join(root, 'again', 'prediction_date=2026-01-06')).mtimeMs;
    expect((await weighin(words('again'), { cwd: root })).status).toBe(0);
    expect(readdirSync(partition('again')).filter((name) => name.endsWith('.parquet'))).toEqual(['part-00000.parquet']);
    expect(await wrongRows('again')).toEqual([{ n: total, wrong: 0, versions: total }]);
    expect(readdirSync(join(root, 'again')).sort()).toEqual(['prediction_date=2026-01-05', 'prediction_date=2026-01-06']);
    expect(statSync(join(root, 'again', 'prediction_date=2026-01-06')).mtimeMs).toBe(before);
  });

  it('goes on exactly where a killed run stopped, and shows no half of it before', async () => {
    const work = join(root, 'killed', '.prediction_date=2026-01-05.work');
    const child = spawn(process.execPath, [join(dist, 'cli.js'), ...words('killed', '--piece-rows', '100')], {
      cwd: root,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const pieces = (): { file: string }[] => {
      const manifest = join(work, '_weighin.json');
      return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).pieces : [];
    };
    await expect.poll(() => pieces().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(2);
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(partition('killed'))).toBe(false);
    const done = pieces();
    expect(done.length).toBeLessThan(50);
    const first = statSync(join(work, done[0]!.file));
    // What a kill in the middle of a piece leaves.
    writeFileSync(join(work, 'part-99999.parquet.draft'), 'half');
    const { status, stdout } = await weighin(words('killed', '--piece-rows', '100', '--json', '-'), { cwd: root });
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      { rows: total, pieces: 50, resumed: done.length, meanScore: expect.closeTo(0.4999, 9) },
    ]);
    expect(await wrongRows('killed')).toEqual([{ n: total, wrong: 0, versions: total }]);
    expect(statSync(join(partition('killed'), done[0]!.file)).mtimeMs).toBe(first.mtimeMs);
    expect(readdirSync(join(root, 'killed'))).toEqual(['prediction_date=2026-01-05']);
  });

  it('begins anew behind the work of another model', async () => {
    const work = join(root, 'other', '.prediction_date=2026-01-05.work');
    mkdirSync(work, { recursive: true });
    const manifest = {
      schema: 'weighin/scored@1',
      job: 'sha256:another',
      model: 'm',
      version: 'v1',
      date: '2026-01-05',
      rows: total,
      pieces: [],
    };
    writeFileSync(
      join(work, '_weighin.json'),
      JSON.stringify({ ...manifest, pieces: [{ file: 'part-00000.parquet', rows: total, sum: 1, scored: total }] }),
    );
    writeFileSync(join(work, 'part-00000.parquet'), 'of another model');
    expect((await weighin(words('other'), { cwd: root })).status).toBe(0);
    expect(await wrongRows('other')).toEqual([{ n: total, wrong: 0, versions: total }]);
  });

  it('lets one run at a time score a date', async () => {
    const work = join(root, 'locked', '.prediction_date=2026-01-05.work');
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, '.lock'), String(process.pid));
    const { status, stderr } = await weighin(words('locked'), { cwd: root });
    expect([status, stderr]).toEqual([2, expect.stringContaining('[SCORE_RUNNING]')]);
    expect(existsSync(partition('locked'))).toBe(false);
  });

  it('leaves nothing behind a mistake', async () => {
    const code = async (...own: string[]) => {
      const { status, stderr } = await weighin(own, { cwd: root });
      return [status, /\[([A-Z_0-9]+)\]/.exec(stderr)?.[1]];
    };
    const but = (name: string, value: string) => words('bad').map((word, index, all) => (all[index - 1] === name ? value : word));
    expect(await code(...but('--id', 'nam'))).toEqual([2, 'ID_COLUMN_MISSING']);
    expect(await code(...but('--date', '2026-02-30'))).toEqual([2, 'DATE_INVALID']);
    expect(await code(...but('--input', 'gone.parquet'))).toEqual([2, 'DATA_NOT_FOUND']);
    expect(await code(...but('--model', 'gone.onnx'))).toEqual([2, 'MODEL_FILE_MISSING']);
    expect(await code(...but('--output', 's3://bucket/x'))).toEqual([2, 'OUTPUT_NOT_A_FOLDER']);
    expect(await code(...but('--output', 'm.onnx'))).toEqual([2, 'OUTPUT_UNWRITABLE']);
    expect(existsSync(partition('bad'))).toBe(false);
  });
});
