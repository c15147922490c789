import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLogWriter } from '../../../shared/adapters/serving/open-log-writer.ts';
import { type Prediction, predictionSchema } from '../../../shared/production/prediction-log.ts';
import { ownFolder } from '../../support/own-folder.ts';

const line = (id: string): Prediction => ({
  id,
  time: '2026-01-05T08:00:00.000Z',
  model: 'churn',
  version: 'v12',
  variant: null,
  features: { p: 0.5 },
  score: 0.5,
  prediction: 1,
  latency_ms: 1,
  degraded: false,
});
const open = (folder: string, more: Partial<Parameters<typeof openLogWriter>[0]> = {}) =>
  openLogWriter({
    folder,
    model: 'churn',
    maxBytes: 1_000_000,
    maxMs: 3_600_000,
    maxWaiting: 10_000,
    flushMs: 60_000,
    date: () => new Date('2026-01-05T08:00:00.000Z'),
    warn: () => undefined,
    ...more,
  });
const idsIn = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) =>
      readFileSync(join(folder, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((text) => predictionSchema.parse(JSON.parse(text)).id),
    );

describe('the log writer', () => {
  it('writes every line once, in order, and all of them before it closes', async () => {
    const folder = ownFolder('log');
    const log = await open(folder);
    const ids = Array.from({ length: 1_200 }, (_, index) => `r${index}`);
    for (const id of ids) log.write(line(id));
    await log.close();
    expect(idsIn(folder)).toEqual([ids]);
    expect([log.written, log.dropped]).toEqual([1_200, 0]);
  });

  it('begins another file by size and by time', async () => {
    const folder = ownFolder('log');
    let now = Date.parse('2026-01-05T08:00:00.000Z');
    const log = await open(folder, { maxBytes: 100, maxMs: 1_000, date: () => new Date(now) });
    for (const id of ['a', 'b']) {
      log.write(line(id));
      await log.flush();
    }
    now += 1_000;
    await log.flush();
    log.write(line('c'));
    await log.close();
    expect(idsIn(folder)).toEqual([['a'], ['b'], ['c']]);
  });

  it('drops what it can not hold, and counts it', async () => {
    const log = await open(ownFolder('log'), { maxWaiting: 2 });
    for (const id of ['a', 'b', 'c', 'd']) log.write(line(id));
    await log.close();
    expect([log.written, log.dropped]).toEqual([2, 2]);
  });

  it('is refused as a mistake where a file has its name', async () => {
    const file = join(ownFolder('log'), 'taken');
    writeFileSync(file, '');
    await expect(open(file)).rejects.toMatchObject({ name: 'UserError', code: 'LOG_UNWRITABLE' });
    await expect(open(join(file, 'inner'))).rejects.toMatchObject({ name: 'UserError', code: 'LOG_UNWRITABLE' });
  });

  it('goes on when the folder is there again, and says once that it was not', async () => {
    const folder = join(ownFolder('log'), 'inner');
    const said: string[] = [];
    const log = await open(folder, { warn: (text) => said.push(text) });
    rmSync(folder, { recursive: true });
    for (const id of ['a', 'b']) {
      log.write(line(id));
      await log.flush();
    }
    expect([log.dropped, said.length]).toEqual([2, 1]);
    mkdirSync(folder);
    log.write(line('c'));
    await log.close();
    expect(idsIn(folder)).toEqual([['c']]);
  });
});
