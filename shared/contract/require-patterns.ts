import { UserError } from '../errors.ts';
import type { SqlEngine } from '../query/query-engine.ts';
import type { ContractTable } from './contract.ts';

/** Refuses a pattern that the engine can't run before any data is read. @throws UserError `CONTRACT_INVALID` */
export async function requirePatterns(engine: SqlEngine, table: ContractTable, file: string): Promise<void> {
  for (const rule of table.rules) {
    if (rule.kind !== 'pattern') continue;
    if (!(await canRun(engine, rule.pattern))) {
      throw new UserError(
        'CONTRACT_INVALID',
        `${file}, line ${rule.line}: the pattern ${rule.pattern} of ${rule.column} is no RE2 regular expression.`,
        'Write it without lookahead, lookbehind and backreferences; it must match the whole value.',
        { file, line: rule.line },
      );
    }
  }
}

async function canRun({ dialect, rows }: SqlEngine, pattern: string): Promise<boolean> {
  if (dialect.name === 'duckdb') {
    return rows(`SELECT ${dialect.matches("''", pattern)}`).then(
      () => true,
      () => false,
    );
  }
  try {
    // What the dialect can't say is no fault of the contract: the rule is then named as not checked.
    dialect.matches("''", pattern);
  } catch {
    return true;
  }
  try {
    // No statement of its own, which a cluster takes a second for: what is left of RE2 by now is JavaScript's as well.
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
