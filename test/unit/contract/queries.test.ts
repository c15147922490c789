import { describe, expect, it } from 'vitest';
import { contractOf, useTables } from './table-fixture.ts';

const tables = useTables();
/** As the standard writes them in a query. */
const placeholder = (name: string) => `$\{${name}}`;
const data = 'SELECT * FROM (VALUES (1, 10), (2, 20), (3, 30)) t(id, v)';
const query = (text: string, limit = 'mustBe: 0') =>
  contractOf(`quality:\n  - type: sql\n    ${limit}\n    query: ${JSON.stringify(text)}`);
const check = (contract: string, values: 'deny' | 'allow' = 'deny') =>
  tables.check('parquet', data, contract, 'sql', { defaults: false, values });

describe('queries of a contract', () => {
  it('see the table under its name and in the placeholders of the standard', async () => {
    for (const from of ['t', 'T', placeholder('table'), placeholder('object'), '{model}']) {
      expect(await check(query(`SELECT count(*) FROM ${from} WHERE v > 20`, 'mustBe: 1'))).toMatchObject({ status: 'pass', observed: 1 });
    }
    const column = contractOf(
      `properties:\n  - name: id\n  - name: v\n    quality:\n      - {type: sql, query: "SELECT avg(${placeholder('column')}) FROM ${placeholder('table')}", mustBeBetween: [20, 21]}`,
    );
    expect(await check(column)).toMatchObject({ status: 'pass', observed: 20, column: 'v' });
    expect(
      await check(query('WITH big AS (SELECT * FROM t WHERE v > 10) SELECT count(*) FROM big JOIN t USING (id)', 'mustBe: 2')),
    ).toMatchObject({ status: 'pass' });
  });

  it('fail with their number, and keep what may be one row’s value to themselves', async () => {
    expect(await check(query('SELECT count(*) FROM t'))).toMatchObject({
      status: 'fail',
      observed: 3,
      message: 'The query answers 3; it must be exactly 0.',
    });
    const secret = query('SELECT max(v) FROM t');
    expect(JSON.stringify(await check(secret))).not.toContain('30');
    expect(await check(secret, 'allow')).toMatchObject({ observed: 30 });
  });

  it.each([
    "SELECT count(*) FROM read_text('/etc/passwd')",
    "SELECT count(*) FROM '/etc/passwd'",
    "SELECT count(*) FROM t, read_csv('x.csv')",
    "SELECT (SELECT count(*) FROM glob('*')) FROM t",
    'SELECT count(*) FROM duckdb_settings()',
    'SELECT count(*) FROM information_schema.tables',
    'SELECT count(*) FROM elsewhere.t',
    'SELECT count(*) FROM t WHERE id IN (SELECT id FROM other)',
    "COPY t TO 'stolen.csv'",
    'DROP TABLE t',
    "SELECT 1 FROM t; ATTACH 'x.db'",
    'not sql',
  ])('are refused where they reach beyond the table: %s', async (text) => {
    await expect(check(query(text))).rejects.toMatchObject({ code: 'CONTRACT_INVALID', location: { file: 'c.yaml', line: 9 } });
  });

  it('are an error, not a pass, where they cannot run or answer', async () => {
    expect(await check(query('SELECT nothing FROM t'))).toMatchObject({ status: 'error' });
    expect(await check(query("SELECT 'text' FROM t"))).toMatchObject({ status: 'error' });
    expect(await check(query('SELECT v FROM t WHERE false'))).toMatchObject({ status: 'error' });
  });
});

describe('rules of weighin’s own', () => {
  const own = (implementation: string) =>
    contractOf(`properties:\n  - name: id\n  - name: v\nquality:\n  - {type: custom, engine: weighin, implementation: ${implementation}}`);

  it('a mean, a deviation and a share have bounds', async () => {
    const status = async (implementation: string, rule: string) =>
      (await tables.check('csv', data, own(implementation), rule, { defaults: false })).status;
    expect(await status('{rule: mean, column: v, min: 20, max: 20}', 'mean')).toBe('pass');
    expect(await status('{rule: mean, column: v, max: 19.9}', 'mean')).toBe('fail');
    expect(await status('{rule: standard-deviation, column: v, min: 9.9, max: 10.1}', 'standard-deviation')).toBe('pass');
    expect(await status('{rule: share, column: v, values: [10, 20], max: 0.6}', 'share')).toBe('fail');
    expect(await status('{rule: share, column: v, values: [10, 20], min: 0.6}', 'share')).toBe('pass');
  });

  it('future-event is the leakage rule, with a place in the contract', async () => {
    const times =
      "SELECT * FROM (VALUES (1, DATE '2020-01-02', DATE '2020-01-01'), (2, DATE '2020-01-01', DATE '2020-01-01')) t(id, seen, labelled)";
    const contract = contractOf(
      'properties: [{name: id}]\nquality:\n  - {type: custom, engine: weighin, implementation: {rule: future-event, event: seen, label: labelled}}',
    );
    expect(await tables.check('parquet', times, contract, 'LEAKAGE_FUTURE_EVENT', { defaults: false })).toMatchObject({
      status: 'fail',
      failed: 1,
      rows: [1],
      location: { file: 'c.yaml', line: 10 },
    });
  });

  it('an unknown one is refused, another engine’s is named as not checked', async () => {
    await expect(tables.validate('csv', data, own('{rule: meen, column: v, max: 1}'))).rejects.toMatchObject({
      code: 'CONTRACT_INVALID',
      hint: 'Did you mean mean?',
    });
    const soda = contractOf(
      'quality:\n  - {type: custom, engine: soda, implementation: "checks for t"}\n  - {type: text, description: be nice}',
    );
    const { checks } = await tables.validate('csv', data, soda, { defaults: false });
    expect(checks.map(({ rule, status, message }) => [rule, status, message])).toEqual([
      ['not-checked', 'warn', 'not checked: a rule of the engine soda.'],
      ['not-checked', 'pass', 'not checked: a rule in words for people.'],
    ]);
  });
});
