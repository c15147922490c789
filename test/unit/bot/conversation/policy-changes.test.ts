import { expect, it } from 'vitest';
import { policyChanges, severityChanges } from '../../../../bot/conversation/policy-changes.ts';
import { config } from './promotion-facts.ts';

const churn = config().models['churn']!;
const withModel = (given: Readonly<Record<string, unknown>>) => config({ models: { churn: { ...churn, ...given } } });

it('is nothing where only the head’s own keys differ', () => {
  expect(
    policyChanges(config(), withModel({ data: { ...churn.data, source: 'data/new.parquet' }, training: { command: 'python other.py' } })),
  ).toEqual([]);
});

it('names each key by its path, a gate by its metric', () => {
  const [first, ...others] = churn.evaluation.gates;
  const gates = [{ metric: 'brier', max: 0.2 }, { ...first!, min: 0.5 }, ...others];
  const changed = withModel({
    evaluation: { ...churn.evaluation, gates },
    stages: { ...churn.stages, production: { ...churn.stages['production'], approvals: 0 } },
  });
  expect(policyChanges(config(), { ...changed, mode: 'advise' })).toEqual([
    { key: 'mode', before: '"enforce"', after: '"advise"' },
    { key: 'models.churn.evaluation.gates[roc_auc].min', before: '0.8', after: '0.5' },
    { key: 'models.churn.evaluation.gates[brier]', before: null, after: expect.stringContaining('"max":0.2') },
    { key: 'models.churn.stages.production.approvals', before: '2', after: '0' },
  ]);
});

it('sees the label, the split and a model that is taken away', () => {
  expect(policyChanges(config(), withModel({ data: { ...churn.data, label: 'other' } })).map(({ key }) => key)).toEqual([
    'models.churn.data.label',
  ]);
  expect(policyChanges(config(), config({ models: {} }))).toEqual([{ key: 'models.churn', before: 'judged', after: null }]);
});

it('sees what a broken rule of a contract does', () => {
  const contract = (severity: string) =>
    `schema:\n  - name: customers\n    properties:\n      - name: age\n        quality:\n          - {rule: nullCheck, severity: ${severity}}\n`;
  expect(severityChanges('contracts/c.yaml', contract('error'), contract('warning'))).toEqual([
    { key: 'contracts/c.yaml.schema[customers].properties[age].quality[0].severity', before: '"error"', after: '"warning"' },
  ]);
  expect(severityChanges('contracts/c.yaml', contract('error'), contract('error').replace('nullCheck', 'unique'))).toEqual([]);
});
