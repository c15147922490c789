import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { measureLatency } from '../../../shared/scoring/measure-latency.ts';
import { scoreRows } from '../../../shared/scoring/score-rows.ts';
import type { Scorer } from '../../../shared/scoring/scorer.ts';

let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB();
  await engine.run(`CREATE TABLE t AS SELECT i AS n, i / 10 AS x, 'c' || i AS c, i % 2 = 0 AS even, TIMESTAMP '2001-01-01' + INTERVAL (i) DAY AS at,
    CAST(i AS DECIMAL(9, 2)) AS money, 1 AS label FROM range(10) r(i)`);
});
afterAll(() => engine.close());

/** Answers the row's number, and remembers what it was given. */
function recorder(inputs: Scorer['inputs'], wholeFile?: true) {
  const calls: { readonly size: number; readonly columns: string[]; readonly first: unknown[] }[] = [];
  const scorer: Scorer = {
    inputs,
    ...(wholeFile ? { wholeFile } : {}),
    async score({ rowCount, columns }) {
      calls.push({ size: rowCount, columns: Object.keys(columns), first: Object.values(columns).map(({ values }) => values[0]) });
      const own = columns['n'];
      return { kind: 'values', width: 1, values: Float64Array.from({ length: rowCount }, (_, row) => Number(own?.values[row] ?? 0)) };
    },
    async close() {},
  };
  return { scorer, calls };
}

describe('scoring rows', () => {
  it('gives batches of the columns that are read, and answers in the order of the rows', async () => {
    const { scorer, calls } = recorder([{ name: 'n', type: 'number' }]);
    const progress: number[] = [];
    const found = await scoreRows(engine, '(SELECT * FROM t ORDER BY n DESC)', scorer, {
      batch: 4,
      onProgress: (done) => progress.push(done),
    });
    expect(found).toEqual({ kind: 'values', width: 1, values: Float64Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0) });
    expect(calls.map(({ size }) => size)).toEqual([4, 4, 2]);
    expect(calls[0]?.columns).toEqual(['n']);
    expect(progress).toEqual([4, 8, 10]);
  });

  it('reads each column in the type that the model wants', async () => {
    const { scorer, calls } = recorder([
      { name: 'n', type: 'integer' },
      { name: 'x', type: 'number' },
      { name: 'c', type: 'text' },
      { name: 'even', type: 'text' },
      { name: 'at', type: 'text' },
      { name: 'money', type: 'number' },
    ]);
    await scoreRows(engine, 't', scorer);
    expect(calls[0]?.first).toEqual([0n, 0, 'c0', 'true', '2001-01-01 00:00:00', 0]);
  });

  it('gives all rows at once to a scorer that wants the whole file', async () => {
    const { scorer, calls } = recorder([{ name: 'n', type: 'number' }], true);
    await scoreRows(engine, 't', scorer, { batch: 3 });
    expect(calls.map(({ size }) => size)).toEqual([10]);
  });

  it('says which column is missing or of another type, and that there are no rows', async () => {
    const missing = scoreRows(engine, 't', recorder([{ name: 'gone', type: 'number' }]).scorer);
    await expect(missing).rejects.toMatchObject({ code: 'MODEL_COLUMN_MISSING', message: expect.stringContaining('gone') });
    await expect(scoreRows(engine, 't', recorder([{ name: 'c', type: 'number' }]).scorer)).rejects.toMatchObject({
      code: 'MODEL_INPUT_TYPE',
    });
    await expect(scoreRows(engine, '(SELECT * FROM t WHERE false)', recorder([]).scorer)).rejects.toMatchObject({ code: 'NO_ROWS' });
  });
});

describe('latency', () => {
  it('times both sides on the same rows, in turns whose order is drawn, and leaves the warm-up out', async () => {
    let clock = 0;
    const log: string[] = [];
    const side = (name: string, takes: number): Scorer => ({
      inputs: [],
      async score({ rowCount, columns }) {
        expect(rowCount).toBe(1);
        clock += takes;
        log.push(`${name}${columns['x']?.values[0]}`);
        return { kind: 'values', values: Float64Array.of(0), width: 1 };
      },
      async close() {},
    });
    const rows = { rowCount: 3, columns: { x: { kind: 'number', values: Float64Array.of(0, 1, 2) } } } as const;
    const found = await measureLatency({ candidate: side('c', 2), baseline: side('b', 5), rows, rounds: 40, seed: 1, now: () => clock });
    expect(found.candidate).toEqual(new Float64Array(40).fill(2));
    expect(found.baseline).toEqual(new Float64Array(40).fill(5));
    expect(log.length).toBeGreaterThan(80);
    const pairs = Array.from({ length: log.length / 2 }, (_, index) => [log[2 * index]!, log[2 * index + 1]!] as const);
    expect(pairs.every(([first, second]) => first.slice(1) === second.slice(1))).toBe(true);
    expect(new Set(pairs.map(([first]) => first[0]))).toEqual(new Set(['c', 'b']));
  });
});
