import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { checkLog } from '../../../shared/production/check-log.ts';
import { logCheckSchema } from '../../../shared/production/log-check.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { type LogFolder, line, openFolder } from './log-lines.ts';

let engine: QueryEngine;
let folder: LogFolder;
beforeAll(async () => {
  engine = await openDuckDB();
  folder = await openFolder();
});
afterAll(async () => {
  await engine.close();
  await folder.remove();
});

const now = new Date('2026-01-10T00:00:00Z');
const check = (source: string, task?: 'binary' | 'regression') =>
  checkLog(engine, { source, root: folder.path }, { now, ...(task && { task }) });

describe('a log', () => {
  test('that keeps the schema passes, with who answered, the days, and what features miss', async () => {
    await folder.write('good.jsonl', [
      line({ id: 'a', label: 1 }),
      line({ id: 'b', version: 'v4', variant: 'candidate', time: '2026-01-06T23:59:59-02:00', degraded: true }),
      line({ id: 'c', score: null, features: { age: null, plan: 'x' }, time: '2026-01-04T00:00:00Z' }),
    ]);
    const result = await check('good.jsonl', 'binary');
    expect(logCheckSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      verdict: 'pass',
      headline: 'good.jsonl: 3 lines, all keep the schema',
      rows: 3,
      from: '2026-01-04T00:00:00.000Z',
      to: '2026-01-07T01:59:59.000Z',
      findings: [],
      labelled: 1,
      degraded: 1,
      withoutScore: 1,
    });
    expect(result.answered).toEqual([
      { model: 'churn', version: 'v3', variant: null, rows: 2 },
      { model: 'churn', version: 'v4', variant: 'candidate', rows: 1 },
    ]);
    expect(result.days).toEqual([
      { day: '2026-01-04', rows: 1 },
      { day: '2026-01-05', rows: 1 },
      { day: '2026-01-07', rows: 1 },
    ]);
    expect(result.features).toEqual([
      { name: 'age', type: 'integer', missing: 1 },
      { name: 'plan', type: 'text', missing: 0 },
      { name: 'active', type: 'boolean', missing: 1 },
    ]);
  });

  test('that breaks it fails: each rule with its count and first lines, and no value', async () => {
    const secret = 'sw0rdfish';
    await folder.write('bad-1.jsonl', [line({ id: 'a' }), line({ id: secret, score: secret }), `{"${secret}`]);
    await folder.write('bad-2.jsonl', [
      line({ id: 'a' }),
      line({ id: 'd', time: '2026-02-01T00:00:00Z' }),
      line({ id: 'e', score: 1.2 }),
      ...Array.from({ length: 7 }, (_, index) => line({ id: `f${index}`, user: secret, mood: secret })),
      line({ id: 'g' }).replace('40', 'NaN'),
    ]);
    const result = await check('bad-*.jsonl', 'binary');
    expect(logCheckSchema.parse(result)).toEqual(result);
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(result.verdict).toBe('fail');
    const found = Object.fromEntries(
      result.findings.map(({ rule, field, severity, rows, first }) => [
        `${severity} ${rule} ${field ?? ''}`.trim(),
        [rows, ...first.map(({ file, line: number }) => `${file}:${number}`)],
      ]),
    );
    expect(found).toEqual({
      'fail unknown-field': [7, 'bad-2.jsonl:4', 'bad-2.jsonl:5', 'bad-2.jsonl:6', 'bad-2.jsonl:7', 'bad-2.jsonl:8'],
      'fail type score': [1, 'bad-1.jsonl:2'],
      'fail not-json': [1, 'bad-1.jsonl:3'],
      'warn feature-not-finite': [1, 'bad-2.jsonl:11'],
      'fail repeated-id id': [1, 'bad-2.jsonl:1'],
      'fail future-time time': [1, 'bad-2.jsonl:2'],
      'fail score-range score': [1, 'bad-2.jsonl:3'],
    });
    expect(result.findings[0]?.message).toBe('7 lines: fields that the schema does not have: mood, user');
  });

  test('warns of what can be read and should be mended; a score beyond 1 is no finding where it is a number', async () => {
    await folder.write('warn.jsonl', [line({ id: 'a', score: 12 }), line({ id: 'b' }).replace('40', 'Infinity')]);
    expect(await check('warn.jsonl', 'regression')).toMatchObject({
      verdict: 'warn',
      findings: [{ rule: 'feature-not-finite', rows: 1, first: [{ file: 'warn.jsonl', line: 2 }] }],
    });
  });
});
