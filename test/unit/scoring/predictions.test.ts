import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { runProcess } from '../../../shared/adapters/process/run-process.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { openCommandScorer } from '../../../shared/scoring/open-command-scorer.ts';
import { readPredictions } from '../../../shared/scoring/read-predictions.ts';
import { scoreRows } from '../../../shared/scoring/score-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighin-test-'));
let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB();
  await engine.run(`CREATE TABLE t AS SELECT 10 - i AS id, i / 10 AS x, CASE WHEN i = 1 THEN NULL WHEN i = 2 THEN '' ELSE 'a "b", ' || i END AS c,
    i > 1 AS flag, i % 2 AS label FROM range(4) r(i)`);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const nodeScript = (name: string, body: string) => `${JSON.stringify(process.execPath)} ${JSON.stringify(file(name, body))}`;

describe('a predict command', () => {
  const features = [
    { name: 'x', type: 'number' },
    { name: 'c', type: 'text' },
    { name: 'flag', type: 'boolean' },
  ] as const;
  const run = (predict: string, more: { score?: string; timeoutMs?: number; task?: 'regression' } = {}) =>
    scoreRows(
      engine,
      't',
      openCommandScorer(
        { predict, file: join(folder, 'model.bin'), cwd: folder, task: 'binary', features, ...more },
        { runProcess, env: { ...process.env, GITHUB_TOKEN: 'secret', INPUT_KEY: 'secret' } },
      ),
    );

  it('gets the features as CSV, without the label, and its answers are read in order', async () => {
    const predict = nodeScript(
      'predict.cjs',
      `const fs = require('fs');
       const text = fs.readFileSync(process.env.WEIGHIN_ROWS, 'utf8');
       fs.writeFileSync('rows-seen.csv', text);
       fs.writeFileSync('env-seen.json', JSON.stringify([process.env.GITHUB_TOKEN, process.env.INPUT_KEY, process.env.WEIGHIN_MODEL]));
       const rows = text.trim().split('\\n').slice(1);
       fs.writeFileSync(process.env.WEIGHIN_PREDICTIONS, 'id,score\\n' + rows.map((row, i) => '"' + i + ',x",' + row.split(',')[0]).join('\\n') + '\\n');`,
    );
    expect(await run(predict)).toEqual({ kind: 'binary', scores: Float64Array.of(0, 0.1, 0.2, 0.3), dtype: 'float64' });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(join(folder, 'rows-seen.csv'), 'utf8')).toBe(
      'x,c,flag\n0,"a ""b"", 0",false\n0.1,,false\n0.2,"",true\n0.3,"a ""b"", 3",true\n',
    );
    expect(JSON.parse(readFileSync(join(folder, 'env-seen.json'), 'utf8'))).toEqual([null, null, join(folder, 'model.bin')]);
  });

  const writes = (name: string, content: string) =>
    nodeScript(
      name,
      `console.log('said before'); require('fs').writeFileSync(process.env.WEIGHIN_PREDICTIONS, ${JSON.stringify(content)});`,
    );

  it.each([
    ['PREDICTIONS_ROW_COUNT', 'score\n0.1\n0.2\n'],
    ['PREDICTIONS_NOT_FINITE', 'score\n0.1\nnan\n0.1\n0.2\n'],
    ['PREDICTIONS_NOT_FINITE', 'score\n0.1\n\n0.1\n0.2\n'],
    ['PREDICTIONS_NOT_FINITE', 'score,n\n0.1,0\n,0.5\n0.1,0\n0.2,0\n'],
    ['PREDICTIONS_OUT_OF_RANGE', 'score\n0.1\n-3\n0.1\n0.2\n'],
    ['PREDICTIONS_NO_SCORE', 'a,b\n1,1\n1,1\n1,1\n1,1\n'],
    ['PREDICTIONS_NO_SCORE', '0.5\n0.5\n0.5\n0.5\n0.5\n'],
    ['PREDICTIONS_NO_SCORE', ''],
  ])('says %s of %j, with what the command printed', async (code, content) => {
    await expect(run(writes('writes.cjs', content))).rejects.toMatchObject({ code, message: expect.stringContaining('said before') });
  });

  it('reads the column that is named, and any number for a regression', async () => {
    const wide = writes('wide.cjs', 'score,own\n0,0.5\n0,1\n0,0\n0,0.25\n');
    expect(await run(wide, { score: 'own' })).toMatchObject({ scores: Float64Array.of(0.5, 1, 0, 0.25) });
    const values = writes('values.cjs', 'prediction\r\n-5\r\n1e3\r\n0\r\n2\r\n');
    expect(await run(values, { task: 'regression' })).toEqual({ kind: 'values', values: Float64Array.of(-5, 1000, 0, 2), width: 1 });
  });

  it('tells exit code and last lines of one that fails, and ends one that hangs', async () => {
    const fails = nodeScript('fails.cjs', `console.error('no module named sklearn'); process.exit(4);`);
    await expect(run(fails)).rejects.toMatchObject({
      code: 'PREDICT_FAILED',
      message: expect.stringMatching(/exit code 4[\s\S]*no module named sklearn/),
    });
    await expect(run(nodeScript('quiet.cjs', ''))).rejects.toMatchObject({ code: 'PREDICTIONS_MISSING' });
    await expect(run(nodeScript('hangs.cjs', 'setInterval(() => {}, 1000);'), { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'PREDICT_TIMEOUT',
    });
  });
});

