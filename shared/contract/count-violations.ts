import type { QueryEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { type BoundColumn, bindColumn } from './bind-columns.ts';
import type { Question } from './question.ts';

/** What the one scan found. */
export interface Counts {
  readonly rows: number;
  /** Violating rows, by the question's place in the list. */
  readonly violations: ReadonlyMap<number, number>;
  readonly statistics: ReadonlyMap<number, number | null>;
  /** Missing cells by column of the data. */
  readonly missing: ReadonlyMap<string, number>;
}

/** The one scan: whatever a row, or all rows together, show by themselves. */
export async function countViolations(engine: QueryEngine, source: TableSource, questions: readonly Question[]): Promise<Counts> {
  const wanted = new Map<string, BoundColumn>();
  const want = (column: BoundColumn) => wanted.set(column.name, column);
  const selected = ['count(*) AS n'];
  for (const [index, question] of questions.entries()) {
    if (question.kind === 'null-share') question.columns.forEach(want);
    if (question.kind === 'keys') question.columns.forEach(want);
    if (question.kind === 'statistic') selected.push(`${question.sql} AS s${index}`);
    if (question.kind !== 'rows') continue;
    const column = source.columns.find(({ name }) => name === question.missingIn);
    if (column) want(bindColumn(column, null, source));
    else selected.push(`count_if(${question.violates}) AS v${index}`);
  }
  const columns = [...wanted.values()];
  // Comparing with infinity leaves out NULL and NaN in one step: NaN is the greatest of all.
  for (const [index, { cell, source: found }] of columns.entries()) {
    selected.push(
      `${found.sqlType === 'DOUBLE' || found.sqlType === 'FLOAT' ? `count_if(${cell} <= 'infinity')` : `count(${cell})`} AS p${index}`,
    );
  }
  const [row] = await engine.rows<Record<string, number | null>>(`SELECT ${selected.join(', ')} FROM ${source.relation}`);
  const rows = row?.['n'] ?? 0;
  const missing = new Map(columns.map(({ name }, index) => [name, rows - (row?.[`p${index}`] ?? 0)]));
  const violations = new Map<number, number>();
  const statistics = new Map<number, number | null>();
  for (const [index, question] of questions.entries()) {
    if (question.kind === 'statistic') statistics.set(index, row?.[`s${index}`] ?? null);
    if (question.kind === 'rows') {
      violations.set(index, question.missingIn !== undefined ? (missing.get(question.missingIn) ?? 0) : (row?.[`v${index}`] ?? 0));
    }
  }
  return { rows, violations, statistics, missing };
}
