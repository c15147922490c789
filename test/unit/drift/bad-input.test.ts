import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnOf, drift, file, findingOf, profileOf, rows, table } from './drift-tables.ts';

describe('tables that do not fit each other', () => {
  it('tells a column that one side lacks, and one that is new, and compares the rest', async () => {
    const report = await drift(await table(rows(500, 'u, i % 3 AS gone')), await table(rows(500, 'u, i % 3 AS fresh')));
    expect(findingOf(report, 'missing-column')).toMatchObject({ column: 'gone', level: 'drift' });
    expect(findingOf(report, 'new-column')).toMatchObject({ column: 'fresh', level: 'none' });
    expect(report.columns.map(({ column }) => column)).toEqual(['u']);
    expect(report.verdict).toBe('fail');
  });
  it('tells a type that changed, and does not compare it', async () => {
    const report = await drift(await table(rows(500, 'u AS a, i AS b')), await table(rows(500, "'x' || (i % 4) AS a, i * 1.5 AS b")));
    expect(findingOf(report, 'type', 'a')).toMatchObject({ level: 'drift' });
    expect(columnOf(report, 'a')).toMatchObject({ notTested: 'type-changed', level: 'none', effect: null });
    // Whole numbers that became fractions are numbers still.
    expect(findingOf(report, 'type', 'b')).toBeUndefined();
    expect(columnOf(report, 'b').level).toBe('drift');
  });
  it('answers “not enough data” for all null, one row and few rows, by name', async () => {
    const few = await drift(await table(rows(49, 'u')), await table(rows(500, 'u')));
    expect(few).toMatchObject({ verdict: 'inconclusive', dataset: { family: 0 } });
    expect(columnOf(few, 'u').notTested).toBe('not-enough-data');
    expect(findingOf(few, 'not-enough-data')?.message).toContain('49 rows');
    const one = await drift(await table(rows(500, 'u')), await table(rows(1, 'u')));
    expect(one.verdict).toBe('inconclusive');
    const gone = await drift(await table(rows(500, 'u')), await table(rows(500, 'CAST(NULL AS DOUBLE) AS u')));
    expect(columnOf(gone, 'u')).toMatchObject({ notTested: 'all-missing', n: { reference: 500, current: 0 } });
    expect(findingOf(gone, 'missingness', 'u')).toMatchObject({ level: 'drift', effect: 1 });
    expect(gone.verdict).toBe('fail');
    // A CSV's column without a value reads as text.
    const asText = await drift(await table(rows(500, 'u')), await table(rows(500, 'CAST(NULL AS VARCHAR) AS u')));
    expect(columnOf(asText, 'u').notTested).toBe('all-missing');
    expect(asText.findings.map(({ kind }) => kind)).toEqual(['missingness']);
    const never = await drift(await table(rows(500, 'CAST(NULL AS INTEGER) AS u')), await table(rows(500, 'CAST(NULL AS INTEGER) AS u')));
    expect(never.verdict).toBe('inconclusive');
  });
  it('does not test a constant, and tells one that a column became', async () => {
    const same = await drift(await table(rows(500, '1 AS one, u')), await table(rows(500, '1 AS one, u')));
    expect(columnOf(same, 'one').notTested).toBe('constant');
    expect(same.dataset.family).toBe(2);
    const became = await drift(await table(rows(500, 'u')), await table(rows(500, '0.5 AS u')));
    expect(findingOf(became, 'constant', 'u')).toMatchObject({ level: 'none' });
    expect(became.verdict).toBe('fail');
  });
  it('counts infinities and NaN as missing', async () => {
    const report = await drift(
      await table(rows(1000, 'u')),
      await table(rows(1000, "CASE i % 10 WHEN 0 THEN CAST('inf' AS DOUBLE) WHEN 1 THEN CAST('nan' AS DOUBLE) ELSE u END AS u")),
    );
    expect(columnOf(report, 'u').n.current).toBe(800);
    expect(findingOf(report, 'missingness', 'u')?.effect).toBeCloseTo(0.2, 12);
  });
  it('compares a million categories by their hashes, and says that it is a bound', async () => {
    const ids = "CAST(i AS VARCHAR) AS id, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'v' || (i % 5000) END AS tag";
    const report = await drift(await table(rows(1_000_000, ids)), await table(rows(20_000, ids.replace('% 2 =', '% 4 ='))));
    expect(columnOf(report, 'id')).toMatchObject({ notTested: 'nearly-all-distinct', type: 'text' });
    expect(columnOf(report, 'tag')).toMatchObject({ type: 'text', exactness: 'bounded', level: 'drift', shape: null, moved: [] });
    expect(columnOf(report, 'tag').effect).toBeGreaterThan(0.2);
  });
  it('takes running numbers for what they are: every row has its own', async () => {
    const report = await drift(await table(rows(5000, 'i AS id, u')), await table(rows(5000, 'i + 5000 AS id, u')));
    expect(columnOf(report, 'id').notTested).toBe('nearly-all-distinct');
    expect(report.verdict).toBe('pass');
  });
  it('compares no times, before 1970 or with a zone, and tells when the newest is too old', async () => {
    const times = (day: string) =>
      rows(400, `CAST('${day}' AS TIMESTAMP) + i * INTERVAL 1 HOUR AS at, CAST('${day} 12:00:00+05' AS TIMESTAMPTZ) AS zoned, u`);
    const request = { settings: { time: 'at', maxAge: 86_400_000 } };
    const report = await drift(await table(times('1962-03-01')), await table(times('1969-12-20')), request);
    expect(columnOf(report, 'at')).toMatchObject({ type: 'time', notTested: 'a-time-moves-by-nature', level: 'none' });
    expect(report.current.from).toMatch(/^1969-12-20/);
    expect(findingOf(report, 'staleness', 'at')).toMatchObject({ level: 'drift' });
    expect(findingOf(report, 'staleness', 'at')?.message).toContain('STALE');
    const fresh = await drift(await table(times('1962-03-01')), await table(times('2025-12-20')), request);
    expect(findingOf(fresh, 'staleness')).toBeUndefined();
  });
  it('takes reserved words, quotes and hostile names as names', async () => {
    const names = ['select', 'a"b', "c'd", 'group by; DROP TABLE x', '__proto__', 'constructor', 'tab\there'];
    const quoted = names.map((name) => `u AS "${name.replaceAll('"', '""')}"`).join(', ');
    const report = await drift(await table(rows(300, quoted)), await table(rows(300, quoted)), {
      columnMethods: { 'a"b': 'ks', __proto__: 'psi' },
    });
    expect(report.columns.map(({ column }) => column).sort()).toEqual([...names].sort());
    expect(report.columns.every(({ level }) => level === 'none')).toBe(true);
    expect(columnOf(report, 'a"b').method).toBe('ks');
  });
});

