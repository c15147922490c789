import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, codes, randomNumbers, shuffled, splitNames, useFixture } from './fixture.ts';

const fixture = useFixture();
const thousand = Array.from({ length: 1000 }, (_, index) => ({
  customer: `c${index}`,
  age: 20 + (index % 50),
  y: index % 5 === 0 ? 1 : 0,
}));
const positives = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.filter(({ y }) => y === 1).length;

describe('stratified', () => {
  it('cuts every class exactly: 1000 rows at 20 % are 700/150/150 with 140/30/30', async () => {
    await fixture.csv('thousand.csv', thousand);
    const { splits, manifest } = await fixture.build({ source: 'thousand.csv', id: 'customer' });
    expect(splitNames.map((name) => splits[name].length)).toEqual([700, 150, 150]);
    expect(splitNames.map((name) => positives(splits[name]))).toEqual([140, 30, 30]);
    expect(manifest.positive).toBe('1');
    expect(manifest.statistics).toEqual({
      train_rows: 700,
      val_rows: 150,
      test_rows: 150,
      train_label_dist: { '0': 0.8, '1': 0.2 },
      num_features: 1,
    });
  });

  it('cuts each of several classes', async () => {
    await fixture.csv(
      'classes.csv',
      thousand.map((row, index) => ({ ...row, y: index < 500 ? 'a' : index < 800 ? 'b' : 'c' })),
    );
    const { splits, manifest } = await fixture.build({ source: 'classes.csv' }, { task: 'multiclass' });
    const count = (rows: readonly Readonly<Record<string, unknown>>[], name: string) => rows.filter(({ y }) => y === name).length;
    for (const [name, total] of [
      ['a', 500],
      ['b', 300],
      ['c', 200],
    ] as const) {
      expect(splitNames.map((split) => count(splits[split], name))).toEqual([total * 0.7, total * 0.15, total * 0.15]);
    }
    expect(manifest.positive).toBeNull();
  });

  it('keeps all rows of an id together, also where their labels differ', async () => {
    const random = randomNumbers(5);
    await fixture.csv(
      'repeated.csv',
      Array.from({ length: 400 }, (_, index) => ({ customer: `c${index % 150}`, n: index, y: random() < 0.3 ? 1 : 0 })),
    );
    const { splits } = await fixture.build({ source: 'repeated.csv', id: 'customer' });
    const seen = new Map<unknown, string>();
    for (const name of splitNames) {
      for (const { customer } of splits[name]) {
        expect(seen.get(customer) ?? name).toBe(name);
        seen.set(customer, name);
      }
    }
    expect(all(splits)).toHaveLength(400);
  });

  it('keeps rows of equal content together where no id names them', async () => {
    await fixture.csv(
      'equal.csv',
      Array.from({ length: 300 }, (_, index) => ({ x: index % 150, y: index % 2 })),
    );
    const { splits } = await fixture.build({ source: 'equal.csv' });
    const places = new Map<unknown, Set<string>>();
    for (const name of splitNames) for (const { __id } of splits[name]) places.set(__id, (places.get(__id) ?? new Set()).add(name));
    expect(places.size).toBe(150);
    expect([...places.values()].every((names) => names.size === 1)).toBe(true);
  });

  it('leaves out rows without a label and says how many', async () => {
    await fixture.csv(
      'unlabelled.csv',
      thousand.map((row, index) => ({ ...row, y: index < 20 ? '' : row.y })),
    );
    const { splits, manifest } = await fixture.build({ source: 'unlabelled.csv' });
    expect(all(splits)).toHaveLength(980);
    expect(manifest.notices).toContainEqual({
      code: 'LABEL_MISSING',
      message: expect.stringContaining('20 rows of unlabelled.csv left out'),
    });
  });

  it('takes NaN for a missing label, and writes float labels as whole numbers', async () => {
    await fixture.parquet(
      'float.parquet',
      `SELECT i AS x, CASE WHEN i % 10 = 0 THEN 'nan'::DOUBLE ELSE (i % 2)::DOUBLE END AS y FROM range(200) t(i)`,
    );
    const { splits, manifest, output } = await fixture.build({ source: 'float.parquet' });
    expect(all(splits)).toHaveLength(180);
    expect(manifest.positive).toBe('1');
    const [described] = await fixture.engine.rows<{ column_type: string }>(
      `SELECT column_type FROM (DESCRIBE SELECT y FROM '${output}/train.parquet')`,
    );
    expect(described?.column_type).toBe('BIGINT');
  });
});

