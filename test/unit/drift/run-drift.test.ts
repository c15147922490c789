import { beforeAll, describe, expect, it } from 'vitest';
import { columnOf, drift, findingOf, openAsDatabase, profileOf, rows, table } from './drift-tables.ts';

/** 20,000 people; in the second table those of the south (a quarter) on plan b (half of them) pay more. */
const people = (extra: string) =>
  rows(
    20_000,
    `['north', 'south', 'east', 'west'][1 + i % 4] AS region, ['a', 'b'][1 + (i // 4) % 2] AS plan, i % 7 AS weekday, u * 100 + ${extra} AS amount, u AS quiet`,
  );
const southOnB = 'CASE WHEN i % 4 = 1 AND (i // 4) % 2 = 1 THEN 40 ELSE 0 END';

describe('where the change is', () => {
  it('finds the one region and plan that changed, two columns deep, by a second pass', async () => {
    const report = await drift(
      await table(people('0')),
      await table(people('CASE WHEN i % 4 = 1 AND (i // 4) % 2 = 1 THEN 90 ELSE 0 END')),
    );
    expect(columnOf(report, 'amount').level).toBe('drift');
    const [first] = report.segments;
    expect(first?.column).toBe('amount');
    expect(first?.where.map(({ column, value }) => `${column}=${value}`).sort()).toEqual(['plan=b', 'region=south']);
    expect(first?.rows).toEqual({ reference: 2500, current: 2500 });
    expect(first?.explains).toBeGreaterThan(0.9);
    expect(first?.adjustedP).toBeLessThan(1e-6);
  });
  it('finds the same where only statements can be asked, as of a database', async () => {
    const [a, b] = [await table(people('0')), await table(people(southOnB))];
    const [here, there] = [await drift(a, b), await drift(a, b, { openTable: openAsDatabase })];
    expect(here.segments.length).toBeGreaterThan(0);
    expect(there).toEqual(here);
    const methods = { method: 'wasserstein', columnMethods: { region: 'chi2' } };
    expect(await drift(a, b, { ...methods, openTable: openAsDatabase })).toEqual(await drift(a, b, methods));
  });
  it('names no segment where everybody changed', async () => {
    const report = await drift(await table(people('0')), await table(people('30')));
    expect(columnOf(report, 'amount').level).toBe('drift');
    expect(report.segments).toEqual([]);
  });
  it('finds them in profiles by segment, without the tables, and at a hundredth of alpha for a hundred segments', async () => {
    const by = { by: ['region', 'plan'] };
    const report = await drift(await profileOf(await table(people('0')), by), await profileOf(await table(people(southOnB)), by));
    const [first] = report.segments.filter(({ column }) => column === 'amount');
    expect(first?.where.map(({ value }) => value).sort()).toEqual(['b', 'south']);
    expect(first?.effect).toBeCloseTo(0.4, 1);
  });
  it('tells which parts of a column carry the change, and both shapes over the same parts', async () => {
    const report = await drift(await table(people('0')), await table(people('30')));
    const { shape, moved, shown } = columnOf(report, 'amount');
    expect(shape?.labels.length).toBeLessThanOrEqual(40);
    for (const side of ['reference', 'current'] as const) expect(shape?.[side].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(moved[0]?.where).toMatch(/^(?:below|from|up to|-?[\d.]+ …)/);
    expect(shown['meanCurrent']).toBeCloseTo(80, 0);
  });
});

describe('levels', () => {
  it('names no rare category, unless values are allowed', async () => {
    const sql = (rare: string) => rows(1000, `CASE WHEN i < 15 THEN '${rare}' WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS c`);
    const [a, b] = [await table(sql('before')), await table(sql('secret'))];
    const hidden = await drift(a, b);
    expect(JSON.stringify(hidden)).not.toContain('secret');
    expect(findingOf(hidden, 'unseen', 'c')).toMatchObject({ level: 'shift', effect: 0.015 });
    expect(JSON.stringify(await drift(a, b, { settings: { values: 'allow' } }))).toContain('secret');
  });
  it('shows last what cannot matter to the model', async () => {
    const before = await table(rows(2000, 'u AS small, u AS large, u AS still'));
    const now = await table(rows(2000, 'u + 0.15 AS small, u + 0.5 AS large, u AS still'));
    const order = async (importance?: Record<string, number>) =>
      (await drift(before, now, importance ? { importance } : {})).columns.map(({ column }) => column);
    expect(await order()).toEqual(['large', 'small', 'still']);
    expect(await order({ small: 0.3, large: 0.001, still: 0.9 })).toEqual(['small', 'large', 'still']);
  });
  it('counts small changes of many columns together where a share is the limit', async () => {
    const [a, b] = [await table(rows(5000, 'u AS x, u AS y, u AS z')), await table(rows(5000, 'u + 0.05 AS x, u + 0.05 AS y, u AS z'))];
    expect((await drift(a, b)).dataset).toMatchObject({ level: 'shift', drifted: false });
    expect((await drift(a, b, { settings: { shareLimit: 0.5 } })).dataset).toMatchObject({ level: 'drift', drifted: true });
  });
});

describe('windows', () => {
  /** 28 days of 200 rows; `late` days at the end are moved by `shift`. */
  const days = (from: string, late: number, shift: number, wave = 0) =>
    rows(
      5600,
      `CAST('${from}' AS TIMESTAMP) + (i // 200) * INTERVAL 1 DAY AS at, (i % 200) / 200.0 + ${wave} * ((i // 200) % 2) + CASE WHEN i // 200 >= ${28 - late} THEN ${shift} ELSE 0 END AS x`,
    );
  const window = { column: 'at', milliseconds: 86_400_000 };
  let reference: string;
  beforeAll(async () => {
    reference = await table(days('2025-01-06', 0, 0));
  });

  it('reports every window and when it began', async () => {
    const report = await drift(reference, await table(days('2025-03-03', 20, 0.4)), { window });
    expect(report.windows).toHaveLength(28);
    expect(report.windows.slice(0, 8).every(({ level }) => level === 'none')).toBe(true);
    expect(report.windows.slice(8).every(({ level }) => level === 'drift')).toBe(true);
    expect(report.since).toMatch(/^2025-03-11/);
    expect(report).toMatchObject({ verdict: 'fail', agree: { k: 2, m: 3 } });
  });
  it('keeps an alarm that is over, or that one window alone makes, a shift', async () => {
    const current = await table(days('2025-03-03', 1, 0.9));
    const alone = await drift(reference, current, { window, settings: { shift: 0.005, alarm: 0.01 } });
    expect(alone.windows.at(-1)?.level).toBe('drift');
    expect(columnOf(alone, 'x').level).toBe('shift');
    expect(alone.verdict).toBe('warn');
  });
  it('learns from the reference how much days differ', async () => {
    const wavy = await table(days('2025-01-06', 0, 0, 0.3));
    const oneDay = await table(rows(200, "CAST('2025-03-03' AS TIMESTAMP) AS at, (i % 200) / 200.0 + 0.3 AS x"));
    const report = await drift(wavy, oneDay, { window });
    expect(columnOf(report, 'x').phi).toBeGreaterThan(5);
    expect(report.verdict).toBe('pass');
    const assumed = await drift(wavy, oneDay, { window, settings: { dispersion: 1 } });
    expect(assumed.verdict).toBe('fail');
  });
});

describe('named methods', () => {
  it('judge their columns alone, exact from the tables and bounded from profiles', async () => {
    const [a, b] = [
      await table(rows(5000, "u, 'p' || (i % 3) AS plan, i % 5 AS code")),
      await table(rows(5000, "u * 1.5 AS u, 'p' || (i % 4) AS plan, i % 5 AS code")),
    ];
    const report = await drift(a, b, { columnMethods: { u: 'wasserstein', plan: 'psi' } });
    expect(columnOf(report, 'u')).toMatchObject({ method: 'wasserstein', exactness: 'exact', adjustedP: null, drifted: true });
    expect(columnOf(report, 'plan')).toMatchObject({ method: 'psi', drifted: true });
    expect(columnOf(report, 'code')).toMatchObject({ method: 'default', level: 'none' });
    const profiles = await drift(await profileOf(a), await profileOf(b), { method: 'ks' });
    expect(columnOf(profiles, 'u')).toMatchObject({ method: 'ks', exactness: 'bounded' });
    expect(columnOf(profiles, 'plan').notTested).toContain('categories');
  });
  it('evidently judges the whole in its own way', async () => {
    const [a, b] = [await table(rows(3000, 'u AS x, u AS y, u AS z')), await table(rows(3000, 'u + 1 AS x, u AS y, u AS z'))];
    const report = await drift(a, b, { method: 'evidently' });
    expect(report).toMatchObject({ method: 'evidently', verdict: 'warn', dataset: { drifted: false } });
    expect(report.dataset.share).toBeCloseTo(1 / 3, 12);
    expect(columnOf(report, 'x')).toMatchObject({ method: 'Wasserstein distance (normed)', drifted: true, threshold: 0.1 });
  });
});

it('compares a column by name as what it is told to be', async () => {
  // Whole numbers with more than twenty values are binned, unless somebody says that they are codes.
  const [a, b] = [await table(rows(4_000, 'i % 40 AS size')), await table(rows(4_000, 'i % 48 AS size'))];
  const scoreOf = async (told: 'numeric' | 'categorical' | undefined) =>
    columnOf(await drift(a, b, { method: 'total_variation', settings: told ? { types: { size: told } } : {} }), 'size').score ?? 0;
  expect(await scoreOf('numeric')).toBe(await scoreOf(undefined));
  // A sixth of the rows of the current side lies in eight values that the reference does not have.
  expect(await scoreOf('categorical')).toBeCloseTo(1 / 6, 2);
  expect(Math.abs((await scoreOf(undefined)) - 1 / 6)).toBeGreaterThan(0.01);
});
