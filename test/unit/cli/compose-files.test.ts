import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Composition, composeConfig, composeWorkflow, publishedAction } from '../../../cli/init/compose-files.ts';
import type { ProjectSetup } from '../../../cli/init/find-python.ts';
import { loadConfig } from '../../../shared/config/load-config.ts';

const bare: ProjectSetup = {
  tool: undefined,
  setup: undefined,
  python: 'python',
  train: undefined,
  trainKnowsWeighin: false,
  predict: undefined,
  pickle: undefined,
  onnx: undefined,
};
const columns: Composition['columns'] = {
  rows: 100,
  label: 'churned',
  labelBy: 'its name',
  positive: '1',
  positiveIsUsual: true,
  positives: 20,
  id: 'customer_id',
  time: undefined,
  exclude: [],
};
const composition: Composition = {
  model: 'churned',
  source: 'data/customers.parquet',
  contract: 'contracts/churned.odcs.yaml',
  columns,
  project: bare,
  defaultBranch: 'main',
  within: '',
  configName: 'weighin.yaml',
};

async function load(text: string) {
  const root = await mkdtemp(join(tmpdir(), 'weighin-compose-'));
  await writeFile(join(root, 'weighin.yaml'), text);
  return loadConfig('weighin.yaml', { root });
}

describe('the configuration', () => {
  it('has fifteen lines at most, and reads as one would write it', () => {
    const text = composeConfig(composition);
    expect(text).toBe(`# yaml-language-server: $schema=./node_modules/weighin/schema/weighin.schema.json
version: 1
mode: advise                     # tells, blocks nothing; enforce when you trust it
models:
  churned:
    task: binary
    data: {source: data/customers.parquet, contract: contracts/churned.odcs.yaml, label: churned, id: customer_id}
    training: {trainer: logistic-regression}   # built in, needs no Python; or command: python train.py
    evaluation:
      gates:
        - {metric: roc_auc, compare: {maxRegression: auto}}
        - {metric: latency_p99, compare: {maxRelative: 0.2}, severity: warn}
    stages: {production: {approvals: 1}}
`);
  });

  it.each<[string, Partial<ProjectSetup>]>([
    ['nothing', {}],
    ['a training script', { train: 'src/train.py', tool: 'pip', setup: 'pip install -r requirements.txt' }],
    [
      'scripts and a pickle',
      { train: 'train.py', predict: 'predict.py', pickle: 'models/m.joblib', python: 'uv run python', setup: 'uv sync' },
    ],
  ])('is taken by the reader, with %s', async (_, project) => {
    const { config, blocked } = await load(composeConfig({ ...composition, project: { ...bare, ...project } }));
    expect(blocked).toEqual([]);
    const model = config.models['churned'];
    expect([model?.training, model?.model]).toMatchObject(
      project.train === undefined
        ? [{ trainer: 'logistic-regression' }, { format: 'onnx' }]
        : [
            { setup: project.setup, command: `${project.python ?? 'python'} ${project.train}` },
            project.predict === undefined
              ? { format: 'onnx' }
              : { format: 'command', file: 'm.joblib', predict: 'uv run python predict.py' },
          ],
    );
  });

  it('survives every name that a file and a column may have', async () => {
    const hostile = [
      'a, b}',
      'x: {y',
      '# no',
      '"q"',
      "it's",
      'true',
      '1',
      '*a',
      '&b',
      '!c',
      '- d',
      '[e]',
      '  f ',
      'g\nh',
      'é…',
      '@i',
      '`j`',
      '%k',
      '? l',
      'm: n',
    ];
    for (const name of hostile) {
      const text = composeConfig({
        ...composition,
        source: `data/${name}.csv`,
        columns: {
          ...columns,
          label: name,
          id: `${name}2`,
          positive: name,
          positiveIsUsual: false,
          exclude: [{ column: `${name}3`, because: 'a time' }],
        },
      });
      const { config } = await load(text);
      expect(config.models['churned']?.data).toMatchObject({
        source: `data/${name}.csv`,
        label: name,
        id: `${name}2`,
        exclude: [`${name}3`],
      });
    }
  });

  it('breaks the line where many columns are left out', async () => {
    const exclude = Array.from({ length: 30 }, (_, index) => ({ column: `a_long_column_name_${index}`, because: 'a time' }));
    const text = composeConfig({ ...composition, columns: { ...columns, exclude } });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(121);
    expect((await load(text)).config.models['churned']?.data?.exclude).toHaveLength(30);
  });

  it('names the positive class only where nobody could guess it', async () => {
    for (const [positive, positiveIsUsual, written] of [
      ['1', true, undefined],
      ['Yes', true, undefined],
      ['1', false, '1'],
      ['M', false, 'M'],
    ] as const)
      expect(
        (await load(composeConfig({ ...composition, columns: { ...columns, positive, positiveIsUsual } }))).config.models['churned']?.data
          ?.positive,
      ).toBe(written);
  });
});

describe('the workflow', () => {
  it('is about ten lines, with no secret and no more rights than it needs', () => {
    expect(composeWorkflow(composition)).toBe(`name: weighin
on:
  pull_request:
  push: {branches: [main]}
permissions: {contents: read, pull-requests: write}
jobs:
  weigh:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {fetch-depth: 0, persist-credentials: false}
      - uses: ${publishedAction}
`);
  });

  it('sets Python up where the project trains with it, and says where the configuration is', () => {
    const project: ProjectSetup = { ...bare, train: 'train.py', tool: 'poetry', setup: 'poetry install' };
    const workflow = parse(
      composeWorkflow({ ...composition, project, defaultBranch: 'release: "x"', within: 'teams/a, b', configName: 'w.yaml' }),
    );
    expect(workflow.on.push.branches).toEqual(['release: "x"']);
    expect(workflow.jobs.weigh.steps.slice(1)).toEqual([
      { uses: 'actions/setup-python@v6', with: { 'python-version': '3.12' } },
      { run: 'pip install poetry' },
      { uses: publishedAction, with: { 'working-directory': 'teams/a, b', config: 'w.yaml' } },
    ]);
  });
});

it('beside a bot, lets the job of pull requests read alone, and leaves comment and versions to others', () => {
  const bot = { version: '1.2.3' };
  const text = composeWorkflow({ ...composition, bot });
  const { permissions, jobs } = parse(text);
  expect(permissions).toEqual({ contents: 'read' });
  expect(jobs.weigh.steps.at(-1)).toMatchObject({ uses: 'weighin/weighin@v1.2.3', with: { comment: 'off', register: 'off' } });
  expect(text).toContain('comment: "off"');
  expect(text).toMatch(/actions\/checkout@[0-9a-f]{40} # v/);
  expect(composeConfig({ ...composition, bot })).toMatch(/^store: github /m);
  expect(composeConfig(composition)).not.toContain('store:');
});
