import type { Dialect } from '../query/dialect.ts';
import type { SourceColumn } from '../source/table-source.ts';
import { orderOffset, overflowOrder, underflowOrder } from './bucket.ts';
import { keptValues } from './column-counts.ts';

/** Orders that stand for what is no finite number; beyond every bucket's. */
export const notFiniteOrders = { null: 200_000, nan: 200_001, positiveInfinity: 200_002, negativeInfinity: -200_002 } as const;

export const kindOf = (column: SourceColumn): 'numeric' | 'categories' | 'times' => {
  if (column.type === 'number' || column.type === 'integer') return 'numeric';
  return column.type === 'text' || column.type === 'boolean' ? 'categories' : 'times';
};

/** What one row of an answer says: rows `n` of a cell of column `c`. */
export interface CountRow {
  /** Index of the column in the statement's list. */
  readonly c: number;
  readonly n: number;
  /** Numbers: the bucket's order. Hashed texts: four times the slot. Times: the day. */
  readonly o: number | null;
  /** A kept number. */
  readonly v: number | null;
  /** A kept text; null for a missing one. */
  readonly t: string | null;
  /** Numbers: exact sums of q and its square. Times: microseconds of the first and last. Hashed texts: the sum of lengths. */
  readonly q: string | null;
  readonly r: string | null;
  /** Least and greatest: of numbers, and of texts' lengths. */
  readonly lo: number | null;
  readonly hi: number | null;
}

/** A cell's keys as the engine answered them; absent without `by` or windows. */
export interface CellKeys {
  readonly s0?: string | number | boolean | null;
  readonly s1?: string | number | boolean | null;
  readonly w?: string | null;
}

/** How rows are split into cells. */
export interface CellPlan {
  readonly by: readonly SourceColumn[];
  readonly window: { readonly column: SourceColumn; readonly milliseconds: number } | null;
}

const week = 7 * 86_400_000;
/** 1969-12-29, the Monday before 1970. */
const mondayMicroseconds = -3 * 86_400_000_000;

/** What rows are grouped by: `sql` of the table's columns, and how an answer has it. */
interface KeyColumn {
  readonly name: string;
  readonly sql: string;
  readonly shown: string;
}

function cellKeys(d: Dialect, plan: CellPlan): readonly KeyColumn[] {
  // Whole microseconds may be beyond what a JavaScript number holds, and are texts there.
  return keyColumns(d, plan).map((key) => ({ ...key, shown: isTimeKey(plan, key.name) ? `${d.text(key.name)} AS ${key.name}` : key.name }));
}

function keyColumns(d: Dialect, { by, window }: CellPlan): readonly Omit<KeyColumn, 'shown'>[] {
  const keys = by.map((column, index) => ({ name: `s${index}`, sql: segmentSql(d, column) }));
  if (!window) return keys;
  const micros = window.milliseconds * 1_000;
  const start = window.milliseconds % week === 0 ? mondayMicroseconds : 0;
  const time = d.microseconds(d.identifier(window.column.name));
  // The remainder of a negative is negative on every engine, so that it is taken twice.
  const into = `((${time} - (${start})) % ${micros} + ${micros}) % ${micros}`;
  return [...keys, { name: 'w', sql: `(${time} - ${into})` }];
}

function segmentSql(d: Dialect, column: SourceColumn): string {
  const name = d.identifier(column.name);
  if (kindOf(column) === 'times') return d.microseconds(name);
  return column.type === 'number'
    ? numberSql(d, column)
    : column.type === 'boolean' || column.type === 'integer'
      ? d.text(name)
      : d.bytewise(d.text(name));
}

