import type { TableSource } from '../source/table-source.ts';
import type { BoundColumn } from './bind-columns.ts';
import type { ContractTable, Rule } from './contract.ts';
import type { Check } from './contract-result.ts';
import { nearestOf } from './nearest-of.ts';

/** Are the contract's columns there? A missing one fails, whatever else is asked of it; one that nobody described is worth a warning. */
export function checkColumns(
  table: ContractTable,
  source: TableSource,
  bound: ReadonlyMap<string, BoundColumn>,
  file: string,
): readonly Check[] {
  const named = new Set([...[...bound.values()].map(({ name }) => name), ...table.rules.flatMap(columnsOf)]);
  const extra = source.columns.map(({ name }) => name).filter((name) => !named.has(name));
  const measures = new Set(
    table.rules.flatMap((rule) => (rule.kind === 'not-checked' && rule.what.startsWith('a measure') ? [rule.column] : [])),
  );
  const missing = table.columns.filter(({ name }) => !bound.has(name) && !measures.has(name));
  const check = (part: Pick<Check, 'column' | 'status' | 'severity' | 'observed' | 'message'> & { readonly line: number }): Check => {
    const { line, ...rest } = part;
    return { rule: 'columns', expected: 'the columns of the contract', failed: 0, total: 0, rows: [], location: { file, line }, ...rest };
  };

  const checks = missing.map(({ name, line }) => {
    const nearest = nearestOf(name, extra);
    const orphaned = table.rules.filter((rule) => concerns(rule, name)).length;
    return check({
      column: name,
      status: 'fail',
      severity: 'fail',
      observed: 'missing',
      message: `${name}: the data has no such column${nearest ? `; it has ${nearest}` : ''}${orphaned > 0 ? `, so ${orphaned === 1 ? 'its rule' : `its ${orphaned} rules`} can't be judged` : ''}.`,
      line,
    });
  });
  // A rule may also name a column that the contract doesn't describe.
  const known = new Set([...table.columns.map(({ name }) => name), ...source.columns.map(({ name }) => name)]);
  for (const rule of table.rules) {
    for (const name of columnsOf(rule).filter((column) => !known.has(column))) {
      const nearest = nearestOf(name, [...known]);
      checks.push(
        check({
          column: name,
          status: 'fail',
          severity: 'fail',
          observed: 'missing',
          message: `${name}: a rule names it, and neither contract nor data has such a column${nearest ? `; did you mean ${nearest}?` : '.'}`,
          line: rule.line,
        }),
      );
    }
  }
  if (extra.length > 0 && table.columns.length > 0) {
    const shown = extra.slice(0, 10).join(', ') + (extra.length > 10 ? ' …' : '');
    checks.push(
      check({
        column: extra.length === 1 ? (extra[0] ?? null) : null,
        status: 'warn',
        severity: 'warn',
        observed: extra.length,
        message: `${extra.length === 1 ? '1 column' : `${extra.length} columns`} that the contract does not name: ${shown}.`,
        line: table.line,
      }),
    );
  }
  if (checks.length > 0 || table.columns.length === 0) return checks;
  return [
    check({
      column: null,
      status: 'pass',
      severity: 'fail',
      observed: table.columns.length,
      message: `The contract's ${table.columns.length === 1 ? 'column is' : `${table.columns.length} columns are`} there.`,
      line: table.line,
    }),
  ];
}

const concerns = (rule: Rule, column: string) => columnsOf(rule).includes(column);

function columnsOf(rule: Rule): readonly string[] {
  if ('columns' in rule) return rule.columns;
  if (rule.kind === 'future-event') return [rule.event, rule.label];
  return 'column' in rule && rule.column !== null && rule.kind !== 'not-checked' ? [rule.column] : [];
}
