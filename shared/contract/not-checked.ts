import type { RuleOf } from './contract.ts';
import type { Check } from './contract-result.ts';

/** Named, so that nobody takes it for checked. What is for people only passes; the rest is worth a warning. */
export function notChecked(
  { column, what, forPeople, line }: Pick<RuleOf<'not-checked'>, 'column' | 'what' | 'forPeople' | 'line'>,
  file: string,
): Check {
  return {
    rule: 'not-checked',
    column,
    status: forPeople ? 'pass' : 'warn',
    severity: 'warn',
    observed: null,
    expected: null,
    failed: 0,
    total: 0,
    message: `${column === null ? '' : `${column}: `}not checked: ${what}.`,
    rows: [],
    location: { file, line },
  };
}
