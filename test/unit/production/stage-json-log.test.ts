import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { findLogFiles } from '../../../shared/production/log-files.ts';
import { predictionSchema } from '../../../shared/production/prediction-log.ts';
import { stageJsonLog } from '../../../shared/production/stage-json-log.ts';
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

/** Each with the codes that SQL must find; the published schema must refuse exactly those lines that have any. */
const lines: readonly (readonly [text: string, codes: readonly string[]])[] = [
  [line(), []],
  [line({ variant: undefined, degraded: undefined, label: undefined }), []],
  [line({ variant: 'candidate', label: 1, degraded: true }), []],
  [line({ label: null, score: null, prediction: 'yes' }), []],
  [line({ prediction: true, label: false }), []],
  [line({ prediction: null }), []],
  [line({ features: {} }), []],
  [line({ features: { age: null } }), []],
  [line({ time: '2026-01-05T08:00:00.123456+02:00' }), []],
  [line({ time: '2024-02-29T23:59:59-11:30' }), []],
  [line({ score: 0, latency_ms: 0 }), []],
  [line({ score: -12.5 }), []],
  [line({ id: undefined }), ['missing:id']],
  [line({ features: undefined, score: undefined, time: undefined }), ['missing:time', 'missing:features', 'missing:score']],
  [line({ latency_ms: undefined, prediction: undefined }), ['missing:prediction', 'missing:latency_ms']],
  [line({ id: '' }), ['value:id']],
  [line({ id: 7 }), ['type:id']],
  [line({ id: null }), ['type:id']],
  [line({ model: '' }), ['value:model']],
  [line({ version: '3' }), ['value:version']],
  [line({ version: 'v03' }), ['value:version']],
  [line({ version: 3 }), ['type:version']],
  [line({ variant: 1 }), ['type:variant']],
  [line({ time: 1767600000 }), ['type:time']],
  [line({ time: '2026-01-05' }), ['value:time']],
  [line({ time: '2026-01-05 08:00:00Z' }), ['value:time']],
  [line({ time: '2026-01-05T08:00:00' }), ['value:time']],
  [line({ time: '2026-01-05T08:00Z' }), ['value:time']],
  [line({ time: '2026-02-30T08:00:00Z' }), ['value:time']],
  [line({ time: '2026-01-05T25:00:00Z' }), ['value:time']],
  [line({ features: [1] }), ['type:features']],
  [line({ features: null }), ['type:features']],
  [line({ features: { age: { years: 4 } } }), ['nested-feature']],
  [line({ features: { tags: ['a'] } }), ['nested-feature']],
  [line({ score: '0.5' }), ['type:score']],
  [line({ score: true }), ['type:score']],
  [line({ prediction: [0] }), ['type:prediction']],
  [line({ latency_ms: -1 }), ['value:latency_ms']],
  [line({ latency_ms: null }), ['type:latency_ms']],
  [line({ degraded: 0 }), ['type:degraded']],
  [line({ label: {} }), ['type:label']],
  [line({ user: 'u1' }), ['unknown-field']],
  [line().replace('0.25', 'NaN'), ['not-finite:score']],
  [line().replace('0.25', '-Infinity'), ['not-finite:score']],
  [line().replace('"age":40', '"age":NaN'), ['feature-not-finite']],
  ['{"id": "cut', ['not-json']],
  [`${line()} and more`, ['not-json']],
  ['[1, 2]', ['not-an-object']],
  ['"text"', ['not-an-object']],
];

/** What JSON.parse can't see, because the last of equal keys wins there. */
const unseen: readonly (readonly [text: string, codes: readonly string[]])[] = [
  [line().replace('{"id":"r1"', '{"id":"r0","id":"r1"'), ['repeated-field']],
  // A text that only looks like it.
  [line({ features: { note: 'said: NaN' } }), []],
];

function refusedBySchema(text: string): boolean {
  try {
    return !predictionSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return true;
  }
}

describe('one line', () => {
  test('is broken for SQL exactly where the published schema refuses it', async () => {
    const all = [...lines, ...unseen];
    await folder.write(
      'cases.jsonl',
      all.map(([text]) => text),
    );
    const files = await findLogFiles({ source: 'cases.jsonl', root: folder.path });
    const staged = await stageJsonLog(engine, 'cases.jsonl', files, {});
    const found = await engine.rows<{ line: number; broken: string[] }>(`SELECT line, broken FROM ${staged.rows} ORDER BY line`);
    expect(found.map(({ broken }, index) => [all[index]?.[0], broken])).toEqual(all);
    expect(found.map(({ line: number }) => number)).toEqual(all.map((_, index) => index + 1));
    for (const [text, codes] of lines) expect([text, refusedBySchema(text)]).toEqual([text, codes.length > 0]);
  });
});