describe('what decides', () => {
  const ids = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map(({ __id }) => __id);

  it('is neither the order of rows and columns, nor the format, nor the number of threads', async () => {
    await fixture.csv('ordered.csv', thousand);
    const reordered = shuffled(thousand, randomNumbers(3)).map(({ customer, age, y }) => ({ y, age, customer }));
    await fixture.csv('shuffled.csv', reordered);
    await fixture.parquet(
      'same.parquet',
      `SELECT customer, age::DOUBLE AS age, y::SMALLINT AS y FROM read_csv('${fixture.path('shuffled.csv')}')`,
    );
    const first = await fixture.build({ source: 'ordered.csv' });
    for (const source of ['shuffled.csv', 'same.parquet']) {
      const other = await fixture.build({ source });
      for (const name of splitNames) {
        expect(other.manifest.splits[name].rowIds).toBe(first.manifest.splits[name].rowIds);
        expect(ids(other.splits[name])).toEqual(ids(first.splits[name]));
      }
    }
    await fixture.engine.run('SET threads = 1');
    try {
      const single = await fixture.build({ source: 'ordered.csv' });
      expect(single.manifest).toEqual(first.manifest);
    } finally {
      await fixture.engine.run('SET threads = 2');
    }
  });

  it.each([
    ['rows named by their content', {}, (index: number) => index],
    ['rows of repeated ids', { id: 'customer' }, (index: number) => index % 300],
  ])('writes the same bytes for shuffled %s, but for the number of the row', async (_, config, idOf) => {
    const rows = thousand.map((row, index) => ({ ...row, n: index, customer: `c${idOf(index)}` }));
    await fixture.csv('a.csv', rows);
    await fixture.csv('b.csv', shuffled(rows, randomNumbers(4)));
    const written = [];
    for (const source of ['a.csv', 'b.csv']) {
      const { output } = await fixture.build({ ...config, source });
      const path = fixture.path(`${source}.parquet`);
      await fixture.engine.run(`COPY (SELECT * EXCLUDE (__row) FROM '${output}/train.parquet') TO '${path}' (FORMAT parquet)`);
      written.push(await readFile(path));
    }
    expect(written[0]?.equals(written[1]!)).toBe(true);
  });

  it('is the seed', async () => {
    await fixture.csv('seeded.csv', thousand);
    const a = await fixture.build({ source: 'seeded.csv', split: { seed: 1 } });
    const b = await fixture.build({ source: 'seeded.csv', split: { seed: 2 } });
    const both = a.splits.test.filter(({ __id }) => ids(b.splits.test).includes(__id)).length;
    // 150 of 1000 twice: 22.5 expected, standard deviation 4.
    expect(both).toBeGreaterThan(5);
    expect(both).toBeLessThan(45);
    expect(a.manifest.version).not.toBe(b.manifest.version);
  });

  it('is a formula that any machine can follow: md5 of the identity, then of seed and identity', async () => {
    await fixture.csv('formula.csv', thousand);
    const { splits } = await fixture.build({ source: 'formula.csv', id: 'customer' });
    const md5 = (text: string) => createHash('md5').update(text);
    const hashed = thousand.map(({ customer, y }) => {
      const id = md5(customer).digest('hex');
      return { customer, y, id, hash: md5(`42:${id}`).digest().readBigUInt64LE(8) >> 1n };
    });
    const inOrder = (y: number) => hashed.filter((row) => row.y === y).sort((a, b) => (a.hash < b.hash ? -1 : 1));
    const test = [...inOrder(0).slice(680), ...inOrder(1).slice(170)].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(splits.test.map(({ __id }) => __id)).toEqual(test.map(({ id }) => id));
    expect(splits.test.map(({ customer }) => customer)).toEqual(test.map(({ customer }) => customer));
  });
});

it('is a partition, whatever the rows', async () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(''), fc.stringMatching(/^[a-z]{0,3}$/));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ k: value, v: value, y: fc.integer({ min: 0, max: 1 }) }), { minLength: 30, maxLength: 80 }),
      fc.constantFrom('stratified' as const, 'random' as const),
      fc.nat(1000),
      async (drawn, by, seed) => {
        // One row of each class that no other row equals, so that no split can be swallowed whole.
        const rows = [...drawn, ...Array.from({ length: 40 }, (_, index) => ({ k: 100 + index, v: 'z', y: index % 2 }))];
        await fixture.csv('drawn.csv', rows);
        const { splits, manifest } = await fixture.build({ source: 'drawn.csv', split: { by, seed } });
        const numbers = all(splits).map(({ __row }) => Number(__row));
        expect(numbers.toSorted((a, b) => a - b)).toEqual(rows.map((_, index) => index + 1));
        const sets = splitNames.map((name) => new Set(splits[name].map(({ __id }) => __id)));
        expect(new Set(sets.flatMap((set) => [...set])).size).toBe(sets.reduce((sum, set) => sum + set.size, 0));
        for (const name of splitNames) {
          expect(manifest.splits[name].rows).toBe(splits[name].length);
          const sorted = splits[name].map(({ __id }) => String(__id)).toSorted();
          expect(splits[name].map(({ __id }) => __id)).toEqual(sorted);
          const text = sorted.map((id) => `${id}\n`).join('');
          expect(manifest.splits[name].rowIds).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
        }
      },
    ),
    { numRuns: 12 },
  );
});

