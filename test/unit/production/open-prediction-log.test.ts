import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { answerTable, featureTable, openPredictionLog, sliceCondition } from '../../../shared/production/open-prediction-log.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { identifier, literal } from '../../../shared/query/sql-text.ts';
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

const open = (source: string, more: Partial<Parameters<typeof openPredictionLog>[1]> = {}) =>
  openPredictionLog(engine, { source, root: folder.path, ...more });
const many = (count: number, make: (index: number) => Readonly<Record<string, unknown>> = () => ({})) =>
  Array.from({ length: count }, (_, index) => line({ id: `r${index}`, ...make(index) }));

describe('JSON lines', () => {
  test('become typed columns, with numbers as one text however they were written', async () => {
    await folder.write('typed.jsonl', [
      line({ id: 'a', prediction: 1, label: 1.5, time: '2026-01-05T08:00:00.25+02:00' }),
      '',
      line({ id: 'b', prediction: 'yes', label: true, variant: 'candidate', features: { age: 40.5, plan: null, extra: 3 } }),
      line({ id: 'c', prediction: null }).replace('"prediction":null', '"prediction":1.0'),
    ]);
    const log = await open('typed.jsonl');
    expect(log.rows).toBe(3);
    expect(log.leftOut).toEqual({ broken: 0, repeated: 0 });
    expect(log.features.map(({ name, type }) => `${name} ${type}`)).toEqual(['age number', 'plan text', 'active boolean', 'extra integer']);
    const rows = await engine.rows(`SELECT id, time, variant, prediction, label, degraded, line FROM ${log.relation} ORDER BY line`);
    expect(rows).toEqual([
      { id: 'a', time: '2026-01-05T06:00:00.250Z', variant: null, prediction: '1', label: '1.5', degraded: false, line: 1 },
      { id: 'b', time: '2026-01-05T08:00:00.000Z', variant: 'candidate', prediction: 'yes', label: 'true', degraded: false, line: 3 },
      { id: 'c', time: '2026-01-05T08:00:00.000Z', variant: null, prediction: '1', label: null, degraded: false, line: 4 },
    ]);
  });

  test('in rotated pieces, zipped, are one log; each piece counts its own lines, empty pieces count for nothing', async () => {
    await folder.write('day-1.jsonl.gz', many(3));
    await folder.write('day-2.jsonl.gz', [...many(2, (index) => ({ id: `s${index}` })), '', line({ id: 's9' })]);
    const log = await open('day-*.jsonl.gz');
    expect(await engine.rows(`SELECT file, line, id FROM ${log.relation} ORDER BY file, line`)).toEqual([
      { file: 1, line: 1, id: 'r0' },
      { file: 1, line: 2, id: 'r1' },
      { file: 1, line: 3, id: 'r2' },
      { file: 2, line: 1, id: 's0' },
      { file: 2, line: 2, id: 's1' },
      { file: 2, line: 4, id: 's9' },
    ]);
  });

  test('carry features of any name, of mixed kinds, and by the types that training had', async () => {
    const odd = 'se"le\'ct [*]';
    await folder.write('names.jsonl', [
      line({ id: 'a', features: { [odd]: 1, time: 5, score: 'x', mixed: 1, when: '2026-01-01T00:00:00Z', __proto__x: 1 } }),
      line({ id: 'b', features: { [odd]: 2, time: 6, score: 'y', mixed: '1', when: null } }),
    ]);
    const log = await open('names.jsonl', { types: { when: 'timestamp' }, requires: [odd, '__proto__x'] });
    const table = featureTable(log);
    expect(table.columns.slice(0, 8).map(({ name }) => name)).toEqual([
      odd,
      'time',
      'score',
      'mixed',
      'when',
      '__proto__x',
      '__id',
      '__time',
    ]);
    const found = await engine.rows(
      `SELECT ${identifier(odd)} AS odd, time, score, mixed, "when", __time, __score, __row FROM ${table.relation}`,
    );
    expect(found[0]).toEqual({
      odd: 1,
      time: 5,
      score: 'x',
      mixed: '1',
      when: '2026-01-01T00:00:00.000Z',
      __time: '2026-01-05T08:00:00.000Z',
      __score: 0.25,
      __row: 1,
    });
    expect(await engine.rows(`SELECT ${log.kindSql['mixed']} AS kind, complete FROM ${log.relation} ORDER BY line`)).toEqual([
      { kind: 'number', complete: true },
      { kind: 'text', complete: false },
    ]);
  });

  test('of which a request stands twice keep the first answer by time, and a shadow beside it', async () => {
    await folder.write('twice.jsonl', [
      line({ id: 'a', score: 0.2, time: '2026-01-05T09:00:00Z' }),
      line({ id: 'a', score: 0.1, time: '2026-01-05T08:00:00Z' }),
      line({ id: 'a', score: 0.3, variant: 'shadow' }),
      line({ id: 'b', score: 0.4 }),
    ]);
    const log = await open('twice.jsonl');
    expect([log.rows, log.leftOut.repeated]).toEqual([3, 1]);
    expect(await engine.rows(`SELECT id, score FROM ${log.relation} ORDER BY score`)).toEqual([
      { id: 'a', score: 0.1 },
      { id: 'a', score: 0.3 },
      { id: 'b', score: 0.4 },
    ]);
    expect(await engine.rows(`SELECT score FROM ${log.relation} WHERE ${sliceCondition({ withoutShadow: true })} ORDER BY 1`)).toHaveLength(
      2,
    );
  });

  test('that a killed server cut short lose that line; a log of other lines is refused', async () => {
    await folder.write('cut.jsonl', `${many(200).join('\n')}\n{"id":"r200","ti`);
    const log = await open('cut.jsonl');
    expect([log.rows, log.leftOut.broken]).toEqual([200, 1]);
    await folder.write('other.jsonl', ['{"level":"info"}', '{"level":"warn"}']);
    await expect(open('other.jsonl')).rejects.toMatchObject({ code: 'LOG_INVALID' });
    await folder.write('half.jsonl', [...many(90), ...many(10, () => ({ score: 'high' }))]);
    await expect(open('half.jsonl')).rejects.toThrow('10 of 100 lines of half.jsonl');
  });

  test('of which one in a hundred is broken are read, and of which more is are refused', async () => {
    await folder.write('one.jsonl', [...many(99), line({ id: 'broken', score: 'high' })]);
    expect((await open('one.jsonl')).leftOut.broken).toBe(1);
    await folder.write('two.jsonl', [...many(132), ...many(2, () => ({ score: 'high' }))]);
    await expect(open('two.jsonl')).rejects.toMatchObject({ code: 'LOG_INVALID' });
  });

  test('that are no text, nothing, or too wide are told with their place', async () => {
    await folder.write('latin.jsonl', '');
    await expect(open('latin.jsonl')).rejects.toMatchObject({ code: 'LOG_EMPTY' });
    await folder.write('blank.jsonl', '\n\n');
    await expect(open('blank.jsonl')).rejects.toMatchObject({ code: 'LOG_EMPTY' });
    await expect(open('absent.jsonl')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await folder.write('log.csv', 'id\n1\n');
    await expect(open('log.csv')).rejects.toMatchObject({ code: 'LOG_FORMAT' });
    await folder.write('cased.jsonl', [line({ features: { Age: 1, age: 2 } })]);
    await expect(open('cased.jsonl')).rejects.toMatchObject({ code: 'LOG_FEATURE_NAMES' });
    await folder.write('unnamed.jsonl', [line({ features: { '': 1 } })]);
    await expect(open('unnamed.jsonl')).rejects.toMatchObject({ code: 'LOG_FEATURE_NAMES' });
    await folder.write('fake.jsonl.gz', many(1));
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(folder.path, 'fake.jsonl.gz'), 'no gzip at all');
    await expect(open('fake.jsonl.gz')).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
    await writeFile(join(folder.path, 'bytes.jsonl'), Buffer.from([...Buffer.from(`${line()}\n{"id":"`), 0xff, 0xfe, 0x22, 0x7d, 0x0a]));
    await expect(open('bytes.jsonl')).rejects.toMatchObject({ code: 'LOG_UNREADABLE', location: { file: 'bytes.jsonl', line: 2 } });
  });
});

