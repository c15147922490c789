import { expect, it } from 'vitest';
import { assertSupported } from '../../../shared/config/load-config.ts';
import { config, loadText } from './config-text.ts';

const gate = (text: string) => config({ evaluation: `{gates: [${text}]}` });

it.each([
  ['task', config({ task: 'multiclass' })],
  ['task', config({ task: 'regression' })],
  ['task', config({ task: 'ranking' })],
  ['trainer', config({ training: '{trainer: gradient-boosting}' })],
  ['search', config({ training: '{command: a, search: {method: grid, metric: a, space: {}}}' })],
  ['by', config({ data: '{source: a, label: y, split: {by: group, column: c}}' })],
  ['by', config({ data: '{source: a, label: y, split: {by: column, column: c}}' })],
  ['by', config({ data: '{source: a, label: y, split: {by: kfold}}' })],
  ['source', config({ data: '{source: "mysql://u:p@host/db", label: y}' })],
  ['source', config({ data: '{source: "postgres://u:p@host/db?table=t", label: y}' })],
  ['source', config({ data: '{source: "sc://host/;token=t;table=t", label: y}' })],
  ['source', config({ data: '{source: data.csv.dvc, label: y}' })],
  ['source', config({ data: '{source: a, label: y, time: t, features: [{source: b.dvc, entity: e, time: t}]}' })],
  ['heldout', config({ data: '{source: a, label: y, heldout: b}' })],
  ['source', config({ training: '', model: '{source: "models:/churn@champion"}' })],
  ['group', gate('{metric: recall, max: 0.1, group: g}')],
  ['metric', gate('{metric: demographic_parity_difference, max: 0.1}')],
  ['extends', config({}, 'extends: ../policy.yaml\n')],
])('does not run a model whose %s would be ignored', async (key, text) => {
  const loaded = await loadText(text);
  expect(loaded.blocked.map(({ path }) => path.at(-1))).toEqual([key]);
  expect(() => assertSupported(loaded, 'churn')).toThrowError(
    expect.objectContaining({ code: 'NOT_YET_SUPPORTED', location: loaded.blocked[0]?.location }),
  );
});

it('shows no address that a source holds', async () => {
  const { blocked } = await loadText(config({ data: '{source: "mysql://user:secret@host/db", label: y}' }));
  expect(blocked[0]?.message).toBe('`models.churn.data.source` is a kind of database that is not read; name postgres://, sc:// or a file.');
});

it('runs one model beside another that is blocked', async () => {
  const loaded = await loadText(
    `${config()}  later: {task: regression, data: {source: a, label: y}, training: {command: b}, evaluation: {gates: [{metric: rmse, max: 0}]}}\n`,
  );
  expect(() => assertSupported(loaded, 'churn')).not.toThrow();
  expect(() => assertSupported(loaded, 'later')).toThrow(/task: regression` is not run yet/);
});

it.each([
  config({ data: '{source: "s3://bucket/a.parquet", label: y, split: {by: random}}' }),
  config({ data: '{source: "postgres://host/db?table=t", label: y}' }),
  config({
    data: '{source: "sc://host", query: "SELECT 1", label: y, features: [{source: "sc://host/;table=t", entity: e, time: t}], time: t}',
  }),
  config({ training: '{trainer: logistic-regression}' }),
  config({}, 'store: s3://bucket/prefix\n'),
  config({}, 'store: github\n'),
])('says nothing where nothing waits', async (text) => {
  const { blocked, notices } = await loadText(text);
  expect([blocked, notices]).toEqual([[], []]);
});
