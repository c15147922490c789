import { expect, it } from 'vitest';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { planModels } from '../../../shared/config/plan.ts';
import { config, folderOf, loadText } from './config-text.ts';

const plan = async (text: string, changed: readonly string[] | null) =>
  planModels(await loadText(text), changed).map(({ model, reasons }) => [model, ...reasons]);

const two = `${config({ code: '[src/churn/**, train.py]', data: '{source: data/*.csv, label: y, time: t, contract: contracts/c.yaml, features: [{source: usage.parquet, entity: e, time: t}]}' })}  other:
    task: binary
    code: [src/other/**]
    data: {source: other.csv, label: y}
    training: {command: python src/other/train.py}
    evaluation: {gates: [{metric: roc_auc, min: 0.8}]}
`;

it.each<[string[], string[], string[]]>([
  [['train.py'], ['code: train.py changed'], []],
  [['src/churn/deep/x.py', 'src/churn/y.py'], ['code: src/churn/deep/x.py and 1 more changed'], []],
  [['data/2024.csv'], ['data: data/2024.csv changed'], []],
  [['data/2024.csv.dvc'], ['data: data/2024.csv.dvc changed'], []],
  [['usage.parquet', 'other.csv'], ['data: usage.parquet changed'], ['data: other.csv changed']],
  [['contracts/c.yaml'], ['contract: contracts/c.yaml changed'], []],
  [['weighin.yaml'], ['config: weighin.yaml changed'], ['config: weighin.yaml changed']],
  [['README.md', 'src/shared/z.py', '../elsewhere/train.py'], [], []],
  [[], [], []],
])('a change of %j', async (changed, churn, other) => {
  expect(await plan(two, changed)).toEqual([
    ['churn', ...churn],
    ['other', ...other],
  ]);
});

it('takes every model where nobody knows what changed', async () => {
  expect(await plan(two, null)).toEqual([
    ['churn', 'no base to compare with'],
    ['other', 'no base to compare with'],
  ]);
});

it('takes the whole folder for code where no globs are given, but not what a promotion or a reader writes', async () => {
  expect(await plan(config(), ['lib/x.py', '.env.example'])).toEqual([['churn', 'code: lib/x.py and 1 more changed']]);
  expect(await plan(config(), ['registry/churn/stages/production.json', 'docs/README.md', '.github/workflows/ci.yml'])).toEqual([
    ['churn'],
  ]);
  expect(await plan(config(), ['data.csv'])).toEqual([['churn', 'data: data.csv changed']]);
});

it('says that it can not see data outside Git', async () => {
  expect(await plan(config({ data: '{source: "s3://bucket/a.parquet", label: y}' }), [])).toEqual([
    ['churn', 'data: lies outside Git, so only the run can tell whether it changed'],
  ]);
});

it('reads the globs of an included file from its own folder', async () => {
  const root = await folderOf({
    'weighin.yaml': 'version: 1\ninclude: models/*/weighin.yaml\n',
    'models/a/weighin.yaml': config({ code: '["*.py", ../../lib/**]' }).replace('churn:', 'a:'),
    'models/b/weighin.yaml': config().replace('churn:', 'b:'),
  });
  const loaded = await loadConfig('weighin.yaml', { root });
  const affected = (...changed: string[]) =>
    planModels(loaded, changed)
      .filter((entry) => entry.affected)
      .map((entry) => entry.model);
  expect(affected('models/a/train.py')).toEqual(['a']);
  expect(affected('lib/x.py')).toEqual(['a']);
  expect(affected('models/b/deep/x.txt')).toEqual(['b']);
  expect(affected('models/b/weighin.yaml')).toEqual(['b']);
  expect(affected('weighin.yaml')).toEqual(['a', 'b']);
  expect(affected('train.py')).toEqual([]);
});
