import type { QueryEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { isMissing } from './bind-columns.ts';
import { maxListed } from './count-keys.ts';
import type { Counts } from './count-violations.ts';
import type { NullShareQuestion, Question } from './question.ts';
import { passes } from './tolerance.ts';

/** Rows that violate, and what they hold where that may be shown. */
export interface Listed {
  readonly failed: number;
  readonly rows: readonly number[];
  readonly values: readonly string[];
}

/** One more scan, only if a row question failed: the first violating rows of each by number. */
export async function listRows(
  engine: QueryEngine,
  source: TableSource,
  questions: readonly Question[],
  counts: Counts,
  values: 'deny' | 'allow',
): Promise<ReadonlyMap<number, Listed>> {
  const open = questions.flatMap((question, index) => {
    if (question.kind === 'rows' && !passes(question, counts.violations.get(index) ?? 0, counts.rows)) {
      return [{ index, violates: question.violates, shown: question.shown }];
    }
    if (question.kind !== 'null-share') return [];
    const columns = overShare(question, counts);
    return columns.length > 0 ? [{ index, violates: columns.map(isMissing).join(' OR '), shown: `'null'` }] : [];
  });
  if (open.length === 0) return new Map();
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
    open.map(({ index }, at) => [
      index,
      {
        failed: Number(row?.[`c${at}`] ?? 0),
        rows: (row?.[`r${at}`] ?? []) as readonly number[],
        values: (row?.[`w${at}`] ?? []) as readonly string[],
      },
    ]),
  );
}

/** Columns with more missing cells than the question lets pass. */
export const overShare = ({ columns, share }: NullShareQuestion, { missing, rows }: Counts) =>
  columns.filter(({ name }) => (missing.get(name) ?? 0) > share * rows);
