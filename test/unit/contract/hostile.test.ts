import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifier, literal } from '../../../shared/query/sql-text.ts';
import { contractOf, useTables } from './table-fixture.ts';

const tables = useTables();
const names = [
  '"; DROP TABLE t; --',
  "it's",
  'a"b',
  '__proto__',
  'constructor',
  'select',
  'line\nbreak',
  'ü 漢',
  '$x{y}',
  'count(*)',
  'n',
  'v0',
  'p0',
  '__id',
];
const values = ["'; DROP TABLE x; --", 'a"b', 'two\nlines', '<script>alert(1)</script>', '%', '_', '\\', 'NULL', 'nan'];

for (const format of ['csv', 'parquet'] as const) {
  describe(`hostile names and values, ${format}`, () => {
    it.each(names)('a column %j is judged like any other', async (name) => {
      const data = `SELECT * FROM (VALUES ('x', 1), ('y', 2), (NULL, 3), ('x', 4)) t(${identifier(name)}, other)`;
      const contract = contractOf(
        `properties:\n  - name: other\n  - name: ${JSON.stringify(name)}\n    logicalType: string\n    required: true\n    unique: true\n    logicalTypeOptions: {pattern: x, maxLength: 1}\n    quality:\n      - {metric: invalidValues, arguments: {validValues: [x]}, mustBe: 0}`,
      );
      const { checks } = await tables.validate(format, data, contract, { id: name, values: 'allow' });
      const rows = Object.fromEntries(checks.filter(({ column }) => column === name).map((check) => [check.rule, check.rows]));
      expect(rows).toEqual({ type: [], required: [3], unique: [1, 4], pattern: [2], length: [], 'accepted-values': [2], nulls: [3] });
    });

    it.each(values)('a value %j is compared, never run', async (value) => {
      const data = `SELECT * FROM (VALUES (${literal(value)}, 1), ('other', 2)) t(v, n)`;
      const contract = contractOf(
        `properties:\n  - name: n\n  - name: v\n    logicalType: string\n    quality:\n      - {metric: invalidValues, arguments: {validValues: [${JSON.stringify(value)}]}, mustBe: 0}\n      - {metric: missingValues, arguments: {missingValues: [${JSON.stringify(value)}]}, mustBe: 0}`,
      );
      const { checks } = await tables.validate(format, data, contract, { values: 'allow' });
      expect(checks.find(({ rule }) => rule === 'accepted-values')).toMatchObject({ rows: [2], values: ['other'] });
      expect(checks.find(({ rule }) => rule === 'missing-values')).toMatchObject({ rows: [1], values: [value] });
    });
  });
}

it('counts violations as a loop over the values does, whatever they are', async () => {
  const cell = fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0.5)), {
    nil: null,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: -3, max: 0 }),
      fc.integer({ min: 0, max: 3 }),
      async (cells, minimum, maximum) => {
        const sql = cells
          .map((value) =>
            value === null ? '(NULL)' : `('${Number.isNaN(value) ? 'nan' : value === Number.POSITIVE_INFINITY ? 'inf' : value}'::DOUBLE)`,
          )
          .join(', ');
        const contract = contractOf(
          `properties:\n  - {name: v, logicalType: number, required: true, unique: true, logicalTypeOptions: {minimum: ${minimum}, maximum: ${maximum}}}`,
        );
        const { checks } = await tables.validate('parquet', `SELECT v::DOUBLE AS v FROM (VALUES ${sql}) t(v)`, contract);
        const rowsOf = (violates: (value: number | null) => boolean) => cells.flatMap((value, row) => (violates(value) ? [row + 1] : []));
        const present = (value: number | null): value is number => value !== null && !Number.isNaN(value);
        const expected = {
          required: rowsOf((value) => !present(value)),
          range: rowsOf((value) => present(value) && (value < minimum || value > maximum)),
          unique: rowsOf((value) => present(value) && cells.filter((other) => other === value).length > 1),
        };
        for (const [rule, rows] of Object.entries(expected)) {
          const check = checks.find((candidate) => candidate.rule === rule);
          expect([rule, check?.failed, check?.rows]).toEqual([rule, rows.length, rows.slice(0, 20)]);
        }
        const over = rowsOf((value) => !present(value)).length > 0.1 * cells.length;
        expect(checks.find(({ rule }) => rule === 'nulls')?.status).toBe(over ? 'fail' : 'pass');
      },
    ),
    { numRuns: 40 },
  );
});
