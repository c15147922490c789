import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { SqlEngine } from '../query/query-engine.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { bindColumn } from './bind-columns.ts';
import { outwardRange } from './outward-range.ts';
import { isBinary, isNested, isTimeOfDay } from './sql-kinds.ts';

/** Values that fewer rows hold may point at a person, so they never leave the data. */
const frequent = 20;
/** More different values than this are no list that a person would keep. */
const mostValues = 20;
/** A name that promises to tell rows apart; without such a promise, being unique may be chance. */
const keyName = /(?:^|[_\-. ])(?:id|key|uuid|guid)$|[a-z](?:Id|ID|Key|Uuid|UUID)$/;

export interface InferRequest {
  readonly label?: string;
  readonly id?: string;
}

/** What one scan tells of a column. */
interface ColumnFacts {
  readonly missing: number;
  readonly distinct: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly infinite: number;
}

/**
 * Writes an ODCS v3.1 contract that the data passes as it is: types, columns without gaps, keys (by exact counts), accepted values, ranges
 * with room, and the null rule in numbers that a team can change. The same data gives the same text. No value that fewer
 * than 20 rows hold is written, and extremes are rounded outwards, so the contract can be shown where the data can't.
 */
export async function inferContract(engine: SqlEngine, source: TableSource, request: InferRequest = {}): Promise<string> {
  const { rows, facts } = await scanColumns(engine, source, request);
  const properties = [];
  for (const [index, column] of source.columns.entries()) {
    const found = facts[index];
    if (found) properties.push(await describeColumn(engine, source, column, found, rows, request));
  }
  const name = tableName(source);
  const contract = {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: name,
    name,
    version: '1.0.0',
    status: 'draft',
    schema: [
      {
        name,
        logicalType: 'object',
        properties,
        quality: [
          {
            type: 'library',
            metric: 'rowCount',
            mustBeGreaterOrEqualTo: roundDown(rows / 2),
            description: 'Half of what it was written from.',
          },
        ],
      },
    ],
  };
  const head = `# Written by weighin init from ${source.source.replace(/[^\x20-\x7e]/g, '?')}: a start to correct, not a truth.\n# Open Data Contract Standard v3.1. Patterns must match the whole value.\n`;
  return head + stringify(contract, { lineWidth: 0 });
}

async function scanColumns(
  engine: SqlEngine,
  source: TableSource,
  { id }: InferRequest,
): Promise<{ readonly rows: number; readonly facts: readonly ColumnFacts[] }> {
  const { dialect } = engine;
  const selected = source.columns.flatMap((column, index) => {
    const bound = bindColumn(column, null, source, dialect);
    const numeric = column.type === 'number' || column.type === 'integer';
    const { double } = bound;
    const finite = column.type === 'number' ? `CASE WHEN ${dialect.isFinite(double)} THEN ${bound.cell} END` : bound.cell;
    return [
      `${dialect.countIf(bound.missing)} AS m${index}`,
      ...(mayBeKey(column, id)
        ? [`count(DISTINCT ${bound.type === 'text' ? dialect.bytewise(bound.text) : bound.cell}) AS d${index}`]
        : []),
      ...(numeric
        ? [
            `CAST(min(${finite}) AS ${dialect.types.double}) AS l${index}`,
            `CAST(max(${finite}) AS ${dialect.types.double}) AS h${index}`,
            `${column.type === 'number' ? dialect.countIf(`abs(${double}) = ${dialect.infinity}`) : '0'} AS i${index}`,
          ]
        : []),
    ];
  });
  const [row] = await engine.rows<Record<string, number | null>>(`SELECT count(*) AS n, ${selected.join(', ')} FROM ${source.relation}`);
  const facts = source.columns.map((_, index) => ({
    missing: row?.[`m${index}`] ?? 0,
    distinct: row?.[`d${index}`] ?? null,
    low: row?.[`l${index}`] ?? null,
    high: row?.[`h${index}`] ?? null,
    infinite: row?.[`i${index}`] ?? 0,
  }));
  return { rows: row?.['n'] ?? 0, facts };
}

