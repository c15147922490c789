import type { SqlEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import { worstVerdict } from '../verdict/verdict.ts';
import { askRule } from './ask-rule.ts';
import { bindColumn, bindColumns } from './bind-columns.ts';
import { checkColumns } from './check-columns.ts';
import type { Contract } from './contract.ts';
import type { ContractResult } from './contract-result.ts';
import { type DefaultsRequest, defaultQuestions } from './default-questions.ts';
import { judgeQuestions } from './judge-questions.ts';
import { pickTable } from './pick-table.ts';
import { requirePatterns } from './require-patterns.ts';

export interface ValidateOptions extends DefaultsRequest {
  /** Whether checks may repeat violating values. */
  readonly values: 'deny' | 'allow';
  /** `false` leaves out the rules that are on without a contract. */
  readonly defaults?: boolean;
  /** Which of the contract's tables the data is, where it has several. */
  readonly table?: string;
}

/**
 * Holds a table against its contract and the default rules. All rules that a row shows by itself are counted in one scan; unique keys
 * and duplicate rows need one each, unless a unique key already proves that no row stands twice; row numbers are looked up
 * only for what failed. A missing value (NULL, or NaN in a float) violates `required` and the null rules, and no other rule.
 * Patterns are RE2 and must match the whole cell.
 *
 * A table of a database is judged where it lies, in the dialect of its engine, and only counts come back; what could mean another thing there
 * (the contract's own SQL, patterns beyond the common subset) is named as not checked.
 *
 * @throws UserError `CONTRACT_INVALID` (a pattern or query that can't run), `CONTRACT_TABLE`, `COLUMN_NOT_FOUND`.
 */
export async function validateTable(
  engine: SqlEngine,
  source: TableSource,
  contract: Contract | null,
  options: ValidateOptions,
): Promise<ContractResult> {
  const { dialect } = engine;
  const table = contract ? pickTable(contract, options.table) : null;
  const file = contract?.file ?? '';
  const columns = table ? bindColumns(table, source, dialect) : new Map();
  if (table) await requirePatterns(engine, table, file);
  const settled = table ? checkColumns(table, source, columns, file) : [];
  const asked = table ? table.rules.flatMap((rule) => askRule(rule, { source, dialect, columns, file }) ?? []) : [];
  const defaults = options.defaults === false ? [] : defaultQuestions(source, table, dialect, options);

  const idColumn = source.columns.find(({ name }) => name === options.id);
  const id = idColumn ? bindColumn(idColumn, null, source, dialect) : null;
  const judged = await judgeQuestions(engine, source, [...asked, ...defaults], { file, values: options.values, table, id });
  const checks = [...settled, ...judged.checks];
  return {
    verdict: worstVerdict(checks.map((check) => check.status)),
    contract: contract && { file, digest: contract.digest, id: contract.id, version: contract.version },
    rows: judged.rows,
    columns: source.columns.length,
    checks,
  };
}
