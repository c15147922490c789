import type { CategorySample, NumericSample } from '../../drift/sample.ts';
import type { ColumnCounts } from '../../profile/column-counts.ts';
import type { SqlEngine } from '../../query/query-engine.ts';
import type { TableSource } from '../../source/table-source.ts';

/** More different values than this are sampled by row: a method needs them all at once. */
const mostValues = 2_000_000;

export interface SampledTable {
  readonly engine: SqlEngine;
  readonly source: Pick<TableSource, 'relation' | 'columns' | 'files'>;
  readonly rows: number;
}

/** Every value of a column of numbers with its rows, counted where the table is; null where there are too many and rows have no number. */
export async function readNumbers({ engine, source, rows }: SampledTable, column: string): Promise<NumericSample | null> {
  const { dialect: d } = engine;
  const type = source.columns.find(({ name }) => name === column)?.type;
  const cell = `CAST(${d.identifier(column)} AS ${d.types.double})`;
  const value = type === 'boolean' ? `CASE WHEN ${d.identifier(column)} THEN 1.0 ELSE 0.0 END` : cell;
  const part = await samplePart(engine, source, rows, column);
  if (part === null) return null;
  const there = `${value} IS NOT NULL AND ${d.isFinite(value)}`;
  const [all] = await engine.rows<{ missing: number }>(
    `SELECT ${d.countIf(`NOT (${there}) OR ${value} IS NULL`)} AS missing FROM ${part.from}`,
  );
  const sql = `SELECT x, CAST(n AS ${d.types.double}) AS n FROM (SELECT ${value} AS x, count(*) AS n FROM ${part.from} WHERE ${there} GROUP BY 1) AS counted`;
  const values: number[] = [];
  const counts: number[] = [];
  const add = (x: number, n: number) => {
    values.push(x === 0 ? 0 : x);
    counts.push(n);
  };
  if (engine.chunks) {
    await engine.chunks(sql, ({ rowCount, columns }) => {
      const [x, n] = [columns['x'], columns['n']];
      if (x?.kind !== 'number' || n?.kind !== 'number') return;
      for (let row = 0; row < rowCount; row++) add(x.values[row]!, n.values[row]!);
    });
  } else for (const { x, n } of await engine.rows<{ x: number; n: number }>(sql)) add(x, n);
  return { ...sorted(values, counts), missing: all?.missing ?? 0, exactness: part.sampled ? 'sampled' : 'exact' };
}

/** Ascending; the two zeros are one value. */
function sorted(values: readonly number[], counts: readonly number[]): Pick<NumericSample, 'kind' | 'values' | 'counts' | 'n'> {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const [kept, rows] = [new Float64Array(order.length), new Float64Array(order.length)];
  let size = 0;
  let n = 0;
  for (const at of order) {
    if (size > 0 && kept[size - 1] === values[at]) rows[size - 1]! += counts[at]!;
    else {
      kept[size] = values[at]!;
      rows[size++] = counts[at]!;
    }
    n += counts[at]!;
  }
  return { kind: 'numeric', values: kept.slice(0, size), counts: rows.slice(0, size), n };
}

/** Every category of a column with its rows; null as for numbers. */
export async function readCategories({ engine, source, rows }: SampledTable, column: string): Promise<CategorySample | null> {
  const { dialect: d } = engine;
  const part = await samplePart(engine, source, rows, column);
  if (part === null) return null;
  const found = await engine.rows<{ x: string | null; n: number }>(
    `SELECT ${d.text(d.identifier(column))} AS x, count(*) AS n FROM ${part.from} GROUP BY 1`,
  );
  const counts = new Map<string, number>();
  let [n, missing] = [0, 0];
  for (const { x, n: own } of found) {
    if (x === null) missing += own;
    else {
      counts.set(x, (counts.get(x) ?? 0) + own);
      n += own;
    }
  }
  return { kind: 'categories', counts, n, missing, exactness: part.sampled ? 'sampled' : 'exact' };
}

/** The whole table while its different values are few enough, else about half of `mostValues` rows, chosen by the hash of their number. */
async function samplePart(engine: SqlEngine, { relation, files }: SampledTable['source'], rows: number, column: string) {
  if (rows <= mostValues) return { from: relation, sampled: false };
  const { dialect: d } = engine;
  const [found] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT DISTINCT ${d.identifier(column)} FROM ${relation}) AS different`,
  );
  if ((found?.n ?? 0) <= mostValues) return { from: relation, sampled: false };
  if (files.length === 0) return null;
  const limit = Math.round((mostValues / 2 / rows) * 2 ** 32);
  const hash = d.hexToInteger(`substr(${d.md5(d.text('__row'))}, 1, 8)`);
  return { from: `(SELECT * FROM ${relation} WHERE ${hash} < ${limit}) AS sampled`, sampled: true };
}

/** Whether a profile's own column is as good as the table: then nothing is asked again. */
export const isWhole = (counts: ColumnCounts | undefined): boolean =>
  counts?.kind === 'numeric' ? counts.values !== null : counts?.kind === 'categories' ? counts.counts !== null : false;
