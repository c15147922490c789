import type { QueryEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { type BoundColumn, bindColumn, isMissing } from './bind-columns.ts';
import type { ContractTable, Tolerance } from './contract.ts';
import type { Check } from './contract-result.ts';
import { countKeys, findDuplicateRows, type KeyCounts, listKeyRows, maxListed } from './count-keys.ts';
import { judgeSql } from './judge-sql.ts';
import type { KeyQuestion, NullShareQuestion, Question, RowQuestion } from './question.ts';
import { counted, firstRows, meets, ofRows, toleranceText } from './wording.ts';

export interface Judging {
  readonly file: string;
  readonly values: 'deny' | 'allow';
  readonly table: ContractTable | null;
}

/** What the one scan found. */
interface Counts {
  readonly rows: number;
  /** Violating rows, by the question's place in the list. */
  readonly violations: ReadonlyMap<number, number>;
  readonly statistics: ReadonlyMap<number, number | null>;
  /** Missing cells by column of the data. */
  readonly missing: ReadonlyMap<string, number>;
}

/** Rows that violate, and what they hold where that may be shown. */
interface Listed {
  readonly failed: number;
  readonly rows: readonly number[];
  readonly values: readonly string[];
}

/** Answers every question, in order. */
export async function judgeQuestions(
  engine: QueryEngine,
  source: TableSource,
  questions: readonly Question[],
  judging: Judging,
): Promise<{ readonly rows: number; readonly checks: readonly Check[] }> {
  const counts = await countViolations(engine, source, questions);
  const keys = await countAllKeys(engine, source, questions);
  const listed = await listRows(engine, source, questions, counts, judging.values);

  const checks: Check[] = [];
  for (const [index, question] of questions.entries()) {
    const place = { location: question.kind !== 'settled' && question.line !== null ? { file: judging.file, line: question.line } : null };
    switch (question.kind) {
      case 'settled':
        checks.push(question.check);
        break;
      case 'rows':
        checks.push({ ...judgeRows(question, counts.violations.get(index) ?? 0, counts.rows, listed.get(index)), ...place });
        break;
      case 'keys':
        checks.push({
          ...(await judgeKeys(engine, source, question, keys.get(keyOf(question.columns)), counts.rows, judging.values)),
          ...place,
        });
        break;
      case 'null-share':
        checks.push({ ...judgeNullShare(question, counts, listed.get(index)), ...place });
        break;
      case 'duplicate-rows':
        checks.push({ ...(await judgeDuplicates(engine, source, question.severity, counts, questions, keys)), ...place });
        break;
      case 'count': {
        const passes = meets(question.limit, counts.rows);
        const message = `The data has ${counted(counts.rows)} ${counts.rows === 1 ? 'row' : 'rows'}${passes ? '' : `, the contract asks for ${question.expected}`}.`;
        checks.push({
          ...bare(question),
          status: passes ? 'pass' : question.severity,
          observed: counts.rows,
          failed: 0,
          total: counts.rows,
          message,
          rows: [],
          ...place,
        });
        break;
      }
      case 'statistic': {
        const found = counts.statistics.get(index) ?? null;
        const observed = found === null ? null : Number(found.toPrecision(6));
        const passes = observed !== null && meets(question.limit, observed);
        const subject = question.column === null ? question.what : `${question.column}: ${question.what}`;
        const message =
          observed === null
            ? `${subject} has no value: the column is empty.`
            : `${subject} is ${observed}${passes ? '' : `, not ${question.expected}`}.`;
        checks.push({
          ...bare(question),
          status: passes ? 'pass' : question.severity,
          observed,
          failed: 0,
          total: counts.rows,
          message,
          rows: [],
          ...place,
        });
        break;
      }
      case 'sql':
        checks.push({ ...bare(question), ...(await judgeSql(engine, source, question, judging)), total: counts.rows, ...place });
    }
  }
  return { rows: counts.rows, checks };
}

const bare = ({ rule, column, severity, expected }: Exclude<Question, { kind: 'settled' }>) => ({ rule, column, severity, expected });

async function countViolations(engine: QueryEngine, source: TableSource, questions: readonly Question[]): Promise<Counts> {
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

const keyOf = (columns: readonly BoundColumn[]) => JSON.stringify(columns.map(({ name }) => name).toSorted());

/** A key that holds a unique one inside is unique itself: single columns are asked first, and may spare the wider ones. */
async function countAllKeys(
  engine: QueryEngine,
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

/** One more scan, only if a row question failed: the first violating rows of each by number. */
async function listRows(
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

function passes({ tolerance }: RowQuestion | KeyQuestion, failed: number, total: number): boolean {
  if (!tolerance) return failed === 0;
  return meets(tolerance.limit, tolerance.unit === 'percent' ? percentOf(failed, total) : failed);
}

/** Nothing to say where no row may violate. */
const toleranceNote = (tolerance: Tolerance) =>
  tolerance.limit.operator === 'mustBe' && tolerance.limit.low === 0 ? '' : ` (must be ${toleranceText(tolerance)})`;

/** Rounded to nine digits, so that 110 of 1,000 is 11 and not a hair more. */
const percentOf = (part: number, whole: number) => (whole === 0 ? 0 : Number(((100 * part) / whole).toPrecision(9)));

function judgeRows(question: RowQuestion, failed: number, total: number, listed: Listed | undefined): Omit<Check, 'location'> {
  const { tolerance, what, rule, column } = question;
  const fine = passes(question, failed, total);
  const leaks = rule === 'LEAKAGE_FUTURE_EVENT';
  const limit = tolerance && !fine ? toleranceNote(tolerance) : '';
  const rows = firstRows(listed?.rows ?? []);
  const none = leaks
    ? `No row where ${what}.`
    : `${column}: ${what.startsWith('have no value') ? 'every row has a value' : `no row is ${what}`}.`;
  const some = leaks
    ? `LEAKAGE_FUTURE_EVENT rows=${failed}: ${what} in ${ofRows(failed, total)}${rows}.`
    : `${column}: ${ofRows(failed, total)} ${what}${limit}${rows}.`;
  return {
    ...bare(question),
    status: fine ? 'pass' : question.severity,
    observed: tolerance?.unit === 'percent' ? percentOf(failed, total) : failed,
    failed,
    total,
    message: failed === 0 && fine ? none : some,
    rows: [...(listed?.rows ?? [])],
    ...(listed && listed.values.length > 0 && { values: [...listed.values] }),
  };
}

async function judgeKeys(
  engine: QueryEngine,
  source: TableSource,
  question: KeyQuestion,
  found: KeyCounts = { shared: 0, repeated: 0, keys: 0 },
  total: number,
  values: 'deny' | 'allow',
): Promise<Omit<Check, 'location'>> {
  const { counts, columns, tolerance } = question;
  const failed = found[counts];
  const fine = passes(question, failed, total);
  const listed = fine ? [] : await listKeyRows(engine, source, columns, counts);
  const rows = listed.map(({ row }) => row);
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
    rows,
    ...(values === 'allow' && listed.length > 0 && { values: listed.map(({ text }) => text) }),
  };
}

const overShare = ({ columns, share }: NullShareQuestion, { missing, rows }: Counts) =>
  columns.filter(({ name }) => (missing.get(name) ?? 0) > share * rows);

function judgeNullShare(question: NullShareQuestion, counts: Counts, listed: Listed | undefined): Omit<Check, 'location'> {
  const over = overShare(question, counts);
  const shares = over.map(({ name }) => `${name}: ${((100 * (counts.missing.get(name) ?? 0)) / counts.rows).toFixed(1)}`);
  const percent = 100 * question.share;
  return {
    ...bare(question),
    column: over.length > 0 ? over.map(({ name }) => name).join(', ') : null,
    status: over.length > 0 ? 'fail' : 'pass',
    observed: over.length,
    failed: listed?.failed ?? 0,
    total: counts.rows,
    // The wording is a contract of its own: scripts look for it.
    message: over.length > 0 ? `Columns with >${percent}% nulls: {${shares.join(', ')}}` : `No column has more than ${percent} % nulls.`,
    rows: [...(listed?.rows ?? [])],
  };
}

async function judgeDuplicates(
  engine: QueryEngine,
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
