import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredTypes } from '../../../shared/contract/declared-types.ts';
import { readContract } from '../../../shared/contract/read-contract.ts';
import { validateTable } from '../../../shared/contract/validate-table.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { contractOf, useTables } from './table-fixture.ts';

const tables = useTables();
const typed = (type: string) => contractOf(`properties:\n  - {name: v, ${type.includes(':') ? type : `logicalType: ${type}`}}`);

describe('Parquet says its types, and they are held against the contract', () => {
  it.each([
    ['integer', '1::BIGINT', 'pass'],
    ['integer', '1::SMALLINT', 'pass'],
    ['integer', '1.0::DOUBLE', 'fail'],
    ['integer', "'1'", 'fail'],
    ['number', '1::INTEGER', 'pass'],
    ['number', '1.5::DECIMAL(9,2)', 'pass'],
    ['number', "'1.5'", 'fail'],
    ['string', "'x'", 'pass'],
    ['string', '1', 'fail'],
    ['boolean', 'true', 'pass'],
    ['boolean', '1', 'fail'],
    ['date', "DATE '2020-01-01'", 'pass'],
    ['date', "TIMESTAMP '2020-01-01'", 'fail'],
    ['timestamp', "TIMESTAMPTZ '2020-01-01 00:00:00+00'", 'pass'],
    ['timestamp', "DATE '2020-01-01'", 'fail'],
    ['time', "TIME '12:00:00'", 'pass'],
    ['array', '[1, 2]', 'pass'],
    ['object', "{'a': 1}", 'pass'],
    ['object', '1', 'fail'],
    ['physicalType: varchar(20)', "'x'", 'pass'],
    ['physicalType: BIGINT', "'x'", 'fail'],
    ['physicalType: GEOGRAPHY', "'x'", 'warn'],
  ])('%s on %s: %s', async (type, value, status) => {
    const check = await tables.check('parquet', `SELECT ${value} AS v`, typed(type), 'type', { defaults: false });
    expect(check).toMatchObject({ status, column: 'v', location: { file: 'c.yaml', line: 9 } });
  });

  it('names the rows that hold another kind of text, and counts every row as of the wrong type', async () => {
    const data = "SELECT * FROM (VALUES ('1'), ('old'), (NULL), ('3'), ('x')) t(v)";
    const check = await tables.check('parquet', data, typed('integer'), 'type', { defaults: false });
    expect(check).toMatchObject({ status: 'fail', rows: [2, 5], failed: 5, total: 5, observed: 'VARCHAR', expected: 'integer' });
    expect(check.message).toBe(
      'v is VARCHAR in the data; the contract says integer: 2 of 5 rows (40.0 %) not an integer; first rows 2, 5.',
    );
    expect(await tables.check('parquet', 'SELECT 1.5 AS v FROM range(3)', typed('integer'), 'type', { defaults: false })).toMatchObject({
      status: 'fail',
      failed: 3,
      total: 3,
    });
  });

  it('says what it found, and that what hangs on the type cannot be judged', async () => {
    const contract = contractOf('properties:\n  - {name: v, logicalType: integer, logicalTypeOptions: {minimum: 0}}');
    const { checks } = await tables.validate('parquet', "SELECT 'x' AS v", contract, { defaults: false });
    expect(checks.map(({ rule, status, message }) => [rule, status, message])).toEqual([
      ['columns', 'pass', "The contract's column is there."],
      ['type', 'fail', 'v is VARCHAR in the data; the contract says integer: 1 of 1 row (100.0 %) not an integer; row 1.'],
      ['range', 'fail', "v holds VARCHAR, so ≥ 0 can't be judged."],
    ]);
  });
});

describe('in CSV a type is what every value is', () => {
  it.each([
    ['integer', ['1', '-2', '+3', '4.0', '5.5', 'six', '1_000', ''], [5, 6, 7]],
    ['number', ['1', '2.5', '1e3', 'nan', 'inf', 'x', '1_0'], [6, 7]],
    ['boolean', ['true', 'FALSE', '1', 'yes'], [3, 4]],
    ['date', ['2020-02-29', '2021-02-29', '2020-1-1', '2020-01-01 10:00:00'], [2, 3, 4]],
    ['timestamp', ['2020-01-01', '2020-01-01T10:00:00Z', '2020-01-01 10:00', 'noon', '2020-13-01'], [4, 5]],
    ['time', ['12:00:00', '25:00:00'], [2]],
    ['string', ['1', 'x', '2020-01-01'], []],
  ])('%s', async (type, values, rows) => {
    // The second column keeps the line with an empty value a row.
    await writeFile(join(tables.root(), 'typed.csv'), `v,n\n${values.map((value, n) => `${value},${n}`).join('\n')}\n`);
    const contract = readContract(contractOf(`properties:\n  - {name: v, logicalType: ${type}}\n  - name: n`), 'c.yaml');
    for (const types of [declaredTypes(contract), {}]) {
      const source = await openSource(tables.engine(), { source: 'typed.csv', root: tables.root(), types });
      const { checks } = await validateTable(tables.engine(), source, contract, { values: 'deny', defaults: false });
      const check = checks.find(({ rule }) => rule === 'type');
      expect(check).toMatchObject({ status: rows.length > 0 ? 'fail' : 'pass', rows, failed: rows.length });
    }
  });

  it('names the rows and goes on to judge the values that are of the type', async () => {
    const contract = contractOf('properties:\n  - {name: v, logicalType: integer, logicalTypeOptions: {maximum: 10}}');
    const { checks } = await tables.validate('csv', "SELECT * FROM (VALUES ('5'), ('old'), ('130')) t(v)", contract, { defaults: false });
    expect(checks.map(({ message }) => message)).toEqual([
      "The contract's column is there.",
      'v: 1 of 3 rows (33.3 %) not an integer; row 2.',
      'v: 1 of 3 rows (33.3 %) outside ≤ 10; row 3.',
    ]);
  });
});

