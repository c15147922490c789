import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { permutationImportance } from '../../../shared/scoring/permutation-importance.ts';
import type { Predictions, Scorer } from '../../../shared/scoring/scorer.ts';

let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB();
  await engine.run(
    `CREATE TABLE t AS SELECT (hash(i) % 1000) / 1000.0 AS strong, (hash(i + 7) % 1000) / 1000.0 AS weak, (hash(i + 9) % 1000) / 1000.0 AS unused,
      CASE WHEN i % 3 = 0 THEN NULL ELSE 'c' || (i % 2) END AS word, CAST(i AS BIGINT) AS whole FROM range(3000) r(i)`,
  );
});
afterAll(() => engine.close());

const inputs = [
  { name: 'strong', type: 'number' },
  { name: 'weak', type: 'number' },
  { name: 'unused', type: 'number' },
  { name: 'word', type: 'text' },
  { name: 'whole', type: 'integer' },
] as const;
const scorerOf = (score: (row: Record<string, unknown>) => number, sizes: number[] = []): Scorer => ({
  inputs,
  async score({ rowCount, columns }) {
    sizes.push(rowCount);
    const row = (at: number) => Object.fromEntries(Object.entries(columns).map(([name, { values }]) => [name, values[at]]));
    return { kind: 'values', width: 1, values: Float64Array.from({ length: rowCount }, (_, at) => score(row(at))) };
  },
  async close() {},
});
const scoresOf = (predictions: Predictions) => (predictions.kind === 'values' ? predictions.values : new Float64Array());
const ask = (scorer: Scorer, seed = 7) => permutationImportance(engine, 't', scorer, { scoresOf, seed });

it('orders columns by how much the answers hang on them', async () => {
  const model = scorerOf(({ strong, weak, word }) => 10 * Number(strong) + Number(weak) + (word === 'c1' ? 3 : 0));
  const found = await ask(model);
  expect(Object.keys(found ?? {})).toEqual(inputs.map(({ name }) => name));
  expect(found?.['strong']).toBeGreaterThan(0.8);
  expect(found?.['strong']).toBeGreaterThan(found?.['word'] ?? 9);
  expect(found?.['word']).toBeGreaterThan(found?.['weak'] ?? 9);
  expect(found?.['weak']).toBeGreaterThan(0.02);
  expect(found?.['unused']).toBe(0);
  expect(found?.['whole']).toBe(0);
});

it('is E|x − y| over the standard deviation for a model that answers one column', async () => {
  // Of two independent uniforms the mean distance is 1/3, the standard deviation 1/√12.
  const found = await ask(scorerOf(({ strong }) => Number(strong)));
  expect(found?.['strong']).toBeCloseTo(Math.sqrt(12) / 3, 1);
});

it('is the same for the same seed, and looks at two thousand rows', async () => {
  const sizes: number[] = [];
  const model = scorerOf(({ strong, weak }) => Number(strong) + Number(weak), sizes);
  expect(await ask(model)).toEqual(await ask(model));
  expect(await ask(model, 8)).not.toEqual(await ask(model, 9));
  expect(new Set(sizes)).toEqual(new Set([2_000]));
});

it('says nothing of a model that always answers the same, or of too few rows', async () => {
  expect(await ask(scorerOf(() => 0.5))).toBeNull();
  const few = permutationImportance(
    engine,
    '(SELECT * FROM t LIMIT 49)',
    scorerOf(({ weak }) => Number(weak)),
    { scoresOf, seed: 1 },
  );
  expect(await few).toBeNull();
});
