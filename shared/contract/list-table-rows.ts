import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { maxListed } from './count-keys.ts';
import type { Counts } from './count-violations.ts';
import type { Listed, Listing } from './list-rows.ts';

/** A question whose answer needs rows to look at. */
export interface OpenQuestion {
  /** Its place in the list. */
  readonly index: number;
  readonly violates: string;
  readonly shown: string;
}

/**
 * A table has no first row, so violating rows are named by their id, and only where values may be shown: an id is one. Two statements
 * at most, since a cluster takes its time for each.
 */
export async function listTableRows(
  engine: SqlEngine,
  source: TableSource,
  open: readonly OpenQuestion[],
  counts: Counts,
  { values, id }: Listing,
): Promise<ReadonlyMap<number, Listed>> {
  const { dialect } = engine;
  const uncounted = open.filter(({ index }) => !counts.violations.has(index));
  const selected = uncounted.map(({ violates }, at) => `${dialect.countIf(violates)} AS c${at}`);
  const [row] =
    selected.length > 0 ? await engine.rows<Record<string, number>>(`SELECT ${selected.join(', ')} FROM ${source.relation}`) : [];
  const failedOf = ({ index }: OpenQuestion) =>
    counts.violations.get(index) ?? row?.[`c${uncounted.findIndex((other) => other.index === index)}`] ?? 0;

  const named = id && dialect.text(id.cell);
  const parts = open.map(({ violates, shown }, at) => {
    const [first = '', ...rest] = [
      ...(id ? [id.type === 'text' ? dialect.bytewise(id.text) : id.cell] : []),
      dialect.bytewise(dialect.text(shown)),
    ];
    const cells = `${at} AS at, ${named ?? 'NULL'} AS id, ${dialect.text(shown)} AS shown`;
    return `SELECT * FROM (SELECT ${cells} FROM ${source.relation} WHERE ${violates} ORDER BY ${[first, ...rest].join(', ')} LIMIT ${maxListed}) AS q${at}`;
  });
  const found =
    values === 'allow' ? await engine.rows<{ at: number; id: string | null; shown: string | null }>(parts.join(' UNION ALL ')) : [];
  return new Map(
    open.map((question, at) => {
      const mine = found.filter((violation) => violation.at === at);
      const ids = mine.flatMap((violation) => violation.id ?? []);
      const texts = mine.map((violation) => `${id ? `${id.name} ${violation.id ?? 'null'}: ` : ''}${violation.shown ?? 'null'}`);
      const first = id && ids.length > 0 ? `; ${id.name} ${ids.slice(0, 5).join(', ')}` : '';
      return [question.index, { failed: failedOf(question), rows: [], values: texts, first }];
    }),
  );
}
