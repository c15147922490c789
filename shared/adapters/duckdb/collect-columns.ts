import { type DuckDBDataChunk, type DuckDBType, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api';
import type { Column, ColumnTable } from '../../query/query-engine.ts';
import { epochMilliseconds, plainValue } from './plain-value.ts';

/** The memory that a vector of fixed width is: copying it whole is some thirty times faster than asking for each item. */
interface RawVector {
  readonly items?:
    | Float64Array
    | Float32Array
    | Int8Array
    | Int16Array
    | Int32Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigInt64Array;
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number };
}

/** Those whose items are the numbers themselves. */
const plainNumbers = new Set([
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);
/** Items in whole units since 1970, and the milliseconds of one. */
const millisecondsPerItem = new Map<DuckDBTypeId, number>([
  [DuckDBTypeId.DATE, 86_400_000],
  [DuckDBTypeId.TIMESTAMP_S, 1_000],
  [DuckDBTypeId.TIMESTAMP_MS, 1],
  [DuckDBTypeId.TIMESTAMP, 1 / 1_000],
  [DuckDBTypeId.TIMESTAMP_TZ, 1 / 1_000],
]);
const otherNumbers = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.TIMESTAMP_NS,
]);

/** Gathers a result's chunks into one array a column. */
export function collectColumns(names: readonly string[], types: readonly DuckDBType[], chunks: readonly DuckDBDataChunk[]): ColumnTable {
  const rowCount = chunks.reduce((total, chunk) => total + chunk.rowCount, 0);
  const column = (index: number, type: DuckDBTypeId): Column => {
    if (type === DuckDBTypeId.BIGINT) return integers(chunks, index, rowCount);
    if (plainNumbers.has(type) || millisecondsPerItem.has(type)) return numbers(chunks, index, rowCount, millisecondsPerItem.get(type));
    return otherNumbers.has(type) ? convertedNumbers(chunks, index, rowCount) : texts(chunks, index, rowCount);
  };
  return { rowCount, columns: Object.fromEntries(types.map((type, index) => [names[index] ?? '', column(index, type.typeId)])) };
}

function integers(chunks: readonly DuckDBDataChunk[], index: number, rowCount: number): Column {
  const values = new BigInt64Array(rowCount);
  const nulls = eachVector(chunks, index, rowCount, (vector, at, count) => {
    const items = raw(vector).items;
    if (!(items instanceof BigInt64Array)) throw new TypeError('a BIGINT vector without its 64-bit items');
    values.set(items.subarray(0, count), at);
  });
  if (nulls) for (let row = 0; row < rowCount; row++) if (nulls[row]) values[row] = 0n;
  return { kind: 'integer', values, ...(nulls && { nulls }) };
}

function numbers(chunks: readonly DuckDBDataChunk[], index: number, rowCount: number, scale: number | undefined): Column {
  const values = new Float64Array(rowCount);
  const nulls = eachVector(chunks, index, rowCount, (vector, at, count) => {
    const items = raw(vector).items;
    if (items instanceof BigInt64Array) for (let row = 0; row < count; row++) values[at + row] = Number(items[row]);
    else if (items) values.set(items.subarray(0, count), at);
    else for (let row = 0; row < count; row++) values[at + row] = epochMilliseconds(vector.getItem(row)) ?? Number.NaN;
    // Thousandths by division, which rounds once; whole multiples are exact.
    if (items && scale !== undefined && scale < 1)
      for (let row = at; row < at + count; row++) values[row] = values[row]! / Math.round(1 / scale);
    else if (items && scale !== undefined) for (let row = at; row < at + count; row++) values[row] = values[row]! * scale;
  });
  return withNaN(values, nulls);
}

function convertedNumbers(chunks: readonly DuckDBDataChunk[], index: number, rowCount: number): Column {
  const values = new Float64Array(rowCount);
  const nulls = eachVector(chunks, index, rowCount, (vector, at, count) => {
    for (let row = 0; row < count; row++) {
      const item = vector.getItem(row);
      values[at + row] = typeof item === 'bigint' ? Number(item) : (epochMilliseconds(item) ?? Number(plainValue(item)));
    }
  });
  return withNaN(values, nulls);
}

function texts(chunks: readonly DuckDBDataChunk[], index: number, rowCount: number): Column {
  const values: (string | null)[] = new Array(rowCount).fill(null);
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < chunk.rowCount; row++) {
      const item = plainValue(vector.getItem(row));
      values[at + row] = item === null || typeof item === 'string' ? item : typeof item === 'object' ? JSON.stringify(item) : String(item);
    }
    at += chunk.rowCount;
  }
  return { kind: 'text', values };
}

function withNaN(values: Float64Array, nulls: Uint8Array | undefined): Column {
  if (nulls) for (let row = 0; row < values.length; row++) if (nulls[row]) values[row] = Number.NaN;
  return { kind: 'number', values, ...(nulls && { nulls }) };
}

/** Visits one column's vectors with the row that each begins at, and gathers their NULL marks: `undefined` where there are none. */
function eachVector(
  chunks: readonly DuckDBDataChunk[],
  index: number,
  rowCount: number,
  visit: (vector: DuckDBVector, at: number, count: number) => void,
): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(index);
    visit(vector, at, chunk.rowCount);
    const validity = raw(vector).validity;
    if (validity?.data) {
      const bits = new Uint8Array(validity.data.buffer, validity.data.byteOffset, validity.data.byteLength);
      for (let row = 0; row < chunk.rowCount; row++) {
        const bit = validity.offset + row;
        if ((bits[bit >> 3]! >> (bit & 7)) & 1) continue;
        nulls ??= new Uint8Array(rowCount);
        nulls[at + row] = 1;
      }
    }
    at += chunk.rowCount;
  }
  return nulls;
}

/** The library declares these fields private and offers no other way to whole vectors; `open-duckdb.test.ts` would notice a change. */
const raw = (vector: DuckDBVector): RawVector => vector as unknown as RawVector;
