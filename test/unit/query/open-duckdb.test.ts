import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { identifier, literal } from '../../../shared/query/sql-text.ts';

let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB({ threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

describe('rows', () => {
  it('gives JSON values: counts as numbers, times as ISO 8601 in UTC, decimals as numbers', async () => {
    const [row] = await engine.rows(`SELECT count(*) AS n, sum(1::BIGINT) AS huge, 1.25::DECIMAL(9,2) AS price, DATE '2001-02-03' AS day,
      TIMESTAMP '2001-02-03 04:05:06.789' AS at, TIMESTAMPTZ '2001-02-03 04:05:06+02:00' AS zoned, NULL AS none, true AS flag,
      [1, NULL, 3]::BIGINT[] AS list, {'a': DATE '2001-01-01'} AS parts`);
    expect(row).toEqual({
      n: 1,
      huge: 1,
      price: 1.25,
      day: '2001-02-03',
      at: '2001-02-03T04:05:06.789Z',
      zoned: '2001-02-03T02:05:06.000Z',
      none: null,
      flag: true,
      list: [1, null, 3],
      parts: { a: '2001-01-01' },
    });
  });

  it('throws on an integer that a number cannot hold, rather than round it', async () => {
    await expect(engine.rows('SELECT 9007199254740993::BIGINT AS n')).rejects.toThrow(/2\^53/);
  });

  it('treats a column named __proto__ as a column', async () => {
    const [row] = await engine.rows('SELECT 7 AS "__proto__"');
    expect(Object.entries(row ?? {})).toEqual([['__proto__', 7]]);
  });
});

describe('columns', () => {
  it('keeps NULL and NaN apart, over many chunks', async () => {
    const { rowCount, columns } = await engine.columns(
      `SELECT CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN 'nan'::DOUBLE ELSE i END AS x, CASE WHEN i % 2 = 0 THEN i END AS k
       FROM range(10000) t(i) ORDER BY i`,
    );
    expect(rowCount).toBe(10_000);
    const { x, k } = columns;
    if (x?.kind !== 'number' || k?.kind !== 'integer') throw new Error('wrong kinds');
    expect([...x.values.subarray(9_996, 10_000)]).toEqual([Number.NaN, Number.NaN, 9_998, Number.NaN]);
    expect([...(x.nulls ?? new Uint8Array(0)).subarray(9_996, 10_000)]).toEqual([1, 0, 0, 1]);
    expect(k.values[9_998]).toBe(9_998n);
    expect([k.values[9_999], k.nulls?.[9_999], k.nulls?.[9_998]]).toEqual([0n, 1, 0]);
  });

  it('has every fixed-width type as a number, times in milliseconds', async () => {
    const { columns } =
      await engine.columns(`SELECT 1::TINYINT a, 2::SMALLINT b, 3::INTEGER c, 4::UINTEGER d, 1.5::FLOAT e, 2.25::DECIMAL(30,4) f,
      true g, DATE '1970-01-02' h, TIMESTAMP '1970-01-01 00:00:01.5' i, TIMESTAMP_MS '1970-01-01 00:00:02' j, TIMESTAMP_S '1970-01-01 00:00:03' k,
      TIMESTAMP_NS '1970-01-01 00:00:04' l, 5::HUGEINT m, 6::UBIGINT n, TIMESTAMPTZ '1970-01-01 02:00:00+02:00' o`);
    const values = Object.values(columns).map((column) => (column.kind === 'number' ? column.values[0] : column));
    expect(values).toEqual([1, 2, 3, 4, 1.5, 2.25, 1, 86_400_000, 1_500, 2_000, 3_000, 4_000, 5, 6, 0]);
    expect(Object.values(columns).every((column) => column.kind === 'number' && column.nulls === undefined)).toBe(true);
  });

  it('is empty, not broken, where no row is found', async () => {
    const { rowCount, columns } = await engine.columns(`SELECT 'x' AS a, 1.5::DOUBLE AS b WHERE false`);
    expect(rowCount).toBe(0);
    expect(columns['a']).toEqual({ kind: 'text', values: [] });
    expect(columns['b']).toMatchObject({ kind: 'number', values: new Float64Array(0) });
  });
});

it('runs statements of one engine in turn, and goes on after one that failed', async () => {
  const results = await Promise.allSettled([
    engine.columns('SELECT i::DOUBLE AS i FROM range(50000) t(i)'),
    engine.rows('SELECT nonsense'),
    engine.rows('SELECT count(*) AS n FROM range(10)'),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('does not depend on the zone of the machine', async () => {
  expect(await engine.rows(`SELECT CAST(TIMESTAMPTZ '2020-06-01 00:00:00+00' AS VARCHAR) AS t`)).toEqual([{ t: '2020-06-01 00:00:00+00' }]);
});

it('quotes any name and any text so that SQL reads back the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), async (name, text) => {
      // A NUL can't stand in SQL text at all.
      fc.pre(!name.includes('\0') && !text.includes('\0'));
      const [row] = await engine.rows(`SELECT ${literal(text)} AS ${identifier(name)}`);
      expect(Object.entries(row ?? {})).toEqual([[name, text]]);
    }),
    { numRuns: 100 },
  );
});
