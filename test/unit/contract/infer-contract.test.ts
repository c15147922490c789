import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { declaredTypes } from '../../../shared/contract/declared-types.ts';
import { inferContract } from '../../../shared/contract/infer-contract.ts';
import { outwardRange } from '../../../shared/contract/outward-range.ts';
import { readContract } from '../../../shared/contract/read-contract.ts';
import { validateTable } from '../../../shared/contract/validate-table.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { useTables } from './table-fixture.ts';

const tables = useTables();
const people = (
  count: number,
) => `SELECT i AS customer_id, 'name ' || i AS name, CASE WHEN i % 3 = 0 THEN 'north' WHEN i % 3 = 1 THEN 'south' ELSE '1' END AS region,
  i % 2 AS churned, CASE WHEN i % 8 <> 0 THEN i * 13.7 END AS income, CASE WHEN i % 50 <> 0 THEN 1 + i % 7 END AS visits,
  TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR AS seen, i % 4 = 0 AS active, DATE '2020-01-01' AS day, '00' || (i % 100) AS zip FROM range(1, ${count + 1}) t(i)`;

interface Property {
  readonly name: string;
  readonly logicalType?: string;
  readonly required?: boolean;
  readonly unique?: boolean;
  readonly primaryKey?: boolean;
  readonly logicalTypeOptions?: { readonly minimum: number; readonly maximum: number };
  readonly quality?: readonly {
    readonly metric: string;
    readonly mustBeLessOrEqualTo?: number;
    readonly arguments?: { readonly validValues: readonly unknown[] };
  }[];
}
const propertiesOf = (text: string): Readonly<Record<string, Property>> =>
  Object.fromEntries((parse(text).schema[0].properties as Property[]).map((property) => [property.name, property]));

for (const format of ['csv', 'parquet'] as const) {
  describe(`a first contract, ${format}`, () => {
    it('is passed at once by the data that it was written from', async () => {
      const source = await tables.open(format, people(600));
      const text = await inferContract(tables.engine(), source, { label: 'churned', id: 'customer_id' });
      const contract = readContract(text, 'c.yaml');
      const file = source.files[0]?.path ?? '';
      const again = await openSource(tables.engine(), { source: file, root: tables.root(), types: declaredTypes(contract) });
      const result = await validateTable(tables.engine(), again, contract, { id: 'customer_id', label: 'churned', values: 'deny' });
      expect(result.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
      expect(await inferContract(tables.engine(), again, { label: 'churned', id: 'customer_id' })).toBe(text);
    });

    it('says what the data shows, exactly', async () => {
      const source = await tables.open(format, people(600));
      const found = propertiesOf(await inferContract(tables.engine(), source, { label: 'churned', id: 'customer_id' }));
      expect(found['customer_id']).toEqual({
        name: 'customer_id',
        logicalType: 'integer',
        required: true,
        unique: true,
        primaryKey: true,
        primaryKeyPosition: 1,
      });
      expect(found['region']?.quality?.[0]?.arguments?.validValues).toEqual(['1', 'north', 'south']);
      expect(found['churned']?.quality?.[0]?.arguments?.validValues).toEqual([0, 1]);
      expect(found['name']).toEqual({ name: 'name', logicalType: 'string', required: true });
      expect(found['income']).toMatchObject({
        logicalTypeOptions: { minimum: 0 },
        quality: [{ metric: 'nullValues', mustBeLessOrEqualTo: 15 }],
      });
      expect(found['visits']?.quality?.[0]).toMatchObject({ metric: 'nullValues', mustBeLessOrEqualTo: 10 });
      expect(found['income']).not.toHaveProperty('required');
      expect([found['seen']?.logicalType, found['active']?.logicalType, found['day']?.logicalType, found['zip']?.logicalType]).toEqual([
        'timestamp',
        'boolean',
        'date',
        'string',
      ]);
    });
  });
}

it('keeps rare values and extremes out of the contract', async () => {
  const data = `SELECT CASE WHEN i = 7 THEN 'Jane Doe' ELSE 'common' END AS kind, CASE WHEN i = 9 THEN 123457 ELSE i END AS salary, CASE WHEN i < 19 THEN 'few' ELSE 'many' END AS size FROM range(500) t(i)`;
  const text = await inferContract(tables.engine(), await tables.open('parquet', data));
  for (const rare of ['Jane', '123457', 'few']) expect(text).not.toContain(rare);
  const enough = await inferContract(tables.engine(), await tables.open('parquet', data.replace('i < 19', 'i < 20')));
  expect(enough).toContain('few');
});

it('does not promise uniqueness where it may be chance, or where one value repeats', async () => {
  const data = 'SELECT i AS amount, i AS order_id, CASE WHEN i = 5 THEN 6 ELSE i END AS user_id FROM range(500) t(i)';
  const found = propertiesOf(await inferContract(tables.engine(), await tables.open('parquet', data), { id: 'user_id' }));
  expect([found['amount']?.unique, found['order_id']?.unique, found['user_id']?.unique]).toEqual([undefined, true, undefined]);
});

it('survives columns that are empty, constant, infinite or oddly named', async () => {
  const data = `SELECT NULL::DOUBLE AS "__proto__", 'a: [b' AS "x: {y}", 'inf'::DOUBLE AS inf, 5 AS same, [1] AS list, {'a': 1} AS parts, TIME '12:00:00' AS "at", 'x'::BLOB AS bytes, 'nan'::DOUBLE AS nan FROM range(30)`;
  const source = await tables.open('parquet', data);
  const contract = readContract(await inferContract(tables.engine(), source), 'c.yaml');
  const { checks } = await validateTable(tables.engine(), source, contract, { values: 'deny' });
  expect(checks.filter(({ status, rule }) => status !== 'pass' && rule !== 'duplicate-rows')).toEqual([]);
});

it('names the table by the file, so that queries can use it', async () => {
  await writeFile(join(tables.root(), '2020 orders-eu.csv'), 'a\n1\n2\n');
  const source = await openSource(tables.engine(), { source: '2020 orders-eu.csv', root: tables.root() });
  expect(readContract(await inferContract(tables.engine(), source), 'c.yaml').tables[0]?.name).toBe('data_2020_orders_eu');
});

it('a range lies outwards of both extremes, and zero stays the floor of what is never negative', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      fc.boolean(),
      (low, span, whole) => {
        const [from, to] = whole ? [Math.floor(low), Math.floor(low) + Math.ceil(span)] : [low, low + span];
        const range = outwardRange(from, to, whole);
        if (!range) return;
        expect(range.minimum).toBeLessThanOrEqual(from);
        expect(range.maximum).toBeGreaterThanOrEqual(to);
        if (range.minimum !== 0) expect(range.minimum).toBeLessThan(from);
        if (range.maximum !== 0) expect(range.maximum).toBeGreaterThan(to);
        if (from >= 0) expect(range.minimum).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(outwardRange(0, 1, false)).toEqual({ minimum: 0, maximum: 2 });
});