describe('Parquet', () => {
  const write = async (name: string, select: string) => {
    await engine.run(`COPY (${select}) TO ${literal(join(folder.path, name))} (FORMAT parquet)`);
    return name;
  };
  const fields = (features: string, more = '') =>
    `SELECT 'p' || i AS id, TIMESTAMP '2026-01-05 08:00:00' + INTERVAL (i) MINUTE AS time, 'churn' AS model, 'v3' AS version, ${features} AS features, 0.5 AS score, i % 2 AS prediction, 2.0 AS latency_ms${more} FROM range(3) t(i)`;

  test('is the same log, read in place; pieces may differ in their features', async () => {
    await write('part-1.parquet', fields(`{'age': i, 'plan': 'x'}`));
    await write('part-2.parquet', fields(`{'age': i, 'new': 1.5}`).replace(`'p'`, `'q'`));
    const log = await open('part-*.parquet');
    expect([log.rows, log.format, log.place]).toEqual([6, 'parquet', 'row']);
    expect(log.features.map(({ name }) => name)).toEqual(['age', 'plan', 'new']);
    const table = featureTable(log);
    expect(await engine.rows(`SELECT age, plan, new, __id FROM ${table.relation} WHERE __row = 2 ORDER BY __id`)).toEqual([
      { age: 1, plan: 'x', new: null, __id: 'p1' },
      { age: 1, plan: null, new: 1.5, __id: 'q1' },
    ]);
    const answers = answerTable(log, 'binary');
    expect(await engine.rows(`SELECT DISTINCT prediction, label FROM ${answers.relation} ORDER BY 1`)).toEqual([
      { prediction: '0', label: null },
      { prediction: '1', label: null },
    ]);
  });

  test('of another schema is refused by name', async () => {
    await write('other.parquet', 'SELECT 1 AS customer, 2 AS age');
    await expect(open('other.parquet')).rejects.toMatchObject({ code: 'LOG_COLUMN_MISSING' });
    await write('flat.parquet', fields(`'{"age": 1}'`));
    await expect(open('flat.parquet')).rejects.toMatchObject({ code: 'LOG_COLUMN_TYPE' });
    await write('extra.parquet', fields(`{'age': i}`, `, 'secret' AS token`));
    await expect(open('extra.parquet')).rejects.toMatchObject({ code: 'LOG_INVALID' });
    await folder.write('cut.parquet', 'PAR1 and no more');
    await expect(open('cut.parquet')).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
    await folder.write('mixed-1.jsonl', [line()]);
    await write('mixed-2.parquet', fields(`{'age': i}`));
    await expect(open('mixed-*')).rejects.toMatchObject({ code: 'LOG_FORMAT' });
  });
});
