import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check, ContractResult } from '../../shared/contract/contract-result.ts';
import { inferContract } from '../../shared/contract/infer-contract.ts';
import { readContract } from '../../shared/contract/read-contract.ts';
import { type ValidateOptions, validateTable } from '../../shared/contract/validate-table.ts';
import { type TableStatisticsRequest, tableStatistics } from '../../shared/dataset/dataset-statistics.ts';
import type { SqlEngine } from '../../shared/query/query-engine.ts';
import type { TableSource } from '../../shared/source/table-source.ts';
import { rowsAsSelect, type TestType, type TestValue } from './rows-as-select.ts';

export interface ContractEngine {
  readonly engine: SqlEngine;
  /** Makes a table of what the SELECT answers, in the engine's own SQL, and opens it as a user's would be: `format: 'table'`. */
  load(select: string): Promise<TableSource>;
  close(): Promise<void>;
}

type Columns = Readonly<Record<string, TestType>>;
type Rows = readonly (readonly TestValue[])[];

/** A contract of one table `t`; `body` is indented to stand below it. */
const contractOf = (body: string) =>
  readContract(
    `apiVersion: v3.1.0\nkind: DataContract\nid: test\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n${body.replace(/^/gm, '    ')}\n`,
    'c.yaml',
  );
/** A property `v` with what is said of it. */
const property = (more: string) => contractOf(`properties:\n  - ${JSON.stringify({ name: 'v' }).slice(0, -1)}, ${more}}`);
const options = (type: string, more: string) => property(`"logicalType": ${type}, "logicalTypeOptions": {${more}}`);
const own = (implementation: string) => contractOf(`quality:\n  - {type: custom, engine: weighin, implementation: ${implementation}}`);

