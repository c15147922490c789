import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { canonicalText, rowText } from '../../../shared/dataset/canonical-text.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { columnTypeOf } from '../../../shared/source/column-type.ts';

let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB();
});
afterAll(() => engine.close());

const typed = (sqlType: string) => ({ sqlType, type: columnTypeOf(sqlType) });
const textOf = async (value: string, sqlType: string) => {
  const sql = `CAST(${value} AS ${sqlType})`;
  const [row] = await engine.rows<{ text: string | null }>(`SELECT ${canonicalText(sql, typed(sqlType))} AS text`);
  return row?.text;
};

it.each([
  ['1', 'INTEGER', '1'],
  ['1', 'DOUBLE', '1'],
  ['1.00', 'DECIMAL(10,2)', '1'],
  ['1.50', 'DECIMAL(10,2)', '1.5'],
  ['1.5', 'DOUBLE', '1.5'],
  ['0.1', 'FLOAT', '0.1'],
  ["'-0.0'", 'DOUBLE', '0'],
  ['100', 'DECIMAL(10,0)', '100'],
  ["'12345678901234567890.123'", 'DECIMAL(38,3)', '12345678901234567890.123'],
  ["'nan'", 'DOUBLE', 'nan'],
  ["'infinity'", 'DOUBLE', 'inf'],
  ['true', 'BOOLEAN', 'true'],
  ["'1970-01-02'", 'DATE', '86400000000'],
  ["'1970-01-02'", 'TIMESTAMP', '86400000000'],
  ["'1970-01-02'", 'TIMESTAMP_NS', '86400000000'],
  ["'1970-01-02 02:00:00+02'", 'TIMESTAMP WITH TIME ZONE', '86400000000'],
  ["'infinity'", 'TIMESTAMP', 'infinity'],
  ['NULL', 'DOUBLE', null],
  ['NULL', 'DATE', null],
])('%s as %s is %s', async (value, sqlType, expected) => {
  expect(await textOf(value, sqlType)).toBe(expected);
});

it('tells rows apart that joined texts would not', async () => {
  const text = async (a: string, b: string) => {
    const columns = [
      { name: 'a', sql: `CAST(${a} AS VARCHAR)`, ...typed('VARCHAR') },
      { name: 'b', sql: `CAST(${b} AS VARCHAR)`, ...typed('VARCHAR') },
    ];
    const [row] = await engine.rows<{ text: string }>(`SELECT ${rowText(columns)} AS text`);
    const [reversed] = await engine.rows<{ text: string }>(`SELECT ${rowText(columns.toReversed())} AS text`);
    expect(reversed?.text).toBe(row?.text);
    return row?.text;
  };
  const texts = [
    await text("'xy'", "''"),
    await text("'x'", "'y'"),
    await text("''", "'xy'"),
    await text('NULL', "'xy'"),
    await text("'xy'", 'NULL'),
    await text("'1:x'", "'-'"),
    await text("'1:x-'", 'NULL'),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});
