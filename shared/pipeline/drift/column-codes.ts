import { codesOf } from '../../drift/align-counts.ts';
import { bucketMiddle } from '../../profile/bucket.ts';
import type { ColumnCounts } from '../../profile/column-counts.ts';
import { ordersOf } from '../../profile/numeric-counts.ts';
import type { Dialect } from '../../query/dialect.ts';
import { clipText } from '../../words/visible-text.ts';

/** A column cut into few parts, the same on both sides: a small whole number a row, -1 where it has no value. */
export interface CodedColumn {
  readonly column: string;
  readonly ordered: boolean;
  /** What each code stands for; null for the rest. */
  readonly labels: readonly (string | null)[];
  /** The categories themselves. */
  readonly values?: readonly string[];
  sql(dialect: Dialect): string;
}

/** A category of fewer rows on both sides together is not named. */
const namedFrom = 20;

/** The commonest categories, or equal parts of the numbers of both sides; null where there is nothing to cut. */
export function codeColumn(
  column: string,
  reference: ColumnCounts,
  current: ColumnCounts,
  as: 'numeric' | 'categorical',
  most: number,
): CodedColumn | null {
  return as === 'numeric' ? codeNumbers(column, reference, current, most) : codeCategories(column, reference, current, most);
}

function codeCategories(column: string, reference: ColumnCounts, current: ColumnCounts, most: number): CodedColumn | null {
  const rows = new Map<string, number>();
  for (const side of [reference, current]) {
    const listed =
      side.kind === 'categories'
        ? side.counts
        : side.kind === 'numeric'
          ? codesOf(side)?.map(([value, n]) => [String(value), n] as const)
          : null;
    if (!listed) return null;
    for (const [value, n] of listed) rows.set(value, (rows.get(value) ?? 0) + n);
  }
  const kept = [...rows]
    .filter(([, n]) => n >= namedFrom)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, most)
    .map(([value]) => value);
  if (rows.size < 2 || kept.length === 0) return null;
  return {
    column,
    ordered: false,
    values: kept,
    labels: [...kept.map((value) => clipText(value, 80)), null],
    sql: (d) => {
      const text = d.text(d.identifier(column));
      const cases = kept.map((value, code) => `WHEN ${text} = ${d.literal(value)} THEN ${code}`);
      return `CASE WHEN ${text} IS NULL THEN -1 ${cases.join(' ')} ELSE ${kept.length} END`;
    },
  };
}

function codeNumbers(column: string, reference: ColumnCounts, current: ColumnCounts, most: number): CodedColumn | null {
  if (reference.kind !== 'numeric' || current.kind !== 'numeric') return null;
  const rows = new Map<number, number>();
  for (const side of [reference, current]) for (const [order, n] of ordersOf(side)) rows.set(order, (rows.get(order) ?? 0) + n);
  const orders = [...rows.keys()].sort((a, b) => a - b);
  const all = orders.reduce((sum, order) => sum + (rows.get(order) ?? 0), 0);
  const edges = new Set<number>();
  let below = 0;
  for (const order of orders) {
    const before = Math.floor((below / all) * most);
    below += rows.get(order) ?? 0;
    // Edges that people can read: three digits say where.
    if (Math.floor((below / all) * most) > before && below < all) edges.add(Number(bucketMiddle(order).toPrecision(3)));
  }
  const cuts = [...edges].sort((a, b) => a - b);
  if (cuts.length === 0) return null;
  const say = (edge: number | undefined) => String(edge).replace('-', '−');
  return {
    column,
    ordered: true,
    labels: [
      `below ${say(cuts[0])}`,
      ...cuts.map((cut, at) => (at === cuts.length - 1 ? `from ${say(cut)}` : `${say(cut)} … ${say(cuts[at + 1])}`)),
    ],
    sql: (d) => {
      const value = `CAST(${d.identifier(column)} AS ${d.types.double})`;
      const cases = cuts.map((cut, code) => `WHEN ${value} < ${d.double(cut)} THEN ${code}`);
      return `CASE WHEN ${value} IS NULL OR NOT ${d.isFinite(value)} THEN -1 ${cases.join(' ')} ELSE ${cuts.length} END`;
    },
  };
}