describe('by time', () => {
  const day = (index: number) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10);

  it('cuts at quantiles and keeps equal times on one side', async () => {
    await fixture.csv(
      'days.csv',
      Array.from({ length: 200 }, (_, index) => ({ seen: day(index >> 3), n: index, y: index % 2 })),
    );
    const { splits } = await fixture.build({ source: 'days.csv', time: 'seen', split: { by: 'time' } });
    // 140 rows are 17.5 days: the eighteenth stays whole in train. 170 are 21.25: the twenty-second stays whole in validation.
    expect(splitNames.map((name) => splits[name].length)).toEqual([144, 32, 24]);
    const days = (name: (typeof splitNames)[number]) => splits[name].map(({ seen }) => String(seen)).toSorted();
    expect(days('train').at(-1)! < days('validation')[0]!).toBe(true);
    expect(days('validation').at(-1)! < days('test')[0]!).toBe(true);
  });

  it('leaves out the rows of an embargo, counted; one exactly that old stays', async () => {
    await fixture.csv(
      'embargo.csv',
      Array.from({ length: 100 }, (_, index) => ({ seen: day(index), y: index % 2 })),
    );
    const { splits, manifest } = await fixture.build({ source: 'embargo.csv', time: 'seen', split: { by: 'time', embargo: '3d' } });
    expect(splitNames.map((name) => splits[name].length)).toEqual([68, 13, 15]);
    expect(
      splits.train
        .map(({ seen }) => String(seen))
        .toSorted()
        .at(-1),
    ).toBe(day(67));
    expect(manifest.notices).toContainEqual({ code: 'EMBARGO', message: expect.stringContaining('4 rows left out') });
  });

  it('leaves out rows without a time', async () => {
    await fixture.csv(
      'timeless.csv',
      Array.from({ length: 100 }, (_, index) => ({ seen: index < 3 ? '' : day(index), y: index % 2 })),
    );
    const { splits, manifest } = await fixture.build({ source: 'timeless.csv', time: 'seen', split: { by: 'time' } });
    expect(all(splits)).toHaveLength(97);
    expect(codes(manifest)).toContain('TIME_MISSING');
  });

  it('reaches beyond what JavaScript counts exactly', async () => {
    await fixture.csv(
      'far.csv',
      Array.from({ length: 100 }, (_, index) => ({
        seen: `9999-12-31T00:${String(index % 60).padStart(2, '0')}:00Z`,
        n: index,
        y: index % 2,
      })),
    );
    const { splits } = await fixture.build({ source: 'far.csv', time: 'seen', split: { by: 'time', embargo: '1m' } });
    expect(splits.test.length).toBeGreaterThan(0);
  });

  it('orders counted times too', async () => {
    await fixture.csv(
      'weeks.csv',
      Array.from({ length: 100 }, (_, index) => ({ week: index, y: index % 2 })),
    );
    const { splits } = await fixture.build({ source: 'weeks.csv', time: 'week', split: { by: 'time' } });
    expect(splits.test.map(({ week }) => Number(week)).toSorted((a, b) => a - b)[0]).toBe(85);
  });
});

it('makes one stratum of a regression', async () => {
  await fixture.csv(
    'regression.csv',
    Array.from({ length: 100 }, (_, index) => ({ n: index, y: index / 7 })),
  );
  const { splits, manifest } = await fixture.build({ source: 'regression.csv' }, { task: 'regression' });
  expect(splitNames.map((name) => splits[name].length)).toEqual([70, 15, 15]);
  expect(manifest.statistics.train_label_dist).toEqual({});
  expect(manifest.positive).toBeNull();
});

it('can do without validation rows', async () => {
  await fixture.csv('two.csv', thousand);
  const { splits, output } = await fixture.build({ source: 'two.csv', split: { train: 0.8, validation: 0, test: 0.2 } });
  expect(splitNames.map((name) => splits[name].length)).toEqual([800, 0, 200]);
  const columns = await fixture.engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM '${output}/validation.parquet'`);
  expect(columns.map(({ column_name }) => column_name)).toEqual(['customer', 'age', 'y', '__row', '__id']);
});
