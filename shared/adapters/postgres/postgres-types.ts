import type { ColumnType } from '../../source/column-type.ts';

interface KnownType {
  readonly type: ColumnType;
  /** As DuckDB writes it, where it has the same. */
  readonly sqlType: string;
}

/** Types by object id: these never change, `pg_type.dat` of the server's source has them. */
const knownTypes = new Map<number, KnownType>([
  [16, { type: 'boolean', sqlType: 'BOOLEAN' }],
  [20, { type: 'integer', sqlType: 'BIGINT' }],
  [21, { type: 'integer', sqlType: 'SMALLINT' }],
  [23, { type: 'integer', sqlType: 'INTEGER' }],
  [25, { type: 'text', sqlType: 'VARCHAR' }],
  [700, { type: 'number', sqlType: 'FLOAT' }],
  [701, { type: 'number', sqlType: 'DOUBLE' }],
  [1043, { type: 'text', sqlType: 'VARCHAR' }],
  [1082, { type: 'date', sqlType: 'DATE' }],
  [1114, { type: 'timestamp', sqlType: 'TIMESTAMP' }],
  [1184, { type: 'timestamp', sqlType: 'TIMESTAMP WITH TIME ZONE' }],
  [1700, { type: 'number', sqlType: 'NUMERIC' }],
]);
export const postgresType = (id: number): KnownType | undefined => knownTypes.get(id);

const readers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [20, integer],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1082, (text) => text],
  [1114, isoTime],
  [1184, isoTime],
  [1700, (text) => (/^-?\d+$/.test(text) ? integer(text) : Number(text))],
]);

/** For the client: a cell's text as JSON knows it. Whatever is not listed stays text. */
export const readCell = (id: number): ((text: string) => unknown) => readers.get(id) ?? ((text) => text);

/** As `readCell`, with bigints of any size as their text. */
export const readExactCell = (id: number): ((text: string) => unknown) => (id === 20 ? (text) => text : readCell(id));

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53; cast it to TEXT or DOUBLE PRECISION in the query.`);
  return value;
}

/** `2026-01-31 12:00:00.123456+00` of a session in UTC, to milliseconds, rounded down. Years of five digits and before Christ stay as they are. */
function isoTime(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(text);
  return parts ? `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0').slice(0, 3)}Z` : text;
}
