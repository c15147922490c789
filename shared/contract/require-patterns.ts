import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { literal } from '../query/sql-text.ts';
import type { ContractTable } from './contract.ts';

/** Refuses a pattern that the engine can't run before any data is read. @throws UserError `CONTRACT_INVALID` */
export async function requirePatterns(engine: QueryEngine, table: ContractTable, file: string): Promise<void> {
  for (const rule of table.rules) {
    if (rule.kind !== 'pattern') continue;
    try {
      await engine.rows(`SELECT regexp_full_match('', ${literal(rule.pattern)})`);
    } catch {
      throw new UserError(
        'CONTRACT_INVALID',
        `${file}, line ${rule.line}: the pattern ${rule.pattern} of ${rule.column} is no RE2 regular expression.`,
        'Write it without lookahead, lookbehind and backreferences; it must match the whole value.',
        { file, line: rule.line },
      );
    }
  }
}
