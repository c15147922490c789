import { expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { createNumberCounter } from '../../../shared/profile/count-numbers.ts';
import { numericOfValues } from '../../../shared/profile/numeric-counts.ts';

const none = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };

it('stays exact over more rows of a bucket than its doubles could add at once', () => {
  // All in one bucket, with every bit of the mantissa in use: sums of products pass 2^53 without a flush.
  const values = Float64Array.from({ length: 1_100 }, (_, index) => 1 + (2 ** 46 - 1 - index) * 2 ** -52);
  const counter = createNumberCounter();
  for (let round = 0; round < 3_300; round++) counter.add(values, undefined);
  const rows = new Map<number, number>();
  for (const value of values) rows.set(value, (rows.get(value) ?? 0) + 3_300);
  expect(rows.size).toBeGreaterThan(1_000);
  expect(counter.counts()).toEqual(numericOfValues([...rows], none));
});

it('tells NULL from NaN, before the cap and after', () => {
  const counter = createNumberCounter();
  const many = Float64Array.from({ length: 1_500 }, (_, index) => index - 700.5);
  counter.add(Float64Array.of(Number.NaN, Number.NaN), Uint8Array.of(1, 0));
  counter.add(many, undefined);
  counter.add(Float64Array.of(Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY, -0), Uint8Array.of(0, 1, 0, 0));
  expect(counter.counts()).toEqual(
    numericOfValues([...[...many].map((value) => [value, 1] as const), [0, 1]], {
      null: 2,
      nan: 2,
      negativeInfinity: 1,
      positiveInfinity: 0,
    }),
  );
});

it('is fed in pieces by an engine, which goes on after a visit that failed', async () => {
  const engine = await openDuckDB();
  const seen: number[] = [];
  await engine.chunks?.('SELECT range AS x FROM range(10000)', ({ rowCount }) => seen.push(rowCount));
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.reduce((sum, rows) => sum + rows, 0)).toBe(10_000);
  const failing = engine.chunks?.('SELECT range AS x FROM range(100000)', () => {
    throw new TypeError('not this piece');
  });
  await expect(failing).rejects.toThrow('not this piece');
  expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await engine.close();
});

it('takes no room for buckets that it has not seen: a profile may have tens of thousands of counters', () => {
  const before = process.memoryUsage().arrayBuffers;
  const counters = Array.from({ length: 5_000 }, createNumberCounter);
  expect((process.memoryUsage().arrayBuffers - before) / counters.length).toBeLessThan(1_000);
});
