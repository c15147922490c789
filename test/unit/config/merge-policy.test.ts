import { describe, expect, it } from 'vitest';
import { mergePolicy } from '../../../shared/config/merge-policy.ts';
import { policyDigest } from '../../../shared/config/policy-digest.ts';
import { type Config, configSchema } from '../../../shared/config/schema.ts';

/** Two configurations that differ in every key that there is, so that each value says which side it came from. */
const side = (which: 'base' | 'head'): Config => {
  const [a, n] = which === 'base' ? ['base', 1] : ['head', 2];
  return configSchema.parse({
    version: 1,
    mode: which === 'base' ? 'enforce' : 'advise',
    include: `${a}/*.yaml`,
    extends: `${a}.yaml`,
    store: `s3://${a}/x`,
    privacy: { values: which === 'base' ? 'deny' : 'allow' },
    notify: [{ webhook: { env: a.toUpperCase() } }],
    conversation: { surface: which === 'base' ? 'check' : 'comment', template: `${a}.hbs` },
    rollouts: { [a]: { strategy: 'canary' } },
    models: {
      churn: {
        task: which === 'base' ? 'binary' : 'regression',
        description: a,
        code: [a],
        data: {
          source: `${a}.csv`,
          query: a,
          contract: `${a}.odcs.yaml`,
          label: a,
          positive: a,
          id: a,
          cluster: a,
          time: a,
          labelTime: a,
          exclude: [a],
          features: [{ source: `${a}.csv`, entity: a, time: a }],
          split: { by: 'random', train: 0.5, validation: 0.1 * n, test: 0.2, seed: n },
          heldout: a,
        },
        tests: [{ name: a, command: a }],
        training: { command: a, seed: n },
        model: { format: 'onnx', file: `${a}.onnx`, score: a },
        evaluation: { gates: [{ metric: 'roc_auc', min: which === 'base' ? 0.8 : 0.1 }], maxRows: n },
        drift: { method: a },
        retrain: { workflow: `${a}.yml`, on: ['drift'] },
        card: {
          template: a,
          owners: [a],
          license: a,
          intendedUse: a,
          users: a,
          outOfScope: a,
          limitations: a,
          ethics: a,
          require: which === 'base' ? ['users'] : [],
        },
        stages: { production: { approvals: n } },
      },
    },
  });
};
const [base, head] = [side('base'), side('head')];
const model = (config: Config) => {
  const found = config.models['churn'];
  if (!found?.data) throw new Error('there is one');
  return { ...found, data: found.data };
};
const merged = mergePolicy(base, head, 'churn').config;

describe('which side of a pull request is believed', () => {
  it.each(['mode', 'include', 'extends', 'store', 'privacy', 'notify', 'conversation', 'rollouts'] as const)(
    '%s: the default branch',
    (key) => {
      expect(merged[key]).toEqual(base[key]);
      expect(merged[key]).not.toEqual(head[key]);
    },
  );
  it.each(['evaluation', 'stages', 'drift', 'retrain'] as const)('models.*.%s: the default branch', (key) => {
    expect(model(merged)[key]).toEqual(model(base)[key]);
    expect(model(merged)[key]).not.toEqual(model(head)[key]);
  });
  it.each(['task', 'description', 'code', 'tests', 'training', 'model'] as const)('models.*.%s: the head', (key) => {
    expect(model(merged)[key]).toEqual(model(head)[key]);
    expect(model(merged)[key]).not.toEqual(model(base)[key]);
  });
  it.each(['split', 'heldout', 'label', 'positive', 'id', 'cluster', 'time', 'labelTime'] as const)(
    'data.%s: the default branch',
    (key) => {
      expect(model(merged).data[key]).toEqual(model(base).data[key]);
      expect(model(merged).data[key]).not.toEqual(model(head).data[key]);
    },
  );
  it.each(['source', 'query', 'contract', 'exclude', 'features'] as const)('data.%s: the head', (key) => {
    expect(model(merged).data[key]).toEqual(model(head).data[key]);
    expect(model(merged).data[key]).not.toEqual(model(base).data[key]);
  });
  it('card: the texts are the head’s, what must be there and what renders them is not', () => {
    expect(model(merged).card).toEqual({ ...model(head).card, require: ['users'], template: 'base' });
  });
  it('leaves no key without a side', () => {
    expect(Object.keys(model(merged)).sort()).toEqual(Object.keys(model(base)).sort());
    expect(Object.keys(model(merged).data).sort()).toEqual(Object.keys(model(base).data).sort());
    expect(Object.keys(merged).sort()).toEqual(Object.keys(base).sort());
  });
});

it('attack: a gate loosened by the pull request does not count, and everyone is told', () => {
  const result = mergePolicy(base, head, 'churn');
  expect(model(result.config).evaluation.gates).toEqual([expect.objectContaining({ metric: 'roc_auc', min: 0.8 })]);
  expect(result).toMatchObject({ changed: true, isNew: false });
  expect(policyDigest(result.config, 'churn')).toBe(policyDigest(base, 'churn'));
});

it('says that nothing changed where the policy is the same', () => {
  const other = { ...base, models: { churn: { ...model(base), training: model(head).training, tests: [] } } };
  expect(mergePolicy(base, other, 'churn')).toMatchObject({ changed: false, isNew: false });
});

it('judges a model that the default branch does not have by its own policy, with the store and mode of the default branch', () => {
  const without = { ...base, models: {} };
  const { config, isNew } = mergePolicy(without, head, 'churn');
  expect(isNew).toBe(true);
  expect(model(config)).toEqual(model(head));
  expect([config.store, config.mode]).toEqual([base.store, base.mode]);
});

it('leaves a key out that nobody wrote: it would count in the digest', () => {
  const bare = configSchema.parse({
    version: 1,
    models: { churn: { task: 'binary', evaluation: { gates: [{ metric: 'roc_auc', min: 0.5 }] } } },
  });
  expect(mergePolicy(bare, bare, 'churn').config).toEqual(bare);
  expect(JSON.stringify(mergePolicy(bare, bare, 'churn').config.models['churn'])).not.toContain('undefined');
  expect(Object.keys(mergePolicy(bare, bare, 'churn').config.models['churn'] ?? {}).sort()).toEqual(
    Object.keys(bare.models['churn'] ?? {}).sort(),
  );
});
