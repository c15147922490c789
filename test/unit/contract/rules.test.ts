import { describe, expect, it } from 'vitest';
import { contractOf, useTables } from './table-fixture.ts';

const tables = useTables();
/** A column `v` with these SQL values, beside a number that keeps the rows apart. */
const column = (...values: string[]) => `SELECT * FROM (VALUES ${values.map((value, row) => `(${row}, ${value})`).join(', ')}) t(n, v)`;
const property = (lines: string) => contractOf(`properties:\n  - name: n\n  - name: v\n${lines.replace(/^/gm, '    ')}`);
const quality = (line: string) => property(`quality:\n  - ${line}`);

interface Case {
  readonly about: string;
  readonly rule: string;
  readonly contract: string;
  readonly data: string;
  /** Violating rows; none means that it passes. */
  readonly rows: readonly number[];
  readonly message?: RegExp;
}

const cases: readonly Case[] = [
  {
    about: 'required: NULL and NaN are missing, an empty range of them is not',
    rule: 'required',
    contract: property('required: true\nlogicalType: number'),
    data: column('1.0::DOUBLE', 'NULL', "'nan'::DOUBLE", "'inf'::DOUBLE"),
    rows: [2, 3],
    message: /^v: 2 of 4 rows \(50\.0 %\) have no value; first rows 2, 3\.$/,
  },
  { about: 'required: passes', rule: 'required', contract: property('required: true'), data: column('1', '2'), rows: [] },
  {
    about: 'range: bounds themselves pass, NULL and NaN are nobody’s violation, infinity is outside',
    rule: 'range',
    contract: property('logicalType: number\nlogicalTypeOptions: {minimum: 0, maximum: 10}'),
    data: column('0::DOUBLE', '10', '-0.001', '10.001', 'NULL', "'nan'::DOUBLE", "'inf'::DOUBLE", "'-inf'::DOUBLE"),
    rows: [3, 4, 7, 8],
    message: /^v: 4 of 8 rows \(50\.0 %\) outside 0 … 10; first rows 3, 4, 7, 8\.$/,
  },
  {
    about: 'range: exclusive bounds fail on the bound',
    rule: 'range',
    contract: property('logicalType: integer\nlogicalTypeOptions: {exclusiveMinimum: 0, exclusiveMaximum: 10}'),
    data: column('0', '1', '9', '10'),
    rows: [1, 4],
    message: /outside > 0 and < 10/,
  },
  {
    about: 'range: one bound alone',
    rule: 'range',
    contract: property('logicalType: integer\nlogicalTypeOptions: {minimum: -5}'),
    data: column('-5', '-6', '9'),
    rows: [2],
  },
  {
    about: 'range: dates',
    rule: 'range',
    contract: property('logicalType: date\nlogicalTypeOptions: {minimum: "2020-01-02", exclusiveMaximum: "2020-02-01"}'),
    data: column("DATE '2020-01-01'", "DATE '2020-01-02'", "DATE '2020-01-31'", "DATE '2020-02-01'"),
    rows: [1, 4],
  },
  {
    about: 'range: timestamps, an offset in the contract counts',
    rule: 'range',
    contract: property('logicalType: timestamp\nlogicalTypeOptions: {maximum: "2020-01-01 12:00:00+02:00"}'),
    data: column("TIMESTAMP '2020-01-01 10:00:00'", "TIMESTAMP '2020-01-01 10:00:01'"),
    rows: [2],
  },
  {
    about: 'range: a width from the format of an integer',
    rule: 'range',
    contract: property('logicalType: integer\nlogicalTypeOptions: {format: i8}'),
    data: column('127', '128', '-128', '-129'),
    rows: [2, 4],
  },
  {
    about: 'multipleOf forgives what binary fractions cannot say',
    rule: 'range',
    contract: property('logicalType: number\nlogicalTypeOptions: {multipleOf: 0.1}'),
    data: column('0.3::DOUBLE', '0.7', '0.25', 'NULL', "'nan'::DOUBLE"),
    rows: [3],
  },
  {
    about: 'length counts characters, not bytes',
    rule: 'length',
    contract: property('logicalType: string\nlogicalTypeOptions: {minLength: 2, maxLength: 3}'),
    data: column("'a'", "'äö'", "'abc'", "'abcd'", 'NULL'),
    rows: [1, 4],
    message: /not of 2 … 3 characters/,
  },
  {
    about: 'pattern must match the whole value, with or without anchors',
    rule: 'pattern',
    contract: property('logicalType: string\nlogicalTypeOptions: {pattern: "[A-Z]{3}"}'),
    data: column("'ABC'", "'xABCx'", "'ABCD'", "'ab'", 'NULL'),
    rows: [2, 3, 4],
  },
  {
    about: 'pattern with anchors means the same',
    rule: 'pattern',
    contract: property("logicalType: string\nlogicalTypeOptions: {pattern: '^[A-Z]{3}$'}"),
    data: column("'ABC'", "'ABCD'"),
    rows: [2],
  },
  {
    about: 'format',
    rule: 'pattern',
    contract: property('logicalType: string\nlogicalTypeOptions: {format: uuid}'),
    data: column("'c5193fd1-6b9b-4abc-81c5-ddb30a52d8f6'", "'c5193fd1'"),
    rows: [2],
  },
  {
    about: 'accepted values: texts, NULL is never invalid',
    rule: 'accepted-values',
    contract: quality("{metric: invalidValues, arguments: {validValues: [a, 'b''c', null]}, mustBe: 0}"),
    data: column("'a'", "'b''c'", "'A'", 'NULL', "'d'"),
    rows: [3, 5],
    message: /^v: 2 of 5 rows \(40\.0 %\) not among a, b'c; first rows 3, 5\.$/,
  },
  {
    about: 'accepted values: numbers are compared as numbers',
    rule: 'accepted-values',
    contract: quality('{metric: invalidValues, arguments: {validValues: [1, "2"]}, mustBe: 0}'),
    data: column('1.0::DOUBLE', '2', '3', "'nan'::DOUBLE"),
    rows: [3],
  },
  {
    about: 'enum of v3.2',
    rule: 'accepted-values',
    contract: property('enum:\n  - value: a\n  - {value: b, description: the second}'),
    data: column("'a'", "'c'"),
    rows: [2],
  },
  {
    about: 'invalidValues by pattern',
    rule: 'pattern',
    contract: quality("{metric: invalidValues, arguments: {pattern: '[a-c]+'}, mustBe: 0}"),
    data: column("'abc'", "'abd'"),
    rows: [2],
  },
  {
    about: 'a tolerance in percent passes at its own number',
    rule: 'nulls',
    contract: quality('{metric: nullValues, mustBeLessOrEqualTo: 50, unit: percent}'),
    data: column("'a'", 'NULL'),
    rows: [],
  },
  {
    about: 'a tolerance in percent fails beyond',
    rule: 'nulls',
    contract: quality('{metric: nullValues, mustBeLessThan: 50, unit: percent}'),
    data: column("'a'", 'NULL'),
    rows: [2],
    message: /must be less than 50 % of rows/,
  },
  {
    about: 'a tolerance in rows',
    rule: 'nulls',
    contract: quality('{metric: nullValues, mustBeBetween: [0, 1]}'),
    data: column("'a'", 'NULL', 'NULL'),
    rows: [2, 3],
  },
  {
    about: 'missingValues: texts that stand for nothing',
    rule: 'missing-values',
    contract: quality("{metric: missingValues, arguments: {missingValues: [n/a, '']}, mustBe: 0}"),
    data: column("'n/a'", "'x'", 'NULL'),
    rows: [1, 3],
  },
  {
    about: 'the names of v3.0',
    rule: 'accepted-values',
    contract: quality('{rule: validValues, validValues: [a]}'),
    data: column("'a'", "'b'"),
    rows: [2],
  },
  {
    about: 'unique: all rows that share, NULL is not a value',
    rule: 'unique',
    contract: property('unique: true'),
    data: column("'a'", "'b'", "'a'", 'NULL', 'NULL'),
    rows: [1, 3],
    message: /^v: 2 of 5 rows \(40\.0 %\) share one value with another row; first rows 1, 3\.$/,
  },
  {
    about: 'duplicateValues counts those beyond the first',
    rule: 'unique',
    contract: quality('{metric: duplicateValues, mustBeLessThan: 2}'),
    data: column("'a'", "'a'", "'b'", "'a'"),
    rows: [2, 4],
  },
  {
    about: 'duplicateValues tolerated',
    rule: 'unique',
    contract: quality('{metric: duplicateValues, mustBeLessOrEqualTo: 2}'),
    data: column("'a'", "'a'", "'b'", "'a'"),
    rows: [],
  },
];