describe('a CSV key with values that are not of its type', () => {
  it.each(['integer', 'number'])('%s: those have no key, and the type rule names them', async (type) => {
    const contract = contractOf(`properties:\n  - {name: v, logicalType: ${type}, unique: true}`);
    const data = "SELECT * FROM (VALUES ('1'), ('x'), ('y'), ('01'), ('2')) t(v)";
    const { checks } = await tables.validate('csv', data, contract, { defaults: false });
    expect(checks.map(({ rule, failed, rows }) => [rule, failed, rows])).toEqual([
      ['columns', 0, []],
      ['type', 2, [2, 3]],
      ['unique', 2, [1, 4]],
    ]);
  });
});

describe('JSON has types of its own, but no dates', () => {
  it.each([
    ['date', '"2020-01-01"', 'pass'],
    ['timestamp', '"2020-01-01T10:00:00Z"', 'pass'],
    ['date', '"soon"', 'fail'],
    ['number', '1', 'pass'],
    ['string', '1', 'fail'],
    ['boolean', 'true', 'pass'],
    ['boolean', '1', 'fail'],
    ['integer', '1.5', 'fail'],
  ])('%s on %s: %s', async (type, value, status) => {
    await writeFile(join(tables.root(), 'typed.jsonl'), `{"v":${value}}\n`);
    const contract = readContract(typed(type), 'c.yaml');
    const source = await openSource(tables.engine(), { source: 'typed.jsonl', root: tables.root(), types: declaredTypes(contract) });
    const { checks } = await validateTable(tables.engine(), source, contract, { values: 'deny', defaults: false });
    expect(checks.find(({ rule }) => rule === 'type')).toMatchObject({ status });
  });
});

describe('columns', () => {
  it('fails once for a missing column, with the nearest name, and warns of one that nobody described', async () => {
    const contract = contractOf('properties:\n  - {name: customer_id, required: true, unique: true}\n  - name: x');
    const { checks, verdict } = await tables.validate('parquet', 'SELECT 1 AS custmer_id, 2 AS x', contract, { defaults: false });
    expect(verdict).toBe('fail');
    expect(checks).toMatchObject([
      { rule: 'columns', status: 'fail', column: 'customer_id', location: { line: 9 } },
      { rule: 'columns', status: 'warn', column: 'custmer_id', location: { line: 7 } },
    ]);
    expect(checks[0]?.message).toBe("customer_id: the data has no such column; it has custmer_id, so its 2 rules can't be judged.");
  });

  it('finds a column by its physical name', async () => {
    const contract = contractOf('properties:\n  - {name: reference date, physicalName: ref_dt, logicalType: date, required: true}');
    expect((await tables.validate('csv', "SELECT DATE '2020-01-01' AS ref_dt", contract)).verdict).toBe('pass');
  });

  it('does not look for a measure in the data', async () => {
    const contract = contractOf('properties:\n  - name: x\n  - {name: revenue, semanticType: measure, logicalType: number}');
    const { checks } = await tables.validate('csv', 'SELECT 1 AS x', contract, { defaults: false });
    expect(checks.map(({ rule, status }) => [rule, status])).toEqual([
      ['columns', 'pass'],
      ['not-checked', 'warn'],
    ]);
  });

  it('fails where a rule names a column that nobody has', async () => {
    const contract = contractOf(
      'properties:\n  - name: x\nquality:\n  - {metric: duplicateValues, arguments: {properties: [y]}, mustBe: 0}',
    );
    expect(await tables.check('csv', 'SELECT 1 AS x', contract, 'columns', { defaults: false })).toMatchObject({
      status: 'fail',
      column: 'y',
      location: { line: 11 },
    });
  });
});