/** A number as a double, rounded once: a wide decimal by way of its digits, since DuckDB divides. */
function numberSql(d: Dialect, column: SourceColumn): string {
  const name = d.identifier(column.name);
  const width = /^DECIMAL\((\d+)/i.exec(column.sqlType)?.[1];
  const exact = width !== undefined && Number(width) > 15 ? d.text(name) : name;
  return `CAST(${exact} AS ${d.types.double})`;
}

const named = (parts: readonly string[]) => parts.join(', ');

/** Rows of every cell. */
export function cellRowsSql(d: Dialect, relation: string, plan: CellPlan): string {
  const keys = cellKeys(d, plan);
  if (keys.length === 0) return `SELECT CAST(count(*) AS ${d.types.bigint}) AS n FROM ${relation}`;
  const names = keys.map(({ name }) => name);
  return `SELECT ${named([...keys.map(({ shown }) => shown), `CAST(count(*) AS ${d.types.bigint}) AS n`])} FROM (SELECT ${named(keys.map(({ name, sql }) => `${sql} AS ${name}`))} FROM ${relation}) cell_keys GROUP BY ${named(names)}`;
}

/** Among the first rows: `n0`, the values of a column, and `d0`, how many are different. */
export function prefixSql(d: Dialect, relation: string, columns: readonly SourceColumn[], rows: number): string {
  const counts = columns.flatMap((_, index) => [
    `CAST(count(x${index}) AS ${d.types.bigint}) AS n${index}`,
    `CAST(count(DISTINCT x${index}) AS ${d.types.bigint}) AS d${index}`,
  ]);
  // As doubles, of which large integers share one.
  const values = columns.map(
    (column, index) => `${kindOf(column) === 'numeric' ? numberSql(d, column) : d.identifier(column.name)} AS x${index}`,
  );
  return `SELECT ${named(counts)} FROM (SELECT ${named(values)} FROM ${relation} LIMIT ${rows}) first_rows`;
}

/** Rows that are counted, and the cells that they are counted by. */
export interface CellTable {
  readonly relation: string;
  readonly keys: readonly KeyColumn[];
  /** What `relation` calls the columns that were asked for. */
  readonly columns: readonly SourceColumn[];
}

/** The table as it is: each of its columns is grouped by the keys. */
export const tableByKeys = (d: Dialect, relation: string, plan: CellPlan, columns: readonly SourceColumn[]): CellTable => ({
  relation,
  keys: cellKeys(d, plan),
  columns,
});

/** Rows with the index of their cell as `cell`: a small number groups faster than texts, and is looked up once for all columns. */
export function tableByCell(
  d: Dialect,
  relation: string,
  plan: CellPlan,
  cells: readonly CellKeys[],
  columns: readonly SourceColumn[],
): CellTable {
  const keys = cellKeys(d, plan);
  const typeOf = (name: string) => keyType(d, plan, name);
  const known = cells.map((cell, index) => `(${named([String(index), ...keys.map(({ name }) => keyLiteral(d, plan, name, cell))])})`);
  const names = keys.map(({ name }) => name);
  const list = `SELECT CAST(k0 AS ${d.types.bigint}) AS cell, ${named(names.map((name, index) => `CAST(k${index + 1} AS ${typeOf(name)}) AS ${name}`))} FROM (VALUES ${named(known)}) known(${named(['k0', ...names.map((_, index) => `k${index + 1}`)])})`;
  // Names of their own: the table's may be `cell` too.
  const renamed = columns.map((column, index) => ({ ...column, name: `x${index}` }));
  const values = columns.map((column, index) => `${d.identifier(column.name)} AS x${index}`);
  const rows = `SELECT ${named([...keys.map(({ name, sql }) => `${sql} AS ${name}`), ...values])} FROM ${relation}`;
  const same = names.map((name) => `cell_rows.${name} IS NOT DISTINCT FROM cells.${name}`).join(' AND ');
  const numbered = `SELECT CAST(cells.cell AS INTEGER) AS cell, ${named(renamed.map(({ name }) => name))} FROM (${rows}) cell_rows JOIN (${list}) cells ON ${same}`;
  return { relation: `(${numbered}) numbered`, keys: [{ name: 'cell', sql: 'cell', shown: 'cell' }], columns: renamed };
}

/** Raw values of numeric columns as `x0`, `x1` …, after their cell: for counting in this process. */
export function rawNumbersSql(d: Dialect, { relation, keys, columns }: CellTable): string {
  const values = columns.map((column, index) => `${numberSql(d, column)} AS x${index}`);
  return `SELECT ${named([...keys.map(({ sql }) => sql), ...values])} FROM ${relation}`;
}

const isTimeKey = ({ by }: CellPlan, name: string) => name === 'w' || kindOf(by[Number(name.slice(1))]!) === 'times';

function keyType(d: Dialect, plan: CellPlan, name: string): string {
  if (isTimeKey(plan, name)) return d.types.bigint;
  return plan.by[Number(name.slice(1))]!.type === 'number' ? d.types.double : d.types.text;
}

function keyLiteral(d: Dialect, plan: CellPlan, name: string, cell: CellKeys): string {
  const value = cell[name as keyof CellKeys];
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'number' && keyType(d, plan, name) === d.types.double ? d.double(value) : d.literal(String(value));
}

/**
 * All columns in one statement, each one grouping; see `CountRow`.
 *
 * @param many - columns with certainly more different values than are kept, so that they need not be told apart
 * @param copied - reads the table once into memory, and groups from there
 */
export function countsSql(d: Dialect, table: CellTable, many: readonly boolean[], copied: boolean): string {
  const { columns } = table;
  const keys = copied ? table.keys.map((key) => ({ ...key, sql: key.name })) : table.keys;
  const read = [...table.keys.map(({ name, sql }) => `${sql} AS ${name}`), ...columns.map(({ name }) => d.identifier(name))];
  const copy = copied ? `WITH profiled AS MATERIALIZED (SELECT ${named(read)} FROM ${table.relation})\n` : '';
  const relation = copied ? 'profiled' : table.relation;
  const branches = columns
    .map((column, index) => {
      const branch: Branch = { d, relation, keys, column, index, many: many[index] ?? false };
      const kind = kindOf(column);
      return kind === 'numeric' ? numericSql(branch) : kind === 'times' ? timesSql(branch) : textSql(branch);
    })
    .join('\nUNION ALL\n');
  return `${copy}${branches}`;
}

interface Branch {
  readonly d: Dialect;
  readonly relation: string;
  readonly keys: readonly KeyColumn[];
  readonly column: SourceColumn;
  readonly index: number;
  readonly many: boolean;
}

/** Names of the keys before other names, each followed by a comma. */
const before = (branch: Branch) => branch.keys.map(({ name }) => `${name}, `).join('');
const selectKeys = (branch: Branch) => branch.keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('');
const groupBy = (branch: Branch, names: readonly string[]) => `GROUP BY ${named([...branch.keys.map(({ name }) => name), ...names])}`;
const over = (branch: Branch) => (branch.keys.length > 0 ? `OVER (PARTITION BY ${named(branch.keys.map(({ name }) => name))})` : 'OVER ()');

/** The answer's columns in their order and types, so that branches can be put together. */
function answer(branch: Branch, from: string, cells: Partial<Record<'n' | 'o' | 'v' | 't' | 'q' | 'r' | 'lo' | 'hi', string>>): string {
  const { double, bigint, text } = branch.d.types;
  const cell = (name: keyof typeof cells, type: string) => `CAST(${cells[name] ?? 'NULL'} AS ${type}) AS ${name}`;
  const kept = [
    cell('n', bigint),
    cell('o', bigint),
    cell('v', double),
    cell('t', text),
    cell('q', text),
    cell('r', text),
    cell('lo', double),
    cell('hi', double),
  ];
  return `SELECT CAST(${branch.index} AS ${bigint}) AS c, ${branch.keys.map(({ shown }) => `${shown}, `).join('')}${named(kept)} FROM (${from}) column_${branch.index}`;
}

/** The source's values, each with its rows: told apart, or one by one where they are too many anyway. */
function valuesOf(branch: Branch, value: string, finite: (x: string) => string): string {
  const { d, relation } = branch;
  const read = `SELECT ${selectKeys(branch)}${value} AS x FROM ${relation}`;
  if (branch.many) return read;
  const grouped = `SELECT ${before(branch)}x, CAST(count(*) AS ${d.types.bigint}) AS n FROM (${read}) read_values ${groupBy(branch, ['x'])}`;
  return `SELECT ${before(branch)}x, n, ${`sum(CASE WHEN ${finite('x')} THEN 1 ELSE 0 END)`} ${over(branch)} AS different FROM (${grouped}) grouped_values`;
}

/** log2 guesses the octave; a power of two divides exactly, so that the comparisons correct it exactly: see `bucket.ts`. */
function numericSql(branch: Branch): string {
  const { d, many } = branch;
  const { bigint, wide } = d.types;
  const keys = before(branch);
  const keep = many ? '' : ', n, different';
  const [low, high] = [d.double(1e-300), d.double(8.9e307)];
  const magnitude = `SELECT ${keys}x${keep}, CASE WHEN abs(x) >= ${low} AND abs(x) <= ${high} THEN abs(x) END AS a FROM (${valuesOf(branch, numberSql(d, branch.column), d.isFinite)}) counted_values`;
  const guess = `SELECT ${keys}x${keep}, a, ${d.floorLog2('a')} AS g FROM (${magnitude}) magnitudes`;
  const scaled = `SELECT ${keys}x${keep}, a, g, a / ${d.pow2('g')} AS m FROM (${guess}) guesses`;
  const part = `SELECT ${keys}x${keep}, a, CASE WHEN m < 1 THEN g - 1 WHEN m >= 2 THEN g + 1 ELSE g END AS e, ((CASE WHEN m < 1 THEN m * 2 WHEN m >= 2 THEN m / 2 ELSE m END) - 1) * 64 AS f FROM (${scaled}) octaves`;
  const special = [
    `WHEN x IS NULL THEN ${notFiniteOrders.null}`,
    `WHEN ${d.isNaN('x')} THEN ${notFiniteOrders.nan}`,
    `WHEN x = ${d.infinity} THEN ${notFiniteOrders.positiveInfinity}`,
    `WHEN x = -${d.infinity} THEN ${notFiniteOrders.negativeInfinity}`,
    'WHEN x = 0 THEN 0',
    `WHEN x < -1 THEN -${overflowOrder} WHEN x < 0 THEN -${underflowOrder} WHEN x < 1 THEN ${underflowOrder} ELSE ${overflowOrder}`,
  ].join(' ');
  const order = `CASE WHEN a IS NOT NULL THEN (e * 64 + CAST(floor(f) AS ${bigint}) + ${orderOffset}) * (CASE WHEN x < 0 THEN -1 ELSE 1 END) ${special} END`;
  const value = many ? '' : `, CASE WHEN different <= ${keptValues} AND ${d.isFinite('x')} THEN x END AS v`;
  const placed = `SELECT ${keys}x${many ? '' : ', n'}${value}, ${order} AS o, CAST((f - floor(f)) * ${d.double(2 ** 46)} AS ${bigint}) AS q FROM (${part}) parts`;
  const q = `CAST(q AS ${wide})`;
  const sums = many ? `count(*) AS n, sum(${q}) AS q, sum(${q} * ${q}) AS r` : `sum(n) AS n, sum(${q} * n) AS q, sum(${q} * ${q} * n) AS r`;
  const grouped = `SELECT ${keys}o${many ? '' : ', v'}, ${sums}, min(x) AS lo, max(x) AS hi FROM (${placed}) placed ${groupBy(branch, many ? ['o'] : ['o', 'v'])}`;
  // A kept value says its sums itself.
  const unlessKept = (sum: string) => (many ? d.text(sum) : `CASE WHEN v IS NULL THEN ${d.text(sum)} END`);
  return answer(branch, grouped, { n: 'n', o: 'o', ...(!many && { v: 'v' }), q: unlessKept('q'), r: unlessKept('r'), lo: 'lo', hi: 'hi' });
}

function textSql(branch: Branch): string {
  const { d, many } = branch;
  const { bigint, text } = d.types;
  const name = d.identifier(branch.column.name);
  const value = d.bytewise(branch.column.sqlType.toUpperCase() === 'VARCHAR' ? name : d.text(name));
  const digits = d.hexToInteger(`substr(${d.md5('x')}, 1, 3)`);
  const kept = many ? `CAST(NULL AS ${text})` : `CASE WHEN different <= ${keptValues} THEN x END`;
  const slot = many ? 'x IS NOT NULL' : `different > ${keptValues} AND x IS NOT NULL`;
  const placed = `SELECT ${before(branch)}x${many ? '' : ', n'}, ${kept} AS t, CASE WHEN ${slot} THEN ${digits} - ${digits} % 4 END AS o, ${d.length('x')} AS l FROM (${valuesOf(branch, value, (x) => `${x} IS NOT NULL`)}) counted_values`;
  const sums = many ? 'count(*) AS n, sum(l) AS q' : 'sum(n) AS n, sum(l * n) AS q';
  const grouped = `SELECT ${before(branch)}o, t, ${sums}, min(l) AS lo, max(l) AS hi FROM (${placed}) placed ${groupBy(branch, ['o', 't'])}`;
  return answer(branch, grouped, { n: 'n', o: 'o', t: 't', q: d.text(`CAST(q AS ${bigint})`), lo: 'lo', hi: 'hi' });
}

const dayMicroseconds = 86_400_000_000;

/** Where `/` divides as doubles, the whole quotient may come out a hair below itself. */
function timesSql(branch: Branch): string {
  const { d } = branch;
  const read = `SELECT ${selectKeys(branch)}${d.microseconds(d.identifier(branch.column.name))} AS x FROM ${branch.relation}`;
  const into = `((x % ${dayMicroseconds} + ${dayMicroseconds}) % ${dayMicroseconds})`;
  const placed = `SELECT ${before(branch)}x, CAST(floor((x - ${into}) / ${dayMicroseconds} + 0.5) AS ${d.types.bigint}) AS o FROM (${read}) read_times`;
  const grouped = `SELECT ${before(branch)}o, count(*) AS n, min(x) AS lo, max(x) AS hi FROM (${placed}) placed ${groupBy(branch, ['o'])}`;
  return answer(branch, grouped, { n: 'n', o: 'o', q: d.text('lo'), r: d.text('hi') });
}
