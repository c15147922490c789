import type { SourceFormat } from '../source/table-source.ts';

/** What type names of all engines say where the rules care: DuckDB's, PostgreSQL's and Spark's don't contradict each other. */
export const isTimeOfDay = (sqlType: string) => /^TIME(?!STAMP)/i.test(sqlType);
export const isNested = (sqlType: string) => /\]$|^STRUCT|^MAP|^ARRAY/i.test(sqlType);
export const isJson = (sqlType: string) => /^JSON/i.test(sqlType);
export const isBinary = (sqlType: string) => /^(?:BLOB|BIT|BYTEA|BINARY)/i.test(sqlType);
export const mayBeNaN = (sqlType: string) => /^(?:DOUBLE(?: PRECISION)?|FLOAT[48]?|REAL)$/i.test(sqlType) || isNumeric(sqlType);
/** PostgreSQL's own: exact, wider than any double, and with a NaN all the same. */
export const isNumeric = (sqlType: string) => /^NUMERIC/i.test(sqlType);
/** 32 bits wide. A bound such as 0.1 has to be narrowed likewise, or a cell of 0.1 would lie beyond it. */
export const isNarrowFloat = (sqlType: string) => /^(?:FLOAT4?|REAL)$/i.test(sqlType);

/** CSV and JSON lines: columns are what every value is. Parquet and the tables of an engine say it themselves. */
export const hasOwnTypes = (format: SourceFormat) => format !== 'csv' && format !== 'json';

/** Whether rows have a number, `__row`: those of files. A table of an engine has no order to count them in. */
export const hasRowNumbers = (format: SourceFormat) => format === 'csv' || format === 'json' || format === 'parquet';
