import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { checkSkew, type SkewRequest } from '../../../shared/production/check-skew.ts';
import { compareServed } from '../../../shared/production/compare-distributions.ts';
import { openPredictionLog } from '../../../shared/production/open-prediction-log.ts';
import { skewReportSchema } from '../../../shared/production/skew-report.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { literal } from '../../../shared/query/sql-text.ts';
import { openSource } from '../../../shared/source/table-source.ts';
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

async function skew(training: string, log: string, more: Partial<SkewRequest> = {}) {
  return checkSkew(engine, {
    training: await openSource(engine, { source: training, root: folder.path }),
    log: await openPredictionLog(engine, { source: log, root: folder.path }),
    key: { id: 'id' },
    ...more,
  });
}
const served = (id: string, features: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) =>
  line({ id, features, ...more });

test('small numbers are equal within the tolerance itself, large ones within their share of it', async () => {
  await folder.write('sizes.csv', ['id,x', 'a,0.0000001', 'b,0.0000001', 'c,1000000', 'd,1000000'].join('\n'));
  await folder.write('sizes.jsonl', [
    served('a', { x: 0.0000009 }),
    served('b', { x: 0.0000021 }),
    served('c', { x: 1_000_000.9 }),
    served('d', { x: 1_000_002 }),
  ]);
  const { columns } = await skew('sizes.csv', 'sizes.jsonl', { tolerance: 1e-6 });
  expect(columns).toMatchObject([{ column: 'x', differing: 2, first: [{ row: 2 }, { row: 4 }] }]);
});

