import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { type BoundColumn, bindColumn } from './bind-columns.ts';
import type { Question } from './question.ts';
import { isNumeric, mayBeNaN } from './sql-kinds.ts';

/** What the one scan found. */
export interface Counts {
  readonly rows: number;
  /** Violating rows, by the question's place in the list. */
  readonly violations: ReadonlyMap<number, number>;
  readonly statistics: ReadonlyMap<number, number | null>;
  /** Missing cells by column of the data. */
  readonly missing: ReadonlyMap<string, number>;
}

/** PostgreSQL's limit of a SELECT is 1,664. */
const mostColumns = 1600;

/** The one scan: whatever a row, or all rows together, show by themselves. */
export async function countViolations(engine: SqlEngine, source: TableSource, questions: readonly Question[]): Promise<Counts> {
  const { dialect } = engine;
  const wanted = new Map<string, BoundColumn>();
  const want = (column: BoundColumn) => wanted.set(column.name, column);
  const selected = ['count(*) AS n'];
  for (const [index, question] of questions.entries()) {
    if (question.kind === 'null-share') question.columns.forEach(want);
    if (question.kind === 'keys') question.columns.forEach(want);
    if (question.kind === 'statistic') selected.push(`${question.sql} AS s${index}`);
    if (question.kind !== 'rows') continue;
    const column = source.columns.find(({ name }) => name === question.missingIn);
    if (column) want(bindColumn(column, null, source, engine.dialect));
    else selected.push(`${dialect.countIf(question.violates)} AS v${index}`);
  }
  const columns = [...wanted.values()];
  // Comparing with infinity leaves out NULL and NaN in one step: NaN is the greatest of all.
  for (const [index, { cell, source: found, missing }] of columns.entries()) {
    const isThere = isNumeric(found.sqlType) ? `NOT ${missing}` : `${cell} <= ${dialect.infinity}`;
    selected.push(`${mayBeNaN(found.sqlType) ? dialect.countIf(isThere) : `count(${cell})`} AS p${index}`);
  }
  const row: Record<string, number | null> = {};
  // Whole in one scan, unless the engine can't answer with so many columns.
  const most = dialect.name === 'postgres' ? mostColumns : selected.length;
  for (let at = 0; at < selected.length; at += most) {
    const [found] = await engine.rows<Record<string, number | null>>(
      `SELECT ${selected.slice(at, at + most).join(', ')} FROM ${source.relation}`,
    );
    Object.assign(row, found);
  }
  const rows = row['n'] ?? 0;
  const missing = new Map(columns.map(({ name }, index) => [name, rows - (row[`p${index}`] ?? 0)]));
  const violations = new Map<number, number>();
  const statistics = new Map<number, number | null>();
  for (const [index, question] of questions.entries()) {
    if (question.kind === 'statistic') statistics.set(index, row[`s${index}`] ?? null);
    if (question.kind === 'rows') {
      violations.set(index, question.missingIn !== undefined ? (missing.get(question.missingIn) ?? 0) : (row[`v${index}`] ?? 0));
    }
  }
  return { rows, violations, statistics, missing };
}
