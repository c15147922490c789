import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, codes, type PartialConfig, randomNumbers, shuffled, useFixture } from './fixture.ts';

const fixture = useFixture();
const at = (minute: number) => new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString();

/** Rows beyond the ones looked at, so that no split is empty. They match nothing. */
const filler = Array.from({ length: 20 }, (_, index) => ({ k: `filler ${index}`, seen: at(0), y: index % 2 }));

/** Builds with rows and feature rows, and gives each looked-at row's joined value by its number in the source. */
async function joined(
  rows: readonly Readonly<Record<string, unknown>>[],
  features: readonly Readonly<Record<string, unknown>>[],
  more: Partial<PartialConfig['features'] extends readonly (infer F)[] | undefined ? F : never> = {},
) {
  await fixture.csv('rows.csv', [...rows, ...filler]);
  await fixture.csv('usage.csv', features);
  const result = await fixture.build({
    time: 'seen',
    features: [{ source: 'usage.csv', entity: 'k', time: 'known', ...more }],
    split: { by: 'random' },
  });
  const found = all(result.splits);
  const values = rows.map((_, index) => found.find(({ __row }) => __row === index + 1)?.['v']);
  return { ...result, values };
}
const row = (k: string, minute: number) => ({ k, seen: at(minute), y: 1 });
const fact = (k: string, minute: number, v: unknown) => ({ k, known: at(minute), v });

