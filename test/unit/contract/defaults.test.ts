import { describe, expect, it } from 'vitest';
import { contractOf, useTables } from './table-fixture.ts';

const tables = useTables();
/** `nulls` of a hundred incomes are missing. */
const incomes = (nulls: number, more = '') =>
  `SELECT i AS id, CASE WHEN i >= ${nulls} THEN i * 1.5 END AS income${more} FROM range(100) t(i)`;

for (const format of ['csv', 'parquet'] as const) {
  describe(`default rules, ${format}`, () => {
    it('passes at exactly 10 % nulls', async () => {
      expect(await tables.check(format, incomes(10), null, 'nulls')).toMatchObject({ status: 'pass', failed: 0, rows: [], location: null });
    });

    it('fails at 11 %, in the words that scripts look for', async () => {
      expect(await tables.check(format, incomes(11), null, 'nulls')).toMatchObject({
        status: 'fail',
        message: 'Columns with >10% nulls: {income: 11.0}',
        column: 'income',
        failed: 11,
        total: 100,
        rows: Array.from({ length: 11 }, (_, row) => row + 1),
      });
    });

    it('names all such columns in the order of the file, NaN counting as missing', async () => {
      const data = `SELECT i, CASE WHEN i > 500 THEN 'x' END AS z, CASE WHEN i > 104 THEN 1.5::DOUBLE ELSE 'nan'::DOUBLE END AS a FROM range(1, 1001) t(i)`;
      const check = await tables.check(format, data, null, 'nulls');
      expect(check.message).toBe('Columns with >10% nulls: {z: 50.0, a: 10.4}');
      expect(check.failed).toBe(500);
    });

    it('lets the contract loosen it for a column, by its own rule or by required: false', async () => {
      const own = contractOf(
        'properties:\n  - name: id\n  - name: income\n    quality: [{metric: nullValues, mustBeLessThan: 50, unit: percent}]',
      );
      const { verdict, checks } = await tables.validate(format, incomes(40), own);
      expect(verdict).toBe('pass');
      expect(checks.filter(({ rule }) => rule === 'nulls').map(({ status, location }) => [status, location?.line])).toEqual([
        ['pass', 11],
        ['pass', undefined],
      ]);
      expect(
        (await tables.validate(format, incomes(40), contractOf('properties:\n  - name: id\n  - {name: income, required: false}'))).verdict,
      ).toBe('pass');
      expect((await tables.validate(format, incomes(40), contractOf('properties:\n  - name: id\n  - name: income'))).verdict).toBe('fail');
    });

    it('fails on an event after its label with the count, and passes on equal times', async () => {
      const data = (late: number) =>
        `SELECT i, TIMESTAMP '2020-01-01 12:00:00' + CASE WHEN i < ${late} THEN INTERVAL 1 SECOND ELSE INTERVAL 0 SECOND END AS seen, TIMESTAMP '2020-01-01 12:00:00' AS labelled FROM range(1000) t(i)`;
      const options = { time: 'seen', labelTime: 'labelled' };
      const failed = await tables.check(format, data(3), null, 'LEAKAGE_FUTURE_EVENT', options);
      expect(failed).toMatchObject({ status: 'fail', failed: 3, rows: [1, 2, 3] });
      expect(failed.message).toBe(
        'LEAKAGE_FUTURE_EVENT rows=3: seen is later than labelled in 3 of 1,000 rows (0.3 %); first rows 1, 2, 3.',
      );
      expect(await tables.check(format, data(0), null, 'LEAKAGE_FUTURE_EVENT', options)).toMatchObject({ status: 'pass', failed: 0 });
    });

    it('does not take times that cannot be compared for times in order', async () => {
      const data = `SELECT 'soon' AS seen, TIMESTAMP '2020-01-01' AS labelled`;
      expect(await tables.check(format, data, null, 'LEAKAGE_FUTURE_EVENT', { time: 'seen', labelTime: 'labelled' })).toMatchObject({
        status: 'fail',
        failed: 1,
      });
    });

    it('warns of duplicate rows with their count, missing cells being equal', async () => {
      const data = `SELECT * FROM (VALUES (1, 'a'), (2, NULL), (1, 'a'), (2, NULL), (3, 'a'), (1, 'b')) t(x, y)`;
      const check = await tables.check(format, data, null, 'duplicate-rows');
      expect(check).toMatchObject({ status: 'warn', failed: 2, rows: [3, 4], message: expect.stringMatching(/^2 duplicate rows/) });
      expect((await tables.validate(format, data, null, { defaults: false })).checks).toEqual([]);
    });

    it('asks for an id that is there and unique, once, even where the contract asks too', async () => {
      const data = `SELECT * FROM (VALUES (7, 1), (8, 2), (7, 3), (NULL, 4)) t(id, x)`;
      const { checks, verdict } = await tables.validate(format, data, null, { id: 'id' });
      expect(verdict).toBe('fail');
      expect(checks.find(({ rule }) => rule === 'unique')).toMatchObject({ status: 'fail', rows: [1, 3], failed: 2, location: null });
      expect(checks.find(({ rule }) => rule === 'required')).toMatchObject({ status: 'fail', rows: [4] });
      const contract = contractOf('properties:\n  - {name: id, unique: true, required: true}\n  - name: x');
      const both = await tables.validate(format, data, contract, { id: 'id' });
      expect(both.checks.filter(({ rule }) => rule === 'unique' || rule === 'required')).toHaveLength(2);
    });

    it('finds duplicate rows although an id with gaps is unique', async () => {
      const data = `SELECT * FROM (VALUES (1, 'a'), (NULL, 'b'), (NULL, 'b')) t(id, x)`;
      expect(await tables.check(format, data, null, 'duplicate-rows', { id: 'id' })).toMatchObject({ failed: 1, rows: [3] });
    });

    it('finds duplicates of a wide key although a narrow one beside it is unique', async () => {
      const contract = contractOf(
        'properties:\n  - {name: a, unique: true}\n  - name: b\n  - name: c\nquality:\n  - {metric: duplicateValues, arguments: {properties: [b, c]}, mustBe: 0}\n  - {metric: duplicateValues, arguments: {properties: [a, b]}, mustBe: 0}',
      );
      const { checks } = await tables.validate(format, 'SELECT * FROM (VALUES (1, 1, 1), (2, 1, 1)) t(a, b, c)', contract);
      expect(checks.filter(({ rule }) => rule === 'unique').map(({ column, failed }) => [column, failed])).toEqual([
        ['a', 0],
        ['b, c', 1],
        ['a, b', 0],
      ]);
    });

    it('does not take a pair for unique because one of its columns is in another unique pair', async () => {
      const pair = (columns: string) => `  - {metric: duplicateValues, arguments: {properties: [${columns}]}, mustBe: 0}`;
      const contract = contractOf(`quality:\n${pair('a, b')}\n${pair('a, c')}`);
      const { checks } = await tables.validate(format, 'SELECT * FROM (VALUES (1, 1, 1), (1, 2, 1)) t(a, b, c)', contract);
      expect(checks.filter(({ rule }) => rule === 'unique').map(({ column, failed }) => [column, failed])).toEqual([
        ['a, b', 0],
        ['a, c', 1],
      ]);
    });

    it('refuses a config that names a column which the data has not', async () => {
      await expect(tables.validate(format, incomes(0), null, { id: 'iid' })).rejects.toMatchObject({
        code: 'COLUMN_NOT_FOUND',
        hint: 'Did you mean id?',
      });
      await expect(tables.validate(format, incomes(0), null, { label: 'churned' })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
    });
  });
}
