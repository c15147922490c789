import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { Profile } from '../../../shared/profile/profile.ts';
import { type ProfileOptions, profileTable } from '../../../shared/profile/profile-table.ts';
import { profileText } from '../../../shared/profile/profile-text.ts';
import { readProfile } from '../../../shared/profile/read-profile.ts';
import type { QueryEngine, SqlEngine } from '../../../shared/query/query-engine.ts';
import { loadRows } from '../../support/load-rows.ts';
import { profileOfRows, type Value } from '../../support/profile-of-rows.ts';

let engine: QueryEngine;
/** As a database elsewhere: everything is pushed down. */
let remote: SqlEngine;
beforeAll(async () => {
  engine = await openDuckDB();
  remote = { dialect: engine.dialect, rows: engine.rows, close: engine.close };
});
afterAll(() => engine.close());

let tables = 0;
type Columns = Profile['columns'];

/** Both ways of counting, which must be the plain rule's document to the byte. */
async function expectPlainRule(columns: Columns, rows: readonly (readonly Value[])[], options: ProfileOptions = {}): Promise<Profile> {
  const source = await loadRows(engine, `t${++tables}`, columns, rows);
  const { by, window } = options;
  const plain = profileOfRows({ columns, rows, ...(by && { by }), ...(window && { window }) });
  for (const one of [engine, remote]) {
    const profile = await profileTable(one, source, options);
    expect(profile, one === engine ? 'counted in this process' : 'pushed down').toEqual(plain);
    expect(profileText(profile)).toBe(profileText(plain));
  }
  return readProfile(profileText(plain), 'plain.json');
}