describe('answers and the training rows that they are of', () => {
  test('are compared column by column, each way of differing by itself, rows and lines by number', async () => {
    await folder.write(
      'train.csv',
      [
        'id,age,plan,active,seen,left',
        'a,40,basic,true,2026-01-01T00:00:00Z,1',
        'b,41,basic,false,2026-01-02T12:00:00Z,2',
        'c,42,,true,2026-01-03,3',
        'd,,gold,true,2026-01-04,4',
        'e,44,gold,false,2026-01-05,5',
      ].join('\n'),
    );
    await folder.write('log-1.jsonl', [
      served('e', { age: 44.0000001, plan: 'gold', active: 0, seen: '2026-01-05T00:00:00Z' }),
      served('x', { age: 1, plan: 'z', active: true, seen: null }),
    ]);
    await folder.write('log-2.jsonl', [
      served('a', { age: '40', plan: 'basic', active: true, seen: '2026-01-01T01:00:00+01:00', extra: 1 }),
      served('b', { age: 41.5, plan: 'Basic', active: false, seen: '2026-01-02T12:00:01Z' }),
      served('c', { age: null, plan: 'basic', active: true, seen: '2026-01-03T00:00:00Z' }),
      served('d', { age: 43, plan: 'gold', active: true, seen: '2026-01-04T00:00:00Z' }),
    ]);
    const report = await skew('train.csv', 'log-*.jsonl');
    expect(skewReportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      verdict: 'fail',
      headline: '5 answers joined: 4 of 4 columns differ, age most, in 80.0 %',
      compared: 'rows',
      joined: { answers: 5, trainingRows: 5, shareOfServing: 5 / 6 },
      key: [{ training: 'id', serving: 'id' }],
      missing: [],
      onlyInTraining: ['left'],
      onlyInServing: ['extra'],
    });
    const of = (name: string) => report.columns.find(({ column }) => column === name);
    expect(of('age')).toMatchObject({ differing: 4, otherValue: 1, nullInServing: 1, nullInTraining: 1, otherType: 1 });
    expect(of('age')?.first).toEqual([
      { row: 1, file: 'log-2.jsonl', line: 1 },
      { row: 2, file: 'log-2.jsonl', line: 2 },
      { row: 3, file: 'log-2.jsonl', line: 3 },
      { row: 4, file: 'log-2.jsonl', line: 4 },
    ]);
    expect(of('plan')).toMatchObject({ differing: 2, otherValue: 1, nullInTraining: 1 });
    expect(of('active')).toMatchObject({ differing: 1, otherType: 1, first: [{ row: 5, file: 'log-1.jsonl', line: 1 }] });
    expect(of('seen')).toMatchObject({ differing: 1, otherValue: 1, first: [{ row: 2, file: 'log-2.jsonl', line: 2 }] });
  });

  test('are the same within the tolerance, relative for large numbers, and of each column its own', async () => {
    await folder.write('numbers.csv', 'id,small,large\na,0.5,1000000\nb,0.5,1000000\n');
    await folder.write('numbers.jsonl', [served('a', { small: 0.500002, large: 1000000.5 }), served('b', { small: 0.5, large: 1000002 })]);
    const rate = async (more: Partial<SkewRequest>) =>
      Object.fromEntries((await skew('numbers.csv', 'numbers.jsonl', more)).columns.map(({ column, rate: share }) => [column, share]));
    expect(await rate({})).toEqual({ small: 0.5, large: 0.5 });
    expect(await rate({ tolerance: 0 })).toEqual({ small: 0.5, large: 1 });
    expect(await rate({ columnTolerance: { small: 1e-5, large: 1e-5 } })).toEqual({ small: 0, large: 0 });
    await expect(rate({ columnTolerance: { smal: 1 } })).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' });
  });

  test('fail beyond the limit and warn below it; what the model was trained on must be served', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => `r${index},${index}`);
    await folder.write('many.csv', ['id,age', ...rows].join('\n'));
    await folder.write(
      'many.jsonl',
      rows.map((_, index) => served(`r${index}`, { age: index < 2 ? -1 : index })),
    );
    expect(await skew('many.csv', 'many.jsonl')).toMatchObject({ verdict: 'warn', columns: [{ rate: 0.01 }] });
    expect(await skew('many.csv', 'many.jsonl', { limit: 0.009 })).toMatchObject({ verdict: 'fail' });
    await folder.write('wide.csv', ['id,age,plan', ...rows.map((row) => `${row},x`)].join('\n'));
    expect(await skew('wide.csv', 'many.jsonl', { features: ['age', 'plan'], limit: 1 })).toMatchObject({
      verdict: 'fail',
      missing: ['plan'],
    });
  });

  test('are joined by id and time where an id repeats, by the feature of the key’s name where the log has one', async () => {
    await folder.write('events.csv', 'customer,at,age\n7,2026-01-05T08:00:00Z,40\n7,2026-01-06T08:00:00Z,41\n');
    await folder.write('events.jsonl', [
      served('q1', { customer: 7, age: 40 }, { time: '2026-01-05T08:00:00Z' }),
      served('q2', { customer: 7, age: 40 }, { time: '2026-01-06T09:00:00+01:00' }),
    ]);
    await expect(skew('events.csv', 'events.jsonl', { key: { id: 'customer' } })).rejects.toMatchObject({
      code: 'SKEW_KEY_REPEATS',
      message: 'customer does not name one row of events.csv: 2 rows have 1 key.',
    });
    const report = await skew('events.csv', 'events.jsonl', { key: { id: 'customer', time: 'at' } });
    expect(report.key).toEqual([
      { training: 'customer', serving: 'customer' },
      { training: 'at', serving: 'time' },
    ]);
    expect(report).toMatchObject({ joined: { answers: 2 }, columns: [{ column: 'age', differing: 1, first: [{ row: 2, line: 2 }] }] });
    await expect(skew('events.csv', 'events.jsonl', { key: { id: 'custmer' } })).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' });
  });

  test('in Parquet are no other type for being wider, and NaN is missing', async () => {
    const at = (name: string) => literal(join(folder.path, name));
    await engine.run(
      `COPY (SELECT 'p' || i AS id, CAST(i AS INTEGER) AS age, CASE WHEN i = 1 THEN 'nan'::DOUBLE ELSE i / 3.0 END AS x FROM range(3) t(i)) TO ${at('t.parquet')} (FORMAT parquet)`,
    );
    await engine.run(
      `COPY (SELECT 'p' || i AS id, TIMESTAMP '2026-01-05 08:00:00' AS time, 'm' AS model, 'v1' AS version, {'age': CAST(i AS DOUBLE), 'x': CASE WHEN i = 1 THEN NULL ELSE CAST(i / 3.0 AS FLOAT) END} AS features,
         0.5 AS score, 1 AS prediction, 1.0 AS latency_ms FROM range(3) t(i)) TO ${at('s.parquet')} (FORMAT parquet)`,
    );
    expect(await skew('t.parquet', 's.parquet')).toMatchObject({ verdict: 'pass', columns: [{ differing: 0 }, { differing: 0 }] });
  });

  test('that do not join are compared by distribution, and it says so', async () => {
    await folder.write('old.csv', ['id,age', ...Array.from({ length: 300 }, (_, index) => `o${index},${index % 50}`)].join('\n'));
    await folder.write(
      'new.jsonl',
      Array.from({ length: 300 }, (_, index) => served(`n${index}`, { age: (index % 50) + 30 })),
    );
    const report = await skew('old.csv', 'new.jsonl');
    expect(report).toMatchObject({
      compared: 'distribution',
      verdict: 'inconclusive',
      columns: [],
      notices: [{ code: 'SKEW_NOT_JOINED' }],
    });
    const training = await openSource(engine, { source: 'old.csv', root: folder.path });
    const log = await openPredictionLog(engine, { source: 'new.jsonl', root: folder.path });
    const drift = await compareServed(engine, { training, log, columns: ['age'] });
    expect(drift).toMatchObject({ verdict: 'fail', columns: [{ column: 'age', level: 'drift' }] });
    await folder.write('apart.csv', 'id,height\na,1\n');
    await expect(skew('apart.csv', 'new.jsonl')).rejects.toMatchObject({ code: 'SKEW_NO_COLUMNS' });
  });
});
