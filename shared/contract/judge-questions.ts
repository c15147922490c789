import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import type { BoundColumn } from './bind-columns.ts';
import type { ContractTable } from './contract.ts';
import type { Check } from './contract-result.ts';
import { countViolations } from './count-violations.ts';
import { countAllKeys, judgeDuplicates, judgeKeys, keyOf } from './judge-keys.ts';
import { judgeNullShare, judgeRows } from './judge-rows.ts';
import { canRunQueries, judgeSql, unaskedQuery } from './judge-sql.ts';
import { listRows } from './list-rows.ts';
import { bare, type Question } from './question.ts';
import { counted, meets } from './wording.ts';

export interface Judging {
  readonly file: string;
  readonly values: 'deny' | 'allow';
  readonly table: ContractTable | null;
  /** What names a row in a table, whose rows have no numbers. */
  readonly id: BoundColumn | null;
}

/** Answers every question, in order. */
export async function judgeQuestions(
  engine: SqlEngine,
  source: TableSource,
  questions: readonly Question[],
  judging: Judging,
): Promise<{ readonly rows: number; readonly checks: readonly Check[] }> {
  const counts = await countViolations(engine, source, questions);
  const keys = await countAllKeys(engine, source, questions);
  const listed = await listRows(engine, source, questions, counts, judging);

  const checks: Check[] = [];
  for (const [index, question] of questions.entries()) {
    const place = { location: question.kind !== 'settled' && question.line !== null ? { file: judging.file, line: question.line } : null };
    switch (question.kind) {
      case 'settled':
        checks.push(ofAllRows(question.check, counts.rows));
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
          // JSON has no infinity.
          observed: Number.isFinite(observed) ? observed : null,
          failed: 0,
          total: counts.rows,
          message,
          rows: [],
          ...place,
        });
        break;
      }
      case 'sql':
        checks.push(
          canRunQueries(engine)
            ? { ...bare(question), ...(await judgeSql(engine, source, question, judging)), total: counts.rows, ...place }
            : { ...unaskedQuery(engine, question), ...place },
        );
    }
  }
  return { rows: counts.rows, checks };
}

/** A column of another type is that in every row. */
const ofAllRows = (check: Check, rows: number): Check =>
  check.rule === 'type' && check.status !== 'pass' ? { ...check, failed: rows, total: rows } : check;
