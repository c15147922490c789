import { DataType, type Field, type Table, Type, tableFromIPC, type Vector } from 'apache-arrow';
import type { Column, ColumnTable } from '../../query/query-engine.ts';
import type { ColumnType } from '../../source/column-type.ts';
import type { RemoteColumn } from '../../source/remote-engine.ts';

export const readArrow = (bytes: Uint8Array): Table => tableFromIPC(bytes);

/** The rows of a batch as plain objects, as `SqlEngine.rows` describes values. */
export function plainRows(table: Table): readonly Readonly<Record<string, unknown>>[] {
  const readers = table.schema.fields.map((field, index) => ({ name: field.name, read: reader(field.type, table.getChildAt(index)) }));
  return Array.from({ length: table.numRows }, (_, row) => Object.fromEntries(readers.map(({ name, read }) => [name, read(row)])));
}

/** A batch of doubles, bigints and texts. */
export function plainColumns(table: Table): ColumnTable {
  const columns = table.schema.fields.map(
    (field, index) => [field.name, plainColumn(field.type, table.getChildAt(index), table.numRows)] as const,
  );
  return { rowCount: table.numRows, columns: Object.fromEntries(columns) };
}

export const describeFields = (fields: readonly Field[]): readonly RemoteColumn[] =>
  fields.map(({ name, type }) => {
    const known = columnType(type);
    return { name, type: known?.type ?? 'text', sqlType: known?.sqlType ?? 'VARCHAR', castToText: known === undefined };
  });

/** As DuckDB writes the types that it has too. */
function columnType(type: DataType): { readonly type: ColumnType; readonly sqlType: string } | undefined {
  if (DataType.isInt(type)) {
    const name = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }[type.bitWidth];
    return { type: 'integer', sqlType: type.isSigned ? name : `U${name}` };
  }
  if (DataType.isFloat(type)) return { type: 'number', sqlType: type.precision === 2 ? 'DOUBLE' : 'FLOAT' };
  if (DataType.isDecimal(type)) return { type: 'number', sqlType: `DECIMAL(${type.precision},${type.scale})` };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || type.typeId === Type.Utf8View) return { type: 'text', sqlType: 'VARCHAR' };
  if (DataType.isBool(type)) return { type: 'boolean', sqlType: 'BOOLEAN' };
  if (DataType.isDate(type)) return { type: 'date', sqlType: 'DATE' };
  if (DataType.isTimestamp(type)) return { type: 'timestamp', sqlType: type.timezone ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP' };
  return undefined;
}

type Reader = (row: number) => unknown;

function reader(type: DataType, vector: Vector | null): Reader {
  if (!vector) return () => null;
  const plain = converter(type);
  // The library rounds microseconds away; the memory has them.
  if (DataType.isTimestamp(type)) {
    const at = rawMilliseconds(vector, type.unit);
    return (row) => (vector.isValid(row) ? isoTime(at(row)) : null);
  }
  return (row) => {
    const value: unknown = vector.get(row);
    return value === null || value === undefined ? null : plain(value);
  };
}

function converter(type: DataType): (value: unknown) => unknown {
  if (DataType.isInt(type)) return (value) => (typeof value === 'bigint' ? safeNumber(value) : value);
  // The library's type for a decimal is its four words.
  if (DataType.isDecimal(type)) return (value) => decimal(value as Uint32Array, type.scale);
  if (DataType.isDate(type)) return (value) => isoTime(Number(value)).replace('T00:00:00.000Z', '');
  if (DataType.isList(type)) {
    const item = converter(type.children[0]!.type);
    return (value) => Array.from(value as Vector, (one) => (one === null ? null : item(one)));
  }
  return (value) => (typeof value === 'object' ? JSON.stringify(value) : value);
}

function plainColumn(type: DataType, vector: Vector | null, rowCount: number): Column {
  if (!vector) throw new TypeError('a batch without one of its columns');
  const nulls = vector.nullCount > 0 ? Uint8Array.from({ length: rowCount }, (_, row) => (vector.isValid(row) ? 0 : 1)) : undefined;
  if (DataType.isFloat(type)) {
    const values = Float64Array.from({ length: rowCount }, (_, row) => (nulls?.[row] ? Number.NaN : (vector.get(row) as number)));
    return { kind: 'number', values, ...(nulls && { nulls }) };
  }
  if (DataType.isInt(type)) {
    const values = BigInt64Array.from({ length: rowCount }, (_, row) => (nulls?.[row] ? 0n : BigInt(vector.get(row) as bigint | number)));
    return { kind: 'integer', values, ...(nulls && { nulls }) };
  }
  const read = reader(type, vector);
  return { kind: 'text', values: Array.from({ length: rowCount }, (_, row) => (nulls?.[row] ? null : String(read(row)))) };
}

function rawMilliseconds(vector: Vector, unit: number): (row: number) => number {
  const perMillisecond = [1e-3, 1, 1e3, 1e6][unit] ?? 1;
  const chunks = vector.data as readonly { readonly length: number; readonly values: BigInt64Array }[];
  return (row) => {
    let left = row;
    for (const { length, values } of chunks) {
      if (left < length) return Math.floor(Number(values[left]) / perMillisecond);
      left -= length;
    }
    return Number.NaN;
  };
}

/** Little-endian words of a two's complement number. */
function decimal(words: Uint32Array, scale: number): number {
  let value = 0n;
  for (let index = words.length - 1; index >= 0; index--) value = (value << 32n) | BigInt(words[index] ?? 0);
  value = BigInt.asIntN(32 * words.length, value);
  if (scale <= 0) return safeNumber(value * 10n ** BigInt(-scale));
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return Number(`${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond 2^53; cast it to STRING or DOUBLE in the query.`);
  return number;
}

function isoTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? 'beyond the calendar' : date.toISOString();
}
