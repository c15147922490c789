import type { Profile } from '../../profile/profile.ts';
import type { CodedColumn } from './column-codes.ts';
import type { DriftTable } from './open-drift-side.ts';

/** A question: how the parts of a target are spread over the parts of one column, or of two. */
export interface Asked {
  readonly target: CodedColumn;
  readonly by: readonly CodedColumn[];
}

/** Rows with the codes a and b (0 without a second column) and the target's t. */
export interface Count {
  readonly a: number;
  readonly b: number;
  readonly t: number;
  readonly n: number;
}

export type CountCodes = (asked: readonly Asked[]) => Promise<readonly (readonly Count[])[]>;

interface CountedSide {
  readonly table: DriftTable;
  readonly profile: Profile;
}

/** Rows of a side that are looked at; of more, so many by the hash of their number. The tests count these rows alone. */
const mostRows = 60_000;

/** Below it a quotient of doubles never rounds up to the next whole number. */
const mostPacked = 2 ** 51;

/** Answers in the order of the questions. In this process the codes are read once; elsewhere each call is one statement. */
export async function openCounts(side: CountedSide, columns: readonly CodedColumn[]): Promise<CountCodes> {
  return side.table.engine.chunks ? tallyCodes(side, columns) : countInEngine(side);
}

/** All codes of a row in one whole number, each row's or several alike rows' at once: few, full pieces come back. */
async function tallyCodes({ table, profile }: CountedSide, columns: readonly CodedColumn[]): Promise<CountCodes> {
  const { dialect: d, chunks } = table.engine;
  const packed = [...new Set(columns)];
  // Codes begin at -1.
  const sizes = packed.map(({ labels }) => labels.length + 1);
  const units = sizes.map((_, at) => sizes.slice(0, at).reduce((unit, size) => unit * size, 1));
  if (sizes.reduce((unit, size) => unit * size, 1) > mostPacked) return countInEngine({ table, profile });
  const sum = packed.map((column, at) => `(${column.sql(d)} + 1) * CAST(${units[at]} AS ${d.types.bigint})`).join(' + ');
  const keys: number[] = [];
  const rows: number[] = [];
  // Gathered first: a filter leaves crumbs of rows, and each of them would pay for every CASE.
  const part = `WITH part AS MATERIALIZED (SELECT ${[...new Set(columns.map(({ column }) => d.identifier(column)))].join(', ')} FROM ${sampled(table, profile)})`;
  const sql = `${part} SELECT CAST(k AS ${d.types.double}) AS k, CAST(n AS ${d.types.double}) AS n FROM (SELECT ${sum} AS k, count(*) AS n FROM part GROUP BY 1) AS packed`;
  await chunks?.(sql, ({ rowCount, columns: { k, n } }) => {
    if (k?.kind !== 'number' || n?.kind !== 'number') return;
    for (let row = 0; row < rowCount; row++) {
      keys.push(k.values[row]!);
      rows.push(n.values[row]!);
    }
  });
  const codes = new Map(packed.map((column) => [column, new Int16Array(keys.length)]));
  const unpacked = [...codes.values()];
  for (let row = 0; row < keys.length; row++) {
    let rest = keys[row]!;
    for (let at = 0; at < unpacked.length; at++) {
      const above = Math.floor(rest / sizes[at]!);
      unpacked[at]![row] = rest - above * sizes[at]! - 1;
      rest = above;
    }
  }
  return async (asked) => asked.map((one) => tally(one, codes, rows));
}

function tally({ target, by: [first, second] }: Asked, codes: ReadonlyMap<CodedColumn, Int16Array>, rows: readonly number[]): Count[] {
  const [t, a, b] = [target, first, second].map((column) => (column ? codes.get(column) : undefined));
  if (!t || !first || !a) return [];
  const [width, depth] = [first.labels.length + 1, second ? second.labels.length + 1 : 1];
  const bins = target.labels.length + 1;
  const counts = new Int32Array(width * depth * bins);
  for (let row = 0; row < t.length; row++) {
    const place = (a[row]! + 1) * depth + (b ? b[row]! + 1 : 0);
    counts[place * bins + t[row]! + 1]! += rows[row]!;
  }
  const found: Count[] = [];
  for (let place = 0; place < width * depth; place++) {
    for (let bin = 1; bin < bins; bin++) {
      const n = counts[place * bins + bin]!;
      if (n > 0) found.push({ a: Math.floor(place / depth) - 1, b: second ? (place % depth) - 1 : 0, t: bin - 1, n });
    }
  }
  return found;
}

const countInEngine =
  ({ table, profile }: CountedSide): CountCodes =>
  async (asked) => {
    const { dialect: d } = table.engine;
    const columns = [...new Set(asked.flatMap(({ target, by }) => [target, ...by]))];
    const name = (column: CodedColumn) => `c${columns.indexOf(column)}`;
    const coded = columns.map((column) => `${column.sql(d)} AS ${name(column)}`);
    const parts = asked.map(({ target, by: [first, second] }, q) => {
      const [a, b] = [first ? name(first) : '0', second ? name(second) : '0'];
      const keys = [first, second, target].flatMap((one) => (one ? [name(one)] : []));
      return `SELECT ${q} AS q, ${a} AS a, ${b} AS b, ${name(target)} AS t, count(*) AS n FROM coded WHERE ${name(target)} >= 0 GROUP BY ${keys.join(', ')}`;
    });
    const rows = await table.engine.rows<Count & { q: number }>(
      `WITH coded AS (SELECT ${coded.join(', ')} FROM ${sampled(table, profile)}) ${parts.join(' UNION ALL ')}`,
    );
    const found: Count[][] = asked.map(() => []);
    for (const { q, ...count } of rows) found[q]?.push(count);
    return found;
  };

function sampled({ engine, source }: DriftTable, { rows }: Profile): string {
  // Rows of a database have no number: there the whole is read, where it lies.
  if (rows <= mostRows || source.files.length === 0) return source.relation;
  const limit = Math.floor((mostRows / rows) * 2 ** 32);
  return `(SELECT * FROM ${source.relation} WHERE (${engine.dialect.identifier('__row')} * 2654435761) % 4294967296 < ${limit}) AS part`;
}