const mayBeKey = ({ name, type }: SourceColumn, id: string | undefined) =>
  name === id || ((type === 'integer' || type === 'text') && keyName.test(name));

async function describeColumn(
  engine: SqlEngine,
  source: TableSource,
  column: SourceColumn,
  { missing, distinct, low, high, infinite }: ColumnFacts,
  rows: number,
  { label, id }: InferRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const complete = missing === 0;
  const unique = distinct !== null && rows > 1 && distinct === rows - missing && distinct > 1;
  const isId = column.name === id && unique && complete;
  const values = isId || unique ? undefined : await acceptedValues(engine, source, column, column.name === label);
  const range =
    low !== null && high !== null && infinite === 0 && !unique && !values && low < high
      ? outwardRange(low, high, column.type === 'integer')
      : undefined;
  const logicalType = logicalTypeOf(column);
  const quality = [
    ...(complete ? [] : [{ type: 'library', metric: 'nullValues', mustBeLessOrEqualTo: allowedNulls(missing, rows), unit: 'percent' }]),
    ...(values ? [{ type: 'library', metric: 'invalidValues', arguments: { validValues: values }, mustBe: 0 }] : []),
  ];
  return {
    name: column.name,
    ...(logicalType && { logicalType }),
    ...(complete && { required: true }),
    ...(unique && { unique: true }),
    ...(isId && { primaryKey: true, primaryKeyPosition: 1 }),
    ...(range && { logicalTypeOptions: range }),
    ...(quality.length > 0 && { quality }),
  };
}

/** Undefined where there are too many, or where one of them is rare. */
async function acceptedValues(
  engine: SqlEngine,
  source: TableSource,
  column: SourceColumn,
  isLabel: boolean,
): Promise<readonly (string | number)[] | undefined> {
  if (column.type !== 'text' && !(isLabel && column.type === 'integer')) return undefined;
  const { dialect } = engine;
  const bound = bindColumn(column, null, source, dialect);
  const value = bound.type === 'text' ? dialect.bytewise(bound.text) : bound.cell;
  const found = await engine.rows<{ value: string | number; n: number }>(
    `SELECT * FROM (SELECT ${value} AS value, count(*) AS n FROM ${source.relation} WHERE ${bound.cell} IS NOT NULL GROUP BY ${value} LIMIT ${mostValues + 1}) AS accepted ORDER BY ${bound.type === 'text' ? dialect.bytewise('value') : 'value'}`,
  );
  if (found.length === 0 || found.length > mostValues || found.some(({ n }) => n < frequent)) return undefined;
  const values = found.map(({ value }) => value);
  return values.every((value) => typeof value === 'number' || (typeof value === 'string' && value.length <= 100)) ? values : undefined;
}

/** Ten percent, the default; more where the data already has more, in steps of five. */
function allowedNulls(missing: number, rows: number): number {
  const percent = (100 * missing) / rows;
  return percent <= 10 ? 10 : Math.min(100, Math.ceil((percent + 2.5) / 5) * 5);
}

/** One significant digit, downwards. */
function roundDown(value: number): number {
  if (value < 1) return 1;
  const step = 10 ** Math.floor(Math.log10(value));
  return Math.floor(value / step) * step;
}

function logicalTypeOf({ type, sqlType }: SourceColumn): string | undefined {
  if (/\]$|^ARRAY/i.test(sqlType)) return 'array';
  if (isNested(sqlType)) return 'object';
  if (isTimeOfDay(sqlType)) return 'time';
  if (isBinary(sqlType) || /^INTERVAL/i.test(sqlType)) return undefined;
  return type === 'text' ? 'string' : type;
}

/** The file's name as far as it can stand in a query without quotes. */
function tableName({ source }: TableSource): string {
  const name = basename(source.replaceAll('\\', '/').replace(/\/?[*?[{].*$/, ''))
    .replace(/\.(?:csv|tsv|txt|parquet|json|jsonl|ndjson)(?:\.gz)?$/i, '')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(name) ? name : `data${name ? `_${name}` : ''}`;
}
