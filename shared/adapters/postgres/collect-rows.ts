import type { Column, ColumnTable } from '../../query/query-engine.ts';

const float8 = 701;
const int8 = 20;

/** Rows as one array a column: doubles and bigints typed, all others as texts. */
export function collectRows(
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
  rows: readonly (readonly unknown[])[],
): ColumnTable {
  const column = (index: number, type: number): Column => {
    if (type !== float8 && type !== int8)
      return { kind: 'text', values: rows.map((row) => (row[index] === null ? null : String(row[index]))) };
    const nulls = rows.some((row) => row[index] === null) ? Uint8Array.from(rows, (row) => (row[index] === null ? 1 : 0)) : undefined;
    return type === float8
      ? {
          kind: 'number',
          values: Float64Array.from(rows, (row) => (row[index] === null ? Number.NaN : Number(row[index]))),
          ...(nulls && { nulls }),
        }
      : {
          kind: 'integer',
          values: BigInt64Array.from(rows, (row) => BigInt((row[index] as string | number | null) ?? 0)),
          ...(nulls && { nulls }),
        };
  };
  return {
    rowCount: rows.length,
    columns: Object.fromEntries(fields.map(({ name, dataTypeID }, index) => [name, column(index, dataTypeID)])),
  };
}
