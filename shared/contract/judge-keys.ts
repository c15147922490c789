import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import type { BoundColumn } from './bind-columns.ts';
import type { Check } from './contract-result.ts';
import { countKeys, findDuplicateRows, type KeyCounts, listKeyRows } from './count-keys.ts';
import type { Counts } from './count-violations.ts';
import { bare, type KeyQuestion, type Question } from './question.ts';
import { hasRowNumbers } from './sql-kinds.ts';
import { passes, percentOf, toleranceNote } from './tolerance.ts';
import { counted, firstRows, ofRows } from './wording.ts';

/** Of the same columns in any order. */
export const keyOf = (columns: readonly BoundColumn[]) => JSON.stringify(columns.map(({ name }) => name).toSorted());

/** A key that holds a unique one inside is unique itself: single columns are asked first, and may spare the wider ones. */
export async function countAllKeys(
  engine: SqlEngine,
  source: TableSource,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, KeyCounts>> {
  const asked = questions.filter((question) => question.kind === 'keys').toSorted((a, b) => a.columns.length - b.columns.length);
  const counts = new Map<string, KeyCounts>();
  const unique: string[] = [];
  for (const { columns } of asked) {
    const key = keyOf(columns);
    if (counts.has(key)) continue;
    const spared = unique.some((name) => columns.some((column) => column.name === name));
    const found = spared ? { shared: 0, repeated: 0, keys: 0 } : await countKeys(engine, source, columns);
    counts.set(key, found);
    const [only, ...others] = columns;
    if (only && others.length === 0 && found.shared === 0) unique.push(only.name);
  }
  return counts;
}

export async function judgeKeys(
  engine: SqlEngine,
  source: TableSource,
  question: KeyQuestion,
  found: KeyCounts = { shared: 0, repeated: 0, keys: 0 },
  total: number,
  values: 'deny' | 'allow',
): Promise<Omit<Check, 'location'>> {
  const { counts, columns, tolerance } = question;
  const failed = found[counts];
  const fine = passes(question, failed, total);
  const isShown = hasRowNumbers(source.format) || values === 'allow';
  const { rows, texts } = fine || !isShown ? { rows: [], texts: [] } : await listKeyRows(engine, source, columns, counts);
  const shares =
    counts === 'shared'
      ? `share ${found.keys === 1 ? 'one value' : `${counted(found.keys)} values`} with another row`
      : 'repeat the value of an earlier row';
  const limit = tolerance ? toleranceNote(tolerance) : '';
  return {
    ...bare(question),
    status: fine ? 'pass' : question.severity,
    observed: tolerance?.unit === 'percent' ? percentOf(failed, total) : failed,
    failed,
    total,
    message:
      failed === 0
        ? `${question.column}: every value is unique.`
        : `${question.column}: ${ofRows(failed, total)} ${shares}${fine ? '' : limit}${firstRows(rows)}.`,
    rows: [...rows],
    ...(values === 'allow' && texts.length > 0 && { values: [...texts] }),
  };
}

export async function judgeDuplicates(
  engine: SqlEngine,
  source: TableSource,
  severity: 'fail' | 'warn',
  counts: Counts,
  questions: readonly Question[],
  keys: ReadonlyMap<string, KeyCounts>,
): Promise<Omit<Check, 'location'>> {
  // A key that is unique and never missing tells all rows apart, so nothing need be compared.
  const proven = questions.some(
    (question) =>
      question.kind === 'keys' &&
      keys.get(keyOf(question.columns))?.shared === 0 &&
      question.columns.every(({ name, value, cell }) => value === cell && counts.missing.get(name) === 0),
  );
  const { count, rows } = proven ? { count: 0, rows: [] } : await findDuplicateRows(engine, source);
  return {
    rule: 'duplicate-rows',
    column: null,
    severity,
    expected: 'no row twice',
    status: count > 0 ? severity : 'pass',
    observed: count,
    failed: count,
    total: counts.rows,
    message: count > 0 ? `${counted(count)} duplicate ${count === 1 ? 'row' : 'rows'}${firstRows(rows)}` : 'No row stands twice.',
    rows: [...rows],
  };
}
