import { expect, it } from 'vitest';
import type { Contract, Rule } from '../../../shared/contract/contract.ts';
import { mergeSeverities } from '../../../shared/contract/merge-severities.ts';

const contract = (rules: readonly Rule[], columns = ['id', 'age', 'plan'], name = 'customers'): Contract => ({
  file: 'c.yaml',
  digest: 'sha256:x',
  id: null,
  version: null,
  tables: [
    {
      name,
      physicalName: null,
      line: 1,
      columns: columns.map((column) => ({
        name: column,
        physicalName: null,
        logicalType: null,
        physicalType: null,
        mayBeMissing: false,
        line: 1,
      })),
      rules,
    },
  ],
});
const required = (column: string, severity: Rule['severity']): Rule => ({ kind: 'required', column, severity, line: 2 });
const range = (maximum: number, severity: Rule['severity']): Rule => ({
  kind: 'range',
  column: 'age',
  minimum: 0,
  maximum,
  severity,
  line: 3,
});
const rulesOf = (merged: Contract | null) => merged?.tables[0]?.rules;

it('takes severities from the default branch, and limits from the head', () => {
  const merged = mergeSeverities(
    contract([required('age', 'fail'), range(100, 'fail')]),
    contract([required('age', 'warn'), range(120, 'warn')]),
  );
  expect(rulesOf(merged)).toEqual([required('age', 'fail'), range(120, 'fail')]);
});

it('goes on asking a rule that the head dropped, unless its column is gone', () => {
  const base = contract([
    required('age', 'fail'),
    required('plan', 'fail'),
    { kind: 'row-count', limit: { operator: 'mustBeGreaterThan', low: 1, high: 0 }, severity: 'fail', line: 9 },
  ]);
  const merged = rulesOf(mergeSeverities(base, contract([], ['id', 'age'])));
  expect(merged?.map((rule) => rule.kind)).toEqual(['required', 'row-count']);
  expect(merged?.[0]).toEqual(required('age', 'fail'));
});

it('keeps what the head added, and tells rules of one kind apart by their columns', () => {
  const merged = mergeSeverities(contract([required('age', 'fail')]), contract([required('age', 'warn'), required('plan', 'warn')]));
  expect(rulesOf(merged)).toEqual([required('age', 'fail'), required('plan', 'warn')]);
});

it('finds the table of one contract under another name, and of several by name', () => {
  const renamed = mergeSeverities(contract([required('age', 'fail')]), contract([required('age', 'warn')], ['age'], 'people'));
  expect(rulesOf(renamed)).toEqual([required('age', 'fail')]);
  const two = {
    ...contract([required('age', 'fail')]),
    tables: [...contract([required('age', 'fail')]).tables, ...contract([], [], 'other').tables],
  };
  expect(rulesOf(mergeSeverities(two, contract([required('age', 'warn')], ['age'], 'people')))).toEqual([required('age', 'warn')]);
});

it('attack: leaving the contract out leaves the default branch’s', () => {
  const base = contract([required('age', 'fail')]);
  expect(mergeSeverities(base, null)).toBe(base);
  const head = contract([required('age', 'warn')]);
  expect(mergeSeverities(null, head)).toBe(head);
  expect(mergeSeverities(null, null)).toBeNull();
});