describe('as of a row’s time', () => {
  it('takes the latest value that was known: of 5, 9 and 11 at 10 the one of 9', async () => {
    const { values } = await joined([row('a', 10)], [fact('a', 5, 50), fact('a', 9, 90), fact('a', 11, 110)]);
    expect(values).toEqual([90]);
  });

  it('includes a value known at the same moment, and none of another entity or from later', async () => {
    const { values } = await joined([row('a', 10), row('a', 4), row('b', 10)], [fact('a', 10, 1), fact('a', 5, 2)]);
    expect(values).toEqual([1, null, null]);
  });

  it('misses a value older than maxAge and keeps one exactly that old', async () => {
    const { values } = await joined([row('a', 10), row('a', 8), row('a', 9)], [fact('a', 5, 50)], { maxAge: '3m' });
    expect(values).toEqual([null, 50, null]);
  });

  it('takes a missing value of the latest observation as missing', async () => {
    const { values } = await joined([row('a', 10)], [fact('a', 5, 50), fact('a', 9, '')]);
    expect(values).toEqual([null]);
  });

  it('joins no value to a row without entity or time, and says so', async () => {
    const { values, manifest } = await joined(
      [
        { k: '', seen: at(10), y: 1 },
        { k: 'a', seen: '', y: 1 },
      ],
      [fact('a', 5, 50), fact('', 5, 60), fact('', 5, 61), { k: 'a', known: '', v: 70 }],
    );
    expect(values).toEqual([null, null]);
    expect(manifest.notices).toContainEqual({ code: 'FEATURE_ROWS_UNUSED', message: expect.stringContaining('3 rows of usage.csv') });
    expect(codes(manifest)).toContain('JOIN_WITHOUT_TIME');
    expect(codes(manifest)).not.toContain('FEATURE_TIES');
  });

  it('chooses between different values of one moment by their content, wherever they stand', async () => {
    const facts = [fact('a', 5, 7), fact('a', 5, 9), fact('a', 5, 8), fact('b', 5, 1), fact('b', 5, 1)];
    for (const seed of [1, 2, 3]) {
      const { values, manifest } = await joined([row('a', 10), row('b', 10)], shuffled(facts, randomNumbers(seed)));
      expect(values).toEqual([9, 1]);
      expect(manifest.notices).toContainEqual({ code: 'FEATURE_TIES', message: expect.stringContaining(' 1 times') });
    }
  });

  it('says when no row finds a value', async () => {
    const { manifest } = await joined([row('a', 10)], [fact('A', 5, 1)]);
    expect(codes(manifest)).toContain('FEATURES_NEVER_MATCH');
  });

  it('never looks ahead: the same as looking at every pair', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const minute = fc.integer({ min: 0, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, minute), { minLength: 1, maxLength: 25 }),
        fc.uniqueArray(fc.tuple(key, minute), { minLength: 1, maxLength: 25, selector: ([k, m]) => `${k}${m}` }),
        fc.constantFrom(undefined, 2, 5),
        async (rows, facts, maxAge) => {
          const { values } = await joined(
            rows.map(([k, m]) => row(k, m)),
            facts.map(([k, m]) => fact(k, m, m)),
            maxAge === undefined ? {} : { maxAge: `${maxAge}m` },
          );
          const expected = rows.map(([k, m]) => {
            const known = facts.filter(([entity, time]) => entity === k && time <= m).map(([, time]) => time);
            const latest = known.length === 0 ? null : Math.max(...known);
            return latest !== null && maxAge !== undefined && m - latest > maxAge ? null : latest;
          });
          expect(values).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('what is joined', () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({ shop: index % 4, product: index % 3, seen: at(30), y: index % 2 }));

  it('is several tables, with composite entities and chosen columns', async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.csv('stock.csv', [
      { shop: 1, product: 2, known: at(5), stock: 12, hidden: 1 },
      { shop: 2, product: 2, known: at(5), stock: 22, hidden: 1 },
    ]);
    await fixture.csv('weather.csv', [{ shop: 1, at: at(1), rain: 'true' }]);
    const { splits, manifest } = await fixture.build({
      time: 'seen',
      features: [
        { source: 'stock.csv', entity: ['shop', 'product'], time: 'known', columns: ['stock'] },
        { source: 'weather.csv', entity: 'shop', time: 'at' },
      ],
    });
    for (const { shop, product, stock, rain } of all(splits)) {
      expect(stock).toBe(product === 2 && shop === 1 ? 12 : product === 2 && shop === 2 ? 22 : null);
      expect(rain).toBe(shop === 1 ? true : null);
    }
    expect(manifest.features).toEqual([
      { name: 'shop', type: 'integer' },
      { name: 'product', type: 'integer' },
      { name: 'stock', type: 'integer' },
      { name: 'rain', type: 'boolean' },
    ]);
    expect(manifest.inputs.map(({ source }) => source)).toEqual(['rows.csv', 'stock.csv', 'weather.csv']);
  });

  it('matches a number with the text or the fraction that another file made of it', async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.parquet(
      'text.parquet',
      `SELECT unnest(['3', 'unknown']) AS shop, TIMESTAMP '2025-01-01' AS known, 'found' AS text_match`,
    );
    await fixture.parquet('float.parquet', `SELECT 2.0::DOUBLE AS shop, TIMESTAMP '2025-01-01' AS known, 'found' AS float_match`);
    const { splits } = await fixture.build({
      time: 'seen',
      features: [
        { source: 'text.parquet', entity: 'shop', time: 'known' },
        { source: 'float.parquet', entity: 'shop', time: 'known' },
      ],
    });
    for (const { shop, text_match, float_match } of all(splits)) {
      expect(text_match).toBe(shop === 3 ? 'found' : null);
      expect(float_match).toBe(shop === 2 ? 'found' : null);
    }
  });

  it('reads times with zones, as text and as dates for the instants that they are', async () => {
    // All four rows: 2025-01-01 10:00 UTC.
    await fixture.parquet('rows.parquet', `SELECT 'a' AS k, '2025-01-01T12:00:00+02:00' AS seen, i % 2 AS y, i AS n FROM range(40) t(i)`);
    await fixture.parquet(
      'zoned.parquet',
      `SELECT * FROM (VALUES ('a', TIMESTAMPTZ '2025-01-01 11:30:00+02:00', 'before'), ('a', TIMESTAMPTZ '2025-01-01 12:30:00+02:00', 'after')) t(k, known, zoned)`,
    );
    await fixture.csv('dated.csv', [
      { k: 'a', on: '2025-01-01', dated: 'today' },
      { k: 'a', on: '2025-01-02', dated: 'tomorrow' },
    ]);
    const { splits, manifest } = await fixture.build({
      source: 'rows.parquet',
      time: 'seen',
      features: [
        { source: 'zoned.parquet', entity: 'k', time: 'known' },
        { source: 'dated.csv', entity: 'k', time: 'on' },
      ],
    });
    expect(new Set(all(splits).map(({ zoned }) => zoned))).toEqual(new Set(['before']));
    expect(new Set(all(splits).map(({ dated }) => dated))).toEqual(new Set(['today']));
    expect(codes(manifest)).toContain('FEATURE_TIME_IS_DATE');
    await fixture.csv(
      'rows.csv',
      rows.map((entry) => ({ ...entry, k: 'a', seen: '2025-01-01' })),
    );
    const days = await fixture.build({ time: 'seen', features: [{ source: 'dated.csv', entity: 'k', time: 'on' }] });
    expect(new Set(all(days.splits).map(({ dated }) => dated))).toEqual(new Set(['today']));
    expect(codes(days.manifest)).not.toContain('FEATURE_TIME_IS_DATE');
  });

  it('compares counted times as numbers', async () => {
    await fixture.csv(
      'rows.csv',
      rows.map((entry) => ({ ...entry, seen: 10 })),
    );
    await fixture.csv('counted.csv', [
      { shop: 1, t: 9, v: 90 },
      { shop: 1, t: 11, v: 110 },
      { shop: 1, t: 5, v: 50 },
    ]);
    const feature = { source: 'counted.csv', entity: 'shop', time: 't' };
    const { splits } = await fixture.build({ time: 'seen', features: [feature] });
    expect(
      new Set(
        all(splits)
          .filter(({ shop }) => shop === 1)
          .map(({ v }) => v),
      ),
    ).toEqual(new Set([90]));
    await expect(fixture.build({ time: 'seen', features: [{ ...feature, maxAge: '3d' }] })).rejects.toMatchObject({
      code: 'TIME_WITHOUT_UNIT',
    });
  });

  it('brings no name twice: both owners are named', async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.csv('stock.csv', [{ shop: 1, known: at(1), Product: 1 }]);
    await fixture.csv('more.csv', [{ shop: 1, known: at(1), level: 1 }]);
    await expect(fixture.build({ time: 'seen', features: [{ source: 'stock.csv', entity: 'shop', time: 'known' }] })).rejects.toMatchObject(
      { code: 'COLUMN_COLLISION', message: expect.stringMatching(/rows\.csv.*stock\.csv.*Product/) },
    );
    const more = { source: 'more.csv', entity: 'shop', time: 'known' };
    await expect(fixture.build({ time: 'seen', features: [more, more] })).rejects.toMatchObject({
      code: 'COLUMN_COLLISION',
      message: expect.stringMatching(/features\[0\].*features\[1\].*level/),
    });
  });

  it('needs a time, one that can be compared, and columns that exist', async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.csv('stock.csv', [{ shop: 1, known: at(1), stock: 1, week: 3 }]);
    const feature = { source: 'stock.csv', entity: 'shop', time: 'known' };
    await expect(fixture.build({ features: [feature] })).rejects.toMatchObject({ code: 'TIME_NEEDED' });
    await expect(fixture.build({ time: 'seen', features: [{ ...feature, time: 'week' }] })).rejects.toMatchObject({
      code: 'TIME_KINDS_DIFFER',
    });
    await expect(fixture.build({ time: 'seen', features: [{ ...feature, entity: 'shopp' }] })).rejects.toMatchObject({
      code: 'COLUMN_UNKNOWN',
      hint: 'Did you mean "shop"?',
    });
    await fixture.csv('stock.csv', [{ shop: 1, known: 'yesterday', stock: 1 }]);
    await expect(fixture.build({ time: 'seen', features: [feature] })).rejects.toMatchObject({ code: 'TIME_UNREADABLE' });
  });
});
