/** How a column is used, whatever width the file stores it in. Equal to `columnTypes` of the dataset's manifest. */
export const columnTypes = ['number', 'integer', 'text', 'boolean', 'timestamp', 'date'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** The type of a column by its SQL type. What isn't a scalar of its own kind (lists, structs, times of day, blobs) counts as text. */
export function columnTypeOf(sqlType: string): ColumnType {
  const name = sqlType.toUpperCase();
  if (/\[\d*\]$/.test(name) || name.startsWith('STRUCT') || name.startsWith('MAP')) return 'text';
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(name)) return 'integer';
  if (/^(?:DOUBLE|FLOAT|DECIMAL.*)$/.test(name)) return 'number';
  if (name === 'BOOLEAN') return 'boolean';
  if (name === 'DATE') return 'date';
  return name.startsWith('TIMESTAMP') ? 'timestamp' : 'text';
}

/** What a text is cast to for a type. Times with an offset become UTC, those without are taken as UTC. */
export const sqlTypeOf: Readonly<Record<ColumnType, string>> = {
  number: 'DOUBLE',
  integer: 'BIGINT',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
};

/**
 * SQL for a text as a value of the type, NULL where it isn't one. Stricter than a bare TRY_CAST, which rounds '1.5' to an integer,
 * takes '1_000' for a number, and drops the offset of a timestamp.
 */
export function castText(text: string, type: ColumnType): string {
  switch (type) {
    case 'integer':
      return `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+([.]0*)?') THEN TRY_CAST(${text} AS BIGINT) END`;
    case 'number':
      return `CASE WHEN NOT contains(${text}, '_') THEN TRY_CAST(${text} AS DOUBLE) END`;
    case 'boolean':
      return `CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`;
    case 'date':
      return `CASE WHEN length(${text}) = 10 THEN TRY_CAST(${text} AS DATE) END`;
    case 'timestamp':
      return `CASE WHEN length(${text}) >= 10 THEN TRY_CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP) END`;
    case 'text':
      return text;
  }
}