/** A fixed sequence of numbers in 0 … 1. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const edges: readonly number[] = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  -5e-324,
  1e-300,
  9.999999999999999e-301,
  8.9e307,
  8.900000000000001e307,
  -8.95e307,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  0.1,
  2 ** 53,
  1 - 2 ** -53,
  1 + 2 ** -52,
  63.99999999999999,
  64,
  64.00000000000001,
  2 ** -997,
  2 ** 1_022,
];

const isKept = ({ cells }: Profile) => {
  const [counts] = cells[0]?.columns ?? [];
  return counts?.kind === 'numeric' && counts.values !== null;
};

describe('numbers', () => {
  const columns: Columns = [{ name: 'x', type: 'number' }];

  it('keeps every value while there are few, whatever they are', async () => {
    const profile = await expectPlainRule(columns, [...edges.map((edge): [Value] => [edge]), [null], [null]]);
    const [counts] = profile.cells[0]?.columns ?? [];
    expect(counts).toMatchObject({ kind: 'numeric', null: 2, nan: 1, positiveInfinity: 1, negativeInfinity: 1, zero: 2, histogram: null });
  });

  it('counts buckets beyond the cap, edges of octaves and of the domain too', async () => {
    const next = sequence(3);
    const rows: [Value][] = edges.flatMap((edge): [Value][] => [[edge], [edge]]);
    // Neighbours of powers of two, where a logarithm rounds to the wrong octave, and every size that there is.
    for (let power = -990; power < 1_000; power += 7) for (const scale of [1 - 2 ** -53, 1, 1 + 2 ** -52]) rows.push([2 ** power * scale]);
    for (let row = 0; row < 3_000; row++) rows.push([(next() - 0.5) * 10 ** (next() * 40 - 20)]);
    for (let row = 0; row < 50; row++) rows.push([null]);
    const profile = await expectPlainRule(columns, rows);
    expect(profile.cells[0]?.columns[0]).toMatchObject({ values: null, null: 50 });
  });

  it('knows the cap exactly: 1,000 values are kept, 1,001 are not, zero being one and NaN none', async () => {
    for (const [most, kept] of [
      [999, true],
      [1_000, false],
    ] as const) {
      const rows: [Value][] = Array.from({ length: most + 1 }, (_, index): [Value] => [index === 0 ? -0 : index]);
      const profile = await expectPlainRule(columns, [...rows, [Number.NaN], [Number.POSITIVE_INFINITY], [null], ...rows]);
      expect(isKept(profile)).toBe(kept);
    }
  });

  it('finds many values that the first rows do not show', async () => {
    const next = sequence(5);
    const rows = Array.from({ length: 9_000 }, (_, index): [Value, Value] => [index < 6_000 ? 7 : next(), index < 6_000 ? next() : 7]);
    await expectPlainRule(
      [
        { name: 'late', type: 'number' },
        { name: 'early', type: 'number' },
      ],
      rows,
    );
  });

  it('sums integers beyond 2^53 as the doubles that they become', async () => {
    const rows: [Value][] = [[9_007_199_254_740_993n], [-9_223_372_036_854_775_808n], [9_223_372_036_854_775_807n], [3n], [null]];
    await expectPlainRule([{ name: 'id', type: 'integer' }], rows);
  });

  it('keeps the few doubles that thousands of large integers become', async () => {
    const profile = await expectPlainRule(
      [{ name: 'id', type: 'integer' }],
      Array.from({ length: 6_000 }, (_, index): [Value] => [2n ** 60n + BigInt(index)]),
    );
    expect(isKept(profile)).toBe(true);
  });

  it('rounds a wide decimal once', async () => {
    await engine.run(
      "CREATE TABLE decimals AS SELECT CAST(x AS DECIMAL(38, 10)) AS x FROM (VALUES ('12345678901234567890.1234567891'), ('0.1')) t(x)",
    );
    const source = {
      source: 'decimals',
      relation: 'decimals',
      columns: [{ name: 'x', type: 'number', sqlType: 'DECIMAL(38,10)' }],
    } as const;
    const profile = await profileTable(engine, source);
    expect(profile.cells[0]?.columns[0]).toMatchObject({
      values: [
        [0.1, 1],
        [12345678901234567000, 1],
      ],
    });
  });
});

describe('texts and booleans', () => {
  it('keeps values in byte order, and counts what is missing', async () => {
    const texts = ['', 'b', 'a', 'é', 'e\u0301', '\u{1f600}', '\uffee', "it's", 'NULL', '#0123456789abcdef', 'a\nb', ' a'];
    const rows = [...texts, ...texts.slice(3), null].map((text, index): [Value, Value] => [text, index % 3 === 0 ? null : index % 2 === 0]);
    await expectPlainRule(
      [
        { name: 'select', type: 'text' },
        { name: 'is "it"', type: 'boolean' },
      ],
      rows,
    );
  });

  it('counts by hash beyond the cap, from the first row or later', async () => {
    const rows = Array.from({ length: 9_000 }, (_, index): [Value, Value] => [
      `user-${index}\u{1f600}`,
      index < 6_000 ? 'same' : index % 7 === 0 ? null : `é${index}`,
    ]);
    const profile = await expectPlainRule(
      [
        { name: 'id', type: 'text' },
        { name: 'late', type: 'text' },
      ],
      rows,
    );
    expect(profile.cells[0]?.columns[0]).toMatchObject({ counts: null, lengths: { min: 7, max: 10 } });
  });

  it('takes a million categories', async () => {
    await engine.run("CREATE TABLE million AS SELECT 'c' || range AS c FROM range(1000000)");
    const source = { source: 'million', relation: 'million', columns: [{ name: 'c', type: 'text', sqlType: 'VARCHAR' }] } as const;
    const [counts] = (await profileTable(engine, source)).cells[0]?.columns ?? [];
    expect(counts?.kind === 'categories' && counts.hashed?.reduce((sum, n) => sum + n, 0)).toBe(1_000_000);
  });

  it('takes lists and structs as their text', async () => {
    await engine.run("CREATE TABLE lists AS SELECT [1, 2] AS l, {'a': 1} AS s");
    const columns = [
      { name: 'l', type: 'text', sqlType: 'INTEGER[]' },
      { name: 's', type: 'text', sqlType: 'STRUCT(a INTEGER)' },
    ] as const;
    const profile = await profileTable(engine, { source: 'lists', relation: 'lists', columns });
    expect(profile.cells[0]?.columns).toMatchObject([{ counts: [['[1, 2]', 1]] }, { counts: [["{'a': 1}", 1]] }]);
  });
});

describe('times', () => {
  const day = 86_400_000_000n;
  it('counts days, before 1970 too, and keeps microseconds of the first and the last', async () => {
    const times = [0n, -1n, day - 1n, day, -day, -25_567n * day + 5n, 1_700_000_000_123_456n, 253_402_300_799_999_999n];
    const rows = [...times.map((time): [Value, Value] => [time, (time / day) * day]), [null, null] as [Value, Value]];
    const profile = await expectPlainRule(
      [
        { name: 'at', type: 'timestamp' },
        { name: 'on', type: 'date' },
      ],
      rows,
    );
    expect(profile.cells[0]?.columns[0]).toMatchObject({ min: '1900-01-01T00:00:00.000005Z', max: '9999-12-31T23:59:59.999999Z', null: 1 });
  });

  it('counts months beyond 10,000 days', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index): [Value] => [BigInt(index) * day]);
    const profile = await expectPlainRule([{ name: 'at', type: 'timestamp' }], rows);
    expect(profile.cells[0]?.columns[0]).toMatchObject({ days: expect.arrayContaining([['1970-01', 31]]) });
  });

  it('reads times with a zone as UTC, and an infinite one as none', async () => {
    await engine.run(
      "CREATE TABLE zones AS SELECT t FROM (VALUES (TIMESTAMPTZ '2024-03-31 01:30:00+02:00'), (TIMESTAMPTZ 'infinity'), (TIMESTAMPTZ '-infinity')) v(t)",
    );
    const columns = [{ name: 't', type: 'timestamp', sqlType: 'TIMESTAMP WITH TIME ZONE' }] as const;
    const profile = await profileTable(engine, { source: 'zones', relation: 'zones', columns });
    expect(profile.cells[0]?.columns).toMatchObject([{ null: 2, days: [['2024-03-30', 1]], min: '2024-03-30T23:30:00.000000Z' }]);
  });
});

describe('segments and windows', () => {
  const columns: Columns = [
    { name: 'group', type: 'text' },
    { name: 'x', type: 'number' },
    { name: 'at', type: 'timestamp' },
    { name: 'n', type: 'integer' },
    { name: 'ok', type: 'boolean' },
    { name: 'id', type: 'text' },
  ];
  const next = sequence(11);
  const groups = ['a', 'b', "it's", null, ''];
  const rows = Array.from({ length: 5_000 }, (_, index): Value[] => {
    const group = index % 3 === 0 ? 'a' : (groups[Math.floor(next() * groups.length)] ?? null);
    return [
      group,
      index % 50 === 0 ? null : next() * 100 - 50,
      index % 40 === 0 ? null : BigInt(Math.floor((next() - 0.5) * 40 * 86_400e6)),
      Math.floor(next() * 4),
      index % 9 === 0 ? null : next() < 0.5,
      `id ${index}`,
    ];
  });

  it.each<[string, ProfileOptions]>([
    ['one column', { by: ['group'] }],
    ['two columns', { by: ['ok', 'n'] }],
    ['days', { window: { column: 'at', milliseconds: 86_400_000 } }],
    ['weeks from Monday, by a column', { by: ['group'], window: { column: 'at', milliseconds: 604_800_000 } }],
  ])('counts each part as if it were alone: %s', async (_, options) => {
    const profile = await expectPlainRule(columns, rows, options);
    expect(profile.cells.length).toBeGreaterThan(4);
  });

  it('begins weeks on a Monday, with rows without a time before them', () => {
    const profile = profileOfRows({ columns, rows, window: { column: 'at', milliseconds: 604_800_000 } });
    const starts = profile.cells.flatMap(({ window }) => window ?? []);
    expect(new Set(starts.map((start) => new Date(start).getUTCDay()))).toEqual(new Set([1]));
    expect(profile.cells[0]?.window).toBeNull();
  });
});

describe('small and odd tables', () => {
  it.each<[string, readonly (readonly Value[])[]]>([
    ['one row', [[1.5, 'a', 0n]]],
    ['no row', []],
    [
      'nothing but missing values',
      [
        [null, null, null],
        [null, null, null],
      ],
    ],
    ['constants', Array.from({ length: 60 }, () => [7, 'k', 1_000_000n])],
  ])('%s', async (_, rows) => {
    await expectPlainRule(
      [
        { name: 'x', type: 'number' },
        { name: 't', type: 'text' },
        { name: 'at', type: 'timestamp' },
      ],
      rows,
    );
  });

  it('takes any name of a column', async () => {
    const names = ['select', 'a "b"', "it's", 'x; DROP TABLE t1', '日本', 'c', 'n', 'o', 'x', 's0', 'w', 'cell', '__proto__'];
    const columns = names.map((name) => ({ name, type: 'number' as const }));
    await expectPlainRule(columns, [names.map((_, index) => index), names.map(() => null)], { by: ['select', '__proto__'] });
  });

  it('counts more columns than one statement takes', async () => {
    const columns = Array.from({ length: 70 }, (_, index) => ({ name: `c${index}`, type: 'number' as const }));
    await expectPlainRule(columns, [columns.map((_, index) => index), columns.map((_, index) => -index)]);
  });
});

describe('keys that are hard to write', () => {
  it('splits by texts with a NUL or a quote, and by NaN and both zeros', async () => {
    const columns: Columns = [
      { name: 'cell', type: 'text' },
      { name: 'x0', type: 'number' },
    ];
    const rows: Value[][] = [
      ['a\0b', 0],
      ['a', -0],
      ["it's", Number.NaN],
      ['', Number.NEGATIVE_INFINITY],
      [null, null],
      ['a\0', 1],
    ];
    await expectPlainRule(columns, rows, { by: ['cell'] });
    await expectPlainRule(columns, rows, { by: ['x0', 'cell'] });
  });

  it('has no parts where there are no rows', async () => {
    await expectPlainRule([{ name: 'x', type: 'number' }], [], { by: ['x'] });
  });
});

describe('requests that cannot be', () => {
  const source = { source: 'data.csv', relation: 'never', columns: [{ name: 'x', type: 'number', sqlType: 'DOUBLE' }] } as const;
  it.each<[string, ProfileOptions, string]>([
    ['a column that is not there', { columns: ['y'] }, 'PROFILE_COLUMN_NOT_FOUND'],
    ['a segment that is not there', { by: ['y'] }, 'PROFILE_COLUMN_NOT_FOUND'],
    ['a time that is not there', { window: { column: 'at', milliseconds: 1_000 } }, 'PROFILE_COLUMN_NOT_FOUND'],
    ['a time that is a number', { window: { column: 'x', milliseconds: 1_000 } }, 'PROFILE_TIME_TYPE'],
    ['the same column twice', { by: ['x', 'x'] }, 'PROFILE_BY'],
    ['three segments', { by: ['x', 'y', 'z'] }, 'PROFILE_BY'],
    ['no column', { columns: [] }, 'PROFILE_NO_COLUMNS'],
  ])('%s', async (_, options, code) => {
    await expect(profileTable(engine, source, options)).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('more parts than a profile holds', async () => {
    await engine.run('CREATE TABLE parts AS SELECT range AS x FROM range(5001)');
    const parts = { source: 'parts', relation: 'parts', columns: [{ name: 'x', type: 'integer', sqlType: 'BIGINT' }] } as const;
    await expect(profileTable(engine, parts, { by: ['x'] })).rejects.toMatchObject({ code: 'PROFILE_TOO_MANY_SEGMENTS' });
  });

  it('an engine that stops in the middle', async () => {
    let asked = 0;
    const stopping: SqlEngine = {
      ...remote,
      rows: (sql) => (++asked < 2 ? remote.rows(sql) : Promise.reject(new Error('the connection ended'))),
    };
    const one = await loadRows(engine, 'stops', [{ name: 'x', type: 'number' }], [[1]]);
    await expect(profileTable(stopping, one)).rejects.toThrow('the connection ended');
  });
});