describe('a file of predictions', () => {
  const read = (content: string, more: { id?: string | null; score?: string; task?: 'regression' } = {}) =>
    readPredictions(engine, { file: file('given.csv', content), root: folder, relationSql: 't', id: 'id', task: 'binary', ...more });

  it('is joined by id, whatever its order, and may hold more rows', async () => {
    const found = await read('id,score\n7,0.7\n9,0.9\n8,0.8\n10,1\n99,0\n');
    expect(found).toEqual({ predictions: { kind: 'binary', scores: Float64Array.of(1, 0.9, 0.8, 0.7), dtype: 'float64' }, extra: 1 });
  });

  it('is read in its own order where no id is known', async () => {
    const found = await read('score\n0.1\n0.2\n0.3\n0.4\n', { id: null });
    expect(found.predictions).toMatchObject({ scores: Float64Array.of(0.1, 0.2, 0.3, 0.4) });
    await expect(read('score\n0.1\n0.2\n', { id: null })).rejects.toMatchObject({ code: 'NOT_SAME_ROWS' });
    await expect(read('score\n0.1\n0.2\n')).rejects.toMatchObject({
      code: 'NOT_SAME_ROWS',
      message: expect.stringContaining('no column id'),
    });
  });

  it('counts what is missing, extra and repeated', async () => {
    await expect(read('id,score\n7,0.7\n8,0.7\n98,0\n99,0\n97,0\n')).rejects.toMatchObject({
      code: 'NOT_SAME_ROWS',
      message: expect.stringMatching(/2 test rows are missing, 3 rows are not test rows/),
    });
    await expect(read('id,score\n7,0.7\n7,0.1\n8,0\n9,0\n10,0\n')).rejects.toMatchObject({
      code: 'NOT_SAME_ROWS',
      message: expect.stringContaining('1 ids stand there more than once'),
    });
  });

  it('refuses scores that are none', async () => {
    await expect(read('id,score\n7,0.7\n8,x\n9,0\n10,0\n')).rejects.toMatchObject({
      code: 'PREDICTIONS_NOT_FINITE',
      message: expect.stringContaining('1 of 4'),
    });
    await expect(read('id,score\n7,0.7\n8,\n9,0\n10,0\n')).rejects.toMatchObject({ code: 'PREDICTIONS_NOT_FINITE' });
    await expect(read('id,score\n7,0.7\n8,2\n9,0\n10,0\n')).rejects.toMatchObject({ code: 'PREDICTIONS_OUT_OF_RANGE' });
    await expect(read('id,points\n7,0.7\n8,2\n9,0\n10,0\n')).rejects.toMatchObject({ code: 'PREDICTIONS_NO_SCORE' });
    expect(await read('id,points\n7,0.7\n8,2\n9,0\n10,-1\n', { score: 'points', task: 'regression' })).toMatchObject({
      predictions: { kind: 'values', values: Float64Array.of(-1, 0, 2, 0.7) },
    });
  });
});