/** Whatever holds the table, the same rows break the same rules: the numbers below are the only right ones. */
export function contractChecksSuite(name: string, open: () => Promise<ContractEngine>): void {
  describe(`contract checks on ${name}`, () => {
    let opened: ContractEngine;
    beforeAll(async () => {
      opened = await open();
    }, 120_000);
    afterAll(() => opened?.close());

    const load = (columns: Columns, rows: Rows) => opened.load(rowsAsSelect(opened.engine.dialect, columns, rows));
    const judge = async (
      columns: Columns,
      rows: Rows,
      contract: ReturnType<typeof contractOf> | null,
      more: Partial<ValidateOptions> = {},
    ): Promise<ContractResult> =>
      validateTable(opened.engine, await load(columns, rows), contract, { values: 'deny', defaults: false, ...more });
    /** All rows of one column `v`; the one check that isn't of columns or types, or the one of that rule. */
    const check = async (
      type: TestType,
      values: readonly TestValue[],
      contract: ReturnType<typeof contractOf>,
      rule?: string,
    ): Promise<Check> => {
      const { checks } = await judge(
        { v: type },
        values.map((value) => [value]),
        contract,
      );
      const found = checks.filter((one) => (rule ? one.rule === rule : one.rule !== 'columns' && one.rule !== 'type'));
      if (found.length !== 1 || !found[0]) throw new Error(`${found.length} checks in ${JSON.stringify(checks)}`);
      return found[0];
    };
    const failed = async (type: TestType, values: readonly TestValue[], contract: ReturnType<typeof contractOf>): Promise<number> => {
      const one = await check(type, values, contract);
      expect(one.total).toBe(values.length);
      expect(one.rows).toEqual([]);
      expect(one.status).toBe(one.failed > 0 ? 'fail' : 'pass');
      return one.failed;
    };
    const numbers = [null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 0.1, 1, 2.5, 1e300, -1e300, 5e-324];

    it('types are the table’s own, and no cell is read for them', async () => {
      const types = {
        double: ['number'],
        float: ['number'],
        decimal: ['number'],
        integer: ['integer', 'number'],
        text: ['string'],
        boolean: ['boolean'],
        date: ['date'],
        timestamp: ['timestamp'],
        zoned: ['timestamp'],
      } as const satisfies Record<TestType, readonly string[]>;
      const value = { double: 1.5, float: 1.5, decimal: 1.5, integer: 1, text: 'x', boolean: true } as const;
      for (const [type, fitting] of Object.entries(types) as [TestType, readonly string[]][]) {
        const source = await load({ v: type }, [[type in value ? value[type as keyof typeof value] : '1969-12-31']]);
        const status = async (logicalType: string) =>
          (
            await validateTable(opened.engine, source, property(`"logicalType": ${logicalType}`), { values: 'deny', defaults: false })
          ).checks.find(({ rule }) => rule === 'type');
        for (const logicalType of ['number', 'integer', 'string', 'boolean', 'date', 'timestamp', 'time', 'array']) {
          expect([type, logicalType, (await status(logicalType))?.status]).toEqual([
            type,
            logicalType,
            // An engine may give its lists and times of day as texts: a text is no proof of the wrong type then.
            fitting.includes(logicalType) ? 'pass' : type === 'text' && ['time', 'array'].includes(logicalType) ? undefined : 'fail',
          ]);
        }
      }
      expect(await check('text', ['[1]'], property('"logicalType": array'))).toMatchObject({
        rule: 'not-checked',
        status: 'warn',
        failed: 0,
      });
      const wrong = await check('text', ['1', 'old', null], property('"logicalType": integer'), 'type');
      expect(wrong).toMatchObject({ status: 'fail', failed: 3, total: 3, rows: [] });
      expect(wrong.message).toMatch(/^v is .+ in the data; the contract says integer\.$/);
    }, 60_000);

    it('missing is NULL, and NaN in a float', async () => {
      const required = property('"required": true');
      expect(await failed('double', numbers, required)).toBe(2);
      expect(await failed('float', [null, Number.NaN, 1], required)).toBe(2);
      expect(await failed('text', [null, '', ' ', 'NaN'], required)).toBe(1);
      expect(await failed('date', [null, '1969-12-31'], required)).toBe(1);
      expect(await failed('boolean', [true, false], required)).toBe(0);
      const nulls = (limit: string) => property(`"quality": [{"type": "library", "metric": "nullValues", ${limit}}]`);
      expect(await check('double', numbers, nulls('"mustBeLessThan": 20, "unit": "percent"'))).toMatchObject({
        status: 'pass',
        failed: 2,
        observed: 16.6666667,
      });
      expect(await check('double', numbers, nulls('"mustBeLessOrEqualTo": 1'))).toMatchObject({ status: 'fail', failed: 2 });
      const stands = property(
        '"quality": [{"type": "library", "metric": "missingValues", "arguments": {"missingValues": ["n/a", "-999", "it\'s", "ü"]}, "mustBe": 0}]',
      );
      expect(await failed('text', ['n/a', 'N/A', '-999', "it's", 'ü', 'u\u0308', null, 'x'], stands)).toBe(5);
      expect(await failed('integer', [-999, 999, null], stands)).toBe(2);
      expect(await failed('double', [-999, 999, null, Number.NaN], stands)).toBe(3);
    }, 60_000);

    it('ranges hold their ends, and NaN is missing rather than outside', async () => {
      expect(await failed('double', numbers, options('number', '"minimum": 0, "maximum": 2.5'))).toBe(4);
      expect(await failed('double', numbers, options('number', '"exclusiveMinimum": 0, "exclusiveMaximum": 2.5'))).toBe(7);
      expect(
        await failed('float', [0.1, 0.7, null, Number.NaN, Number.POSITIVE_INFINITY], options('number', '"minimum": 0.1, "maximum": 0.7')),
      ).toBe(1);
      expect(await failed('decimal', [0.1, 0.11, -0.01], options('number', '"minimum": 0, "maximum": 0.1'))).toBe(2);
      expect(
        await failed(
          'integer',
          ['9223372036854775807', '-9223372036854775808', 0],
          options('integer', '"minimum": -9223372036854775000, "maximum": 1'),
        ),
      ).toBe(2);
      expect(await failed('integer', [1, 2, 3], options('integer', '"format": "u8"'))).toBe(0);
      expect((await check('text', ['1'], options('number', '"minimum": 0'), 'range')).status).toBe('fail');
    }, 60_000);

    it('days and times are compared in UTC, before 1970 as after', async () => {
      const days = ['0001-01-01', '1582-10-04', '1899-12-31', '1969-12-31', '1970-01-01', '9999-12-31', null];
      expect(await failed('date', days, options('date', '"minimum": "1899-12-31", "maximum": "1970-01-01"'))).toBe(3);
      const times = ['1969-12-31 23:59:59.999999', '1970-01-01 00:00:00', '2024-02-29 12:00:00', null];
      expect(await failed('timestamp', times, options('timestamp', '"minimum": "1970-01-01", "maximum": "2024-02-29 12:00:00"'))).toBe(1);
      expect(await failed('timestamp', times, options('timestamp', '"maximum": "2024-02-29T13:00:00+02:00"'))).toBe(1);
      const zoned = ['2024-02-29 13:00:00+02:00', '2024-02-29 11:00:00+00:00', '2024-02-29 06:30:00-05:00'];
      expect(await failed('zoned', zoned, options('timestamp', '"maximum": "2024-02-29 11:00:00"'))).toBe(1);
    }, 60_000);

    it('steps forgive what binary fractions can’t hold, and nothing overflows', async () => {
      const step = (of: string) => options('number', `"multipleOf": ${of}`);
      expect(await failed('double', [0.07, 0.14, 0.075, 1e300, null, Number.NaN, Number.NEGATIVE_INFINITY, 0, -0.21], step('0.07'))).toBe(
        1,
      );
      expect(await failed('double', [1.7976931348623157e308, -1.7976931348623157e308, 5e-324], step('0.01'))).toBe(0);
      expect(await failed('integer', [-6, 0, 3, 4, null], step('3'))).toBe(1);
    }, 60_000);

    it('lengths are of characters', async () => {
      const lengths = ['', 'a', 'äö', '👍👍', 'abc', null, 'a b\n'];
      expect(await failed('text', lengths, options('string', '"minLength": 1, "maxLength": 2'))).toBe(3);
      expect(await failed('text', lengths, options('string', '"maxLength": 3'))).toBe(1);
    }, 60_000);

    it('patterns match whole cells, and mean what RE2 means', async () => {
      const pattern = (text: string) => options('string', `"pattern": ${JSON.stringify(text)}`);
      expect(await failed('text', ['A-1', 'A-12', 'xA-1', 'A-1\n', '', null, 'A-१'], pattern('[A-Z]-\\d{1,2}'))).toBe(4);
      expect(await failed('text', ['a\nb', 'ab', 'a.b'], pattern('a.b'))).toBe(2);
      expect(
        await failed(
          'text',
          ['cat', 'dog', 'catdog', "it's", 'a"b', 'a\\b', '$1', '{x}'],
          pattern('cat|dog|it\'s|a"b|a\\\\b|\\$1|\\{x\\}'),
        ),
      ).toBe(1);
      expect(await failed('text', ['ä', 'a', 'é', ' ', '\u00a0'], pattern('[^\\s]'))).toBe(1);
      expect(await failed('text', ['über', 'Straße', 'aé'], pattern('\\w+'))).toBe(3);
      expect(await failed('text', ['aaa', 'aa', ''], pattern('(?:a{2})*?'))).toBe(1);
    }, 60_000);

    it('a pattern that engines read otherwise is judged on files, and named elsewhere', async () => {
      const contract = options('string', '"pattern": "(?i)abc"');
      const isFile = opened.engine.dialect.name === 'duckdb';
      expect(await check('text', ['ABC', 'x'], contract)).toMatchObject(
        isFile ? { rule: 'pattern', failed: 1 } : { rule: 'not-checked', status: 'warn', failed: 0 },
      );
      await expect(check('text', ['x'], options('string', '"pattern": "a(b"'))).rejects.toMatchObject({ code: 'CONTRACT_INVALID' });
    }, 60_000);

    it('formats', async () => {
      const format = (of: string) => options('string', `"format": ${of}`);
      expect(await failed('text', ['a@b.de', 'a@b', 'a b@c.de', null], format('email'))).toBe(2);
      expect(await failed('text', ['123e4567-e89b-12d3-a456-426614174000', '123e4567'], format('uuid'))).toBe(1);
      expect(await failed('text', ['https://a.b/c?d', 'a.b', 's3://x y'], format('uri'))).toBe(2);
      expect(await failed('text', ['a-b.example', '-a.b', 'a..b'], format('hostname'))).toBe(2);
      expect(await failed('text', ['1.2.3.255', '1.2.3.256', '1.2.3'], format('ipv4'))).toBe(2);
      expect(await failed('text', ['::1', 'fe80::1', 'x'], format('ipv6'))).toBe(1);
    }, 60_000);

    it('accepted values are compared as numbers where there are numbers, else byte by byte', async () => {
      const values = (list: string) =>
        property(`"quality": [{"type": "library", "metric": "invalidValues", "arguments": {"validValues": ${list}}, "mustBe": 0}]`);
      expect(
        await failed(
          'text',
          ['a', 'A', 'ä', 'a\u0308', "o'clock", 'a ', null, 'x"y', 'back\\slash'],
          values(`["a", "ä", "o'clock", "x\\"y", "back\\\\slash"]`),
        ),
      ).toBe(3);
      expect(await failed('integer', [1, 2, 3, null], values('[1, "2"]'))).toBe(1);
      expect(await failed('double', [0.1, 1, 2, null, Number.NaN, Number.POSITIVE_INFINITY], values('[0.1, 1]'))).toBe(2);
      expect(await failed('float', [0.1, 1, 0.7], values('[0.1, 1]'))).toBe(1);
      expect(await failed('double', [1, 2, Number.NaN], values('[1, "unknown"]'))).toBe(2);
      expect(await failed('boolean', [true, false, null], values('[true]'))).toBe(1);
      expect(await failed('date', ['1969-07-20', '1969-07-21'], values('["1969-07-20"]'))).toBe(1);
      expect(await failed('timestamp', ['1969-07-20 00:00:00', '1969-07-20 00:00:00.000001'], values('["1969-07-20"]'))).toBe(1);
      expect(await failed('text', ['a', null], values('[]'))).toBe(1);
    }, 60_000);

    it('keys: rows that share one, and rows that repeat one', async () => {
      const unique = property('"unique": true');
      expect(await failed('integer', [1, 1, 1, 2, 2, 3, null, null], unique)).toBe(5);
      expect(await failed('text', ['a', 'A', 'a ', 'ä', 'a\u0308', 'ä', ''], unique)).toBe(2);
      expect(
        await failed('double', [0, -0, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, null, null], unique),
      ).toBe(4);
      const repeats = property('"quality": [{"type": "library", "metric": "duplicateValues", "mustBeLessOrEqualTo": 2}]');
      expect(await check('integer', [1, 1, 1, 2, 2, 3], repeats)).toMatchObject({ status: 'fail', failed: 3 });
      const pair = contractOf(
        'properties: [{name: a, primaryKey: true, primaryKeyPosition: 1}, {name: b, primaryKey: true, primaryKeyPosition: 2}]',
      );
      const rows: Rows = [
        [1, '1969-01-01'],
        [1, '1969-01-02'],
        [1, '1969-01-01'],
        [null, '1969-01-01'],
      ];
      const { checks } = await judge({ a: 'integer', b: 'date' }, rows, pair);
      expect(checks.find(({ rule }) => rule === 'unique')).toMatchObject({ failed: 2, total: 4, column: 'a, b' });
    }, 60_000);

    it('whole rows that stand twice, missing cells included', async () => {
      const rows: Rows = [
        [1, null, 'x'],
        [1, null, 'x'],
        [1, Number.NaN, 'x'],
        [1, Number.NaN, 'x'],
        [1, Number.NaN, 'x'],
        [1, null, null],
        [2, 0.5, 'ä'],
      ];
      const { checks } = await judge({ a: 'integer', b: 'double', 'c "d" `e`': 'text' }, rows, null, { defaults: true });
      expect(checks.find(({ rule }) => rule === 'duplicate-rows')).toMatchObject({ status: 'warn', failed: 3, total: 7, rows: [] });
      expect(checks.find(({ rule }) => rule === 'nulls')).toMatchObject({ status: 'fail', failed: 6, observed: 2 });
    }, 60_000);

    it('events after their label, whatever kind of time either is', async () => {
      const rows: Rows = [
        ['1969-12-31', '1969-12-30 23:59:59.999999'],
        ['1969-12-31', '1969-12-31 00:00:00'],
        ['2024-02-29', '2024-02-29 00:00:00.000001'],
        [null, '2024-01-01 00:00:00'],
      ];
      const leak = async (columns: Columns, events: Rows) => {
        const { checks } = await judge(columns, events, null, { defaults: true, time: 'seen', labelTime: 'known' });
        return checks.find(({ rule }) => rule === 'LEAKAGE_FUTURE_EVENT')?.failed;
      };
      expect(await leak({ seen: 'date', known: 'timestamp' }, rows)).toBe(1);
      expect(await leak({ seen: 'date', known: 'zoned' }, rows)).toBe(1);
      expect(
        await leak({ seen: 'integer', known: 'double' }, [
          [2, 1.5],
          [1, 1],
          [1, 2],
        ]),
      ).toBe(1);
      expect(
        await leak({ seen: 'text', known: 'text' }, [
          ['b', 'a'],
          ['B', 'a'],
          ['a', 'a'],
        ]),
      ).toBe(1);
      expect(
        await leak({ seen: 'text', known: 'date' }, [
          ['1', '2024-01-01'],
          ['2', '2024-01-01'],
        ]),
      ).toBe(2);
    }, 60_000);

    it('row counts, means, deviations and shares', async () => {
      const columns: Columns = { v: 'double', k: 'text' };
      const rows: Rows = [
        [1, 'a'],
        [2, 'b'],
        [4, 'a'],
        [null, 'a'],
        [Number.NaN, null],
        [Number.POSITIVE_INFINITY, 'c'],
      ];
      const observed = async (body: ReturnType<typeof contractOf>, rule: string) =>
        (await judge(columns, rows, body)).checks.find((one) => one.rule === rule);
      expect(await observed(own('{rule: mean, column: v, min: 2.33, max: 2.34}'), 'mean')).toMatchObject({
        status: 'pass',
        observed: 2.33333,
      });
      expect(await observed(own('{rule: standard-deviation, column: v, max: 1}'), 'standard-deviation')).toMatchObject({
        status: 'fail',
        observed: 1.52753,
      });
      expect(await observed(own('{rule: share, column: k, values: [a], max: 0.5}'), 'share')).toMatchObject({
        status: 'fail',
        observed: 0.6,
      });
      expect(await observed(contractOf('quality: [{type: library, metric: rowCount, mustBeBetween: [7, 9]}]'), 'row-count')).toMatchObject({
        status: 'fail',
        observed: 6,
      });
      const empty = await judge(columns, [[null, null]], own('{rule: mean, column: v, max: 1}'));
      expect(empty.checks.find(({ rule }) => rule === 'mean')).toMatchObject({ status: 'fail', observed: null });
      const huge = await judge(
        columns,
        [
          [1.7e308, 'a'],
          [1.7e308, 'a'],
          [-1.7e308, 'a'],
        ],
        own('{rule: standard-deviation, column: v, max: 1}'),
      );
      expect(huge.checks.find(({ rule }) => rule === 'standard-deviation')).toMatchObject({ status: 'fail', observed: null });
    }, 60_000);

    it('names with quotes, spaces, reserved words and other scripts', async () => {
      const names = ['select', 'a b', 'quo"te', "apos'trophe", 'back`tick', 'ünï', '列', 'semi;colon', 'dash--', '$dollar', '__proto__x'];
      const columns = Object.fromEntries(names.map((column) => [column, 'integer' as const]));
      const body = contractOf(
        `properties:\n${names.map((column) => `  - {name: ${JSON.stringify(column)}, logicalType: integer, required: true, unique: true, logicalTypeOptions: {maximum: 1}}`).join('\n')}`,
      );
      const { checks, verdict } = await judge(columns, [names.map(() => 1), names.map(() => 2), names.map(() => null)], body);
      expect(verdict).toBe('fail');
      for (const column of names) {
        const of = (rule: string) => checks.find((one) => one.rule === rule && one.column === column);
        expect([column, of('required')?.failed, of('unique')?.failed, of('range')?.failed, of('type')?.status]).toEqual([
          column,
          1,
          0,
          1,
          'pass',
        ]);
      }
    }, 60_000);

    it('rows of a table are counted; only where values may be shown are they named, by their id', async () => {
      const columns: Columns = { id: 'text', v: 'integer' };
      const rows: Rows = [
        ['A3', -5],
        ['A1', -7],
        ['A2', 1],
        ['A2', null],
      ];
      const body = contractOf('properties:\n  - {name: id, unique: true}\n  - {name: v, required: true, logicalTypeOptions: {minimum: 0}}');
      const denied = await judge(columns, rows, body, { id: 'id', defaults: true });
      const found = (result: ContractResult, rule: string) => result.checks.find((one) => one.rule === rule);
      expect(found(denied, 'range')).toMatchObject({ failed: 2, rows: [], message: 'v: 2 of 4 rows (50.0 %) outside ≥ 0.' });
      expect(JSON.stringify(denied)).not.toMatch(/A[123]|-5|-7/);
      const allowed = await judge(columns, rows, body, { id: 'id', values: 'allow' });
      expect(found(allowed, 'range')).toMatchObject({
        rows: [],
        values: ['id A1: -7', 'id A3: -5'],
        message: 'v: 2 of 4 rows (50.0 %) outside ≥ 0; id A1, A3.',
      });
      expect(found(allowed, 'unique')).toMatchObject({ failed: 2, rows: [], values: ['A2'] });
      expect(found(allowed, 'required')).toMatchObject({ failed: 1, values: ['id A2: null'] });
      const nameless = await judge(columns, rows, body, { values: 'allow' });
      expect(found(nameless, 'range')).toMatchObject({ values: ['-5', '-7'], message: 'v: 2 of 4 rows (50.0 %) outside ≥ 0.' });
    }, 60_000);

    it('a query of the contract runs on no database of others', async () => {
      const body = contractOf('quality:\n  - {type: sql, query: "SELECT count(*) FROM t", mustBe: 2}');
      const { checks } = await judge({ v: 'integer' }, [[1], [2]], body);
      const query = checks.find(({ rule }) => rule !== 'columns');
      if (opened.engine.dialect.name === 'duckdb') expect(query).toMatchObject({ rule: 'sql', status: 'pass', observed: 2 });
      else expect(query).toMatchObject({ rule: 'not-checked', status: 'warn', observed: null });
    }, 60_000);

    it('an inferred contract is the same text, and the table passes it', async () => {
      const rows: Rows = Array.from({ length: 60 }, (_, at) => [
        at,
        at % 7 === 0 ? null : at / 8,
        ['red', 'green', 'blue'][at % 3] ?? null,
        at % 2 === 0,
        '1969-12-31',
      ]);
      const source = await load({ order_id: 'integer', price: 'double', colour: 'text', paid: 'boolean', day: 'date' }, rows);
      const text = await inferContract(opened.engine, { ...source, source: 'orders' }, { id: 'order_id', label: 'paid' });
      expect(text).toContain('validValues:\n                - blue\n                - green\n                - red');
      expect(text).toContain('primaryKey: true');
      expect(text).toMatch(/name: price\n\s+logicalType: number\n\s+logicalTypeOptions:\n\s+minimum: 0\n\s+maximum: 9\n/);
      const { verdict, checks } = await validateTable(opened.engine, source, readContract(text, 'c.yaml'), {
        values: 'deny',
        id: 'order_id',
      });
      expect(checks.filter(({ status }) => status !== 'pass').map(({ rule, column }) => `${rule} ${column}`)).toEqual([]);
      expect(verdict).toBe('pass');
    }, 60_000);

    it('dataset statistics: rows by split, shares of classes, features', async () => {
      const columns: Columns = { id: 'integer', fold: 'text', churned: 'double', x: 'double', 'a "b"': 'text' };
      const rows: Rows = [
        [1, 'train', 1, 0.5, 'a'],
        [2, 'train', 0, null, 'a'],
        [3, 'train', 0, Number.NaN, 'a'],
        [4, 'train', 0, 1, 'a'],
        [5, 'validation', 1, 1, 'a'],
        [6, 'test', 1, 1, 'a'],
        [7, 'test', 0, 1, 'a'],
        [8, 'train', null, 1, 'a'],
        [9, 'train', Number.NaN, 1, 'a'],
        [10, 'embargo', 1, 1, 'a'],
      ];
      const source = await load(columns, rows);
      const of = (more: Partial<TableStatisticsRequest>) =>
        tableStatistics(opened.engine, source, { label: 'churned', task: 'binary', split: 'fold', except: ['id'], ...more });
      expect(await of({})).toEqual({
        train_rows: 4,
        val_rows: 1,
        test_rows: 2,
        train_label_dist: { '0': 0.75, '1': 0.25 },
        num_features: 2,
      });
      expect((await of({ task: 'regression' })).train_label_dist).toEqual({});
      expect((await of({ label: 'a "b"' })).train_label_dist).toEqual({ a: 1 });
      const { split, ...whole } = { split: 'fold', label: 'churned', task: 'binary' } as const;
      expect(await tableStatistics(opened.engine, source, whole)).toMatchObject({
        train_rows: 8,
        val_rows: 0,
        test_rows: 0,
        num_features: 4,
      });
      await expect(of({ label: 'churnt' })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
      const days = await load({ y: 'date' }, [['1969-12-31'], ['1970-01-02'], ['1970-01-02'], ['1970-01-02']]);
      expect((await tableStatistics(opened.engine, days, { label: 'y', task: 'binary' })).train_label_dist).toEqual({
        '-86400000000': 0.25,
        '86400000000': 0.75,
      });
      const many = await load(
        { y: 'integer' },
        Array.from({ length: 1001 }, (_, at) => [at]),
      );
      await expect(tableStatistics(opened.engine, many, { label: 'y', task: 'multiclass' })).rejects.toMatchObject({
        code: 'LABEL_CLASSES',
      });
    }, 60_000);

    it('an empty table has nothing that breaks a rule', async () => {
      const source = await load({ v: 'double', k: 'text' }, [[1, 'a']]);
      const none = { ...source, relation: `(SELECT * FROM ${source.relation} WHERE 1 = 0) AS none` };
      const body = contractOf(
        'properties:\n  - {name: v, required: true, unique: true, logicalTypeOptions: {minimum: 0, multipleOf: 2}}\n  - {name: k, logicalTypeOptions: {pattern: x}}',
      );
      const { rows, checks } = await validateTable(opened.engine, none, body, { values: 'deny' });
      expect(rows).toBe(0);
      expect(checks.filter(({ failed }) => failed > 0)).toEqual([]);
    }, 60_000);
  });
}