it('takes a limit of your own for a method', async () => {
  const [a, b] = [await table(rows(600, 'u')), await table(rows(600, 'u + 0.3 AS u'))];
  const judged = async (u: string) => columnOf(await drift(a, b, { columnMethods: { u } }), 'u');
  expect(await judged('wasserstein_raw:0.2')).toMatchObject({ threshold: 0.2, drifted: true, method: 'wasserstein_raw' });
  expect(await judged('wasserstein_raw:0.4')).toMatchObject({ threshold: 0.4, drifted: false });
  expect(await judged('psi:50')).toMatchObject({ threshold: 50, drifted: false });
});

describe('what the user can mend', () => {
  const both = async () => [await table(rows(300, 'u, i % 3 AS plan')), await table(rows(300, 'u, i % 3 AS plan'))] as const;
  it('names the nearest method and column', async () => {
    const [a, b] = await both();
    await expect(drift(a, b, { method: 'kss' })).rejects.toMatchObject({ code: 'METHOD_UNKNOWN', hint: expect.stringContaining('`ks`') });
    await expect(drift(a, b, { method: 'wasserstein_raw' })).rejects.toMatchObject({
      code: 'METHOD_LIMIT',
      hint: expect.stringContaining('wasserstein_raw:5'),
    });
    for (const method of ['psi:high', 'psi:', 'psi:-1', 'evidently:0.1', 'default:0.1'])
      await expect(drift(a, b, { method })).rejects.toMatchObject({ code: 'METHOD_LIMIT' });
    await expect(drift(a, b, { columnMethods: { plam: 'psi' } })).rejects.toMatchObject({
      code: 'DRIFT_COLUMN_UNKNOWN',
      hint: expect.stringContaining('`plan`'),
    });
    await expect(drift(a, b, { exclude: ['nope'] })).rejects.toMatchObject({ code: 'DRIFT_COLUMN_UNKNOWN' });
    await expect(drift(a, b, { exclude: ['u', 'plan'] })).rejects.toMatchObject({ code: 'DRIFT_NO_COLUMNS' });
    await expect(drift(a, b, { settings: { shift: 0.2, alarm: 0.1 } })).rejects.toMatchObject({ code: 'DRIFT_SETTINGS' });
    await expect(drift(a, b, { settings: { agree: '4 of 3' } })).rejects.toMatchObject({ code: 'DRIFT_SETTINGS' });
    await expect(drift(a, 'nowhere.parquet')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
  it('knows a profile by what it holds, and refuses one of another version or an edited one', async () => {
    const [a, b] = await both();
    const profile = await profileOf(a);
    expect((await drift(profile, b)).reference).toMatchObject({ name: profile, rows: 300 });
    const text = readFileSync(profile, 'utf8');
    const later = file('odd-name.csv', text.replace('weighin/profile@1', 'weighin/profile@9'));
    await expect(drift(later, b)).rejects.toMatchObject({ code: 'PROFILE_VERSION' });
    const edited = file('edited.json', text.replace('"rows":300', '"rows":301'));
    await expect(drift(edited, b)).rejects.toMatchObject({ code: expect.stringMatching(/^PROFILE_(?:EDITED|INVALID)$/) });
    const jsonRows = file('rows.json', Array.from({ length: 60 }, (_, i) => JSON.stringify({ u: i, plan: i % 3 })).join('\n'));
    expect((await drift(jsonRows, jsonRows)).reference.rows).toBe(60);
  });
  it('refuses segments that a profile does not have', async () => {
    const [a, b] = await both();
    await expect(drift(await profileOf(a), b, { by: ['plan'] })).rejects.toMatchObject({ code: 'DRIFT_BY_PROFILE' });
  });
});
