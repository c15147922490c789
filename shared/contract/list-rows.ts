import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import type { BoundColumn } from './bind-columns.ts';
import { maxListed } from './count-keys.ts';
import type { Counts } from './count-violations.ts';
import { listTableRows, type OpenQuestion } from './list-table-rows.ts';
import type { NullShareQuestion, Question } from './question.ts';
import { hasRowNumbers } from './sql-kinds.ts';
import { passes } from './tolerance.ts';
import { firstRows } from './wording.ts';

/** Rows that violate, and what they hold where that may be shown. */
export interface Listed {
  readonly failed: number;
  readonly rows: readonly number[];
  readonly values: readonly string[];
  /** How a message ends that names the first of them: `; row 7`. Empty where they can't be named. */
  readonly first: string;
}

export interface Listing {
  readonly values: 'deny' | 'allow';
  /** What names a row in a table, whose rows have no numbers. */
  readonly id: BoundColumn | null;
}

/** One more scan, only if a row question failed: the first violating rows of each by number. */
export async function listRows(
  engine: SqlEngine,
  source: TableSource,
  questions: readonly Question[],
  counts: Counts,
  { values, id }: Listing,
): Promise<ReadonlyMap<number, Listed>> {
  const open = questions.flatMap((question, index): readonly OpenQuestion[] => {
    if (question.kind === 'rows' && !passes(question, counts.violations.get(index) ?? 0, counts.rows)) {
      return [{ index, violates: question.violates, shown: question.shown }];
    }
    if (question.kind !== 'null-share') return [];
    const columns = overShare(question, counts);
    return columns.length > 0 ? [{ index, violates: columns.map(({ missing }) => missing).join(' OR '), shown: `'null'` }] : [];
  });
  if (open.length === 0) return new Map();
  if (!hasRowNumbers(source.format)) return listTableRows(engine, source, open, counts, { values, id });
  const selected = open.flatMap(({ violates, shown }, at) => [
    `count_if(${violates}) AS c${at}`,
    `min("__row", ${maxListed}) FILTER (WHERE ${violates}) AS r${at}`,
    ...(values === 'allow'
      ? [`arg_min(coalesce(CAST(${shown} AS VARCHAR), 'null'), "__row", ${maxListed}) FILTER (WHERE ${violates}) AS w${at}`]
      : []),
  ]);
  const [row] = await engine.rows<Record<string, unknown>>(`SELECT ${selected.join(', ')} FROM ${source.relation}`);
  // The engine answers with what was asked above: a count, and lists of numbers and texts, or NULL where no row violates.
  return new Map(
    open.map(({ index }, at) => {
      const rows = (row?.[`r${at}`] ?? []) as readonly number[];
      const shown = (row?.[`w${at}`] ?? []) as readonly string[];
      return [index, { failed: Number(row?.[`c${at}`] ?? 0), rows, values: shown, first: firstRows(rows) }];
    }),
  );
}

/** Columns with more missing cells than the question lets pass. */
export const overShare = ({ columns, share }: NullShareQuestion, { missing, rows }: Counts) =>
  columns.filter(({ name }) => (missing.get(name) ?? 0) > share * rows);