for (const format of ['csv', 'parquet'] as const) {
  describe(format, () => {
    it.each(cases)('$rule: $about', async ({ rule, contract, data, rows, message }) => {
      const check = await tables.check(format, data, contract, rule, { defaults: false });
      expect(check).toMatchObject({ rows, status: rows.length > 0 ? 'fail' : 'pass', column: 'v', location: { file: 'c.yaml' } });
      if (rows.length > 0) expect(check.failed).toBe(rows.length);
      if (message) expect(check.message).toMatch(message);
    });

    it('row-count has its bounds inside', async () => {
      const contract = (bound: string) => contractOf(`quality:\n  - {metric: rowCount, ${bound}}`);
      const three = column('1', '2', '3');
      const status = async (bound: string) => (await tables.check(format, three, contract(bound), 'row-count')).status;
      expect(await status('mustBe: 3')).toBe('pass');
      expect(await status('mustBeBetween: [3, 4]')).toBe('pass');
      expect(await status('mustNotBeBetween: [3, 4]')).toBe('fail');
      expect(await status('mustBeGreaterThan: 3')).toBe('fail');
      expect(await status('mustBeGreaterOrEqualTo: 3')).toBe('pass');
      expect(await status('mustNotBe: 3, severity: warning')).toBe('warn');
    });

    it('a primary key of two columns is unique together and never missing', async () => {
      const contract = contractOf(
        'properties:\n  - {name: b, primaryKey: true, primaryKeyPosition: 2}\n  - {name: a, primaryKey: true, primaryKeyPosition: 1}',
      );
      const { checks } = await tables.validate(format, 'SELECT * FROM (VALUES (1, 1), (1, 2), (1, 1), (NULL, 1)) t(a, b)', contract, {
        defaults: false,
      });
      expect(checks.find(({ rule }) => rule === 'unique')).toMatchObject({ column: 'a, b', failed: 2, rows: [1, 3], status: 'fail' });
      expect(checks.filter(({ rule }) => rule === 'required').map(({ column: name, rows }) => [name, rows])).toEqual([
        ['a', [4]],
        ['b', []],
      ]);
    });

    it('lists the first twenty rows by number, and says how many there are', async () => {
      const contract = contractOf('properties:\n  - {name: v, logicalType: integer, logicalTypeOptions: {maximum: 0}}');
      const check = await tables.check(format, 'SELECT 1 AS v FROM range(1, 1235)', contract, 'range', { defaults: false });
      expect(check).toMatchObject({ failed: 1234, total: 1234, rows: Array.from({ length: 20 }, (_, row) => row + 1) });
      expect(check.message).toBe('v: 1,234 of 1,234 rows (100.0 %) outside ≤ 0; first rows 1, 2, 3, 4, 5.');
    });

    it('shows values only where that is allowed', async () => {
      const contract = contractOf('properties:\n  - {name: v, unique: true, logicalType: string, logicalTypeOptions: {maxLength: 3}}');
      const data = "SELECT * FROM (VALUES ('secret'), ('secret'), ('ok')) t(v)";
      const denied = await tables.validate(format, data, contract);
      expect(JSON.stringify(denied)).not.toContain('secret');
      const allowed = await tables.validate(format, data, contract, { values: 'allow' });
      expect(allowed.checks.filter(({ values }) => values).map(({ rule, rows, values }) => [rule, rows, values])).toEqual([
        ['unique', [1, 2], ['secret', 'secret']],
        ['length', [1, 2], ['secret', 'secret']],
      ]);
    });
  });
}
