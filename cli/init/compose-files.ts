import { stringify } from 'yaml';
import type { ChosenColumns } from './choose-columns.ts';
import type { ProjectSetup } from './find-python.ts';

/** Where the suite is published: the workflow that `init` writes uses it from here. */
export const publishedAction = 'weighin/weighin@v0';

export interface Composition {
  readonly model: string;
  /** As the config says it: relative to the config's folder where it can be. */
  readonly source: string;
  readonly contract: string;
  readonly columns: ChosenColumns;
  readonly project: ProjectSetup;
  readonly defaultBranch: string;
  /** The config's folder as seen from the repository, '' where it is the same. */
  readonly within: string;
  /** The config's own name. */
  readonly configName: string;
}

/** The fifteen lines that a team starts from. */
export function composeConfig({ model, source, contract, columns, project }: Composition): string {
  const data = {
    source,
    contract,
    label: columns.label,
    ...(columns.positiveIsUsual ? {} : { positive: columns.positive }),
    ...(columns.id === undefined ? {} : { id: columns.id }),
    ...(columns.time === undefined ? {} : { time: columns.time }),
    ...(columns.exclude.length === 0 ? {} : { exclude: columns.exclude.map(({ column }) => column) }),
  };
  return `${[
    '# yaml-language-server: $schema=./node_modules/weighin/schema/weighin.schema.json',
    'version: 1',
    'mode: advise                     # tells, blocks nothing; enforce when you trust it',
    'models:',
    `  ${model}:`,
    '    task: binary',
    ...entry('data', data),
    ...training(project),
    '    evaluation:',
    '      gates:',
    '        - {metric: roc_auc, compare: {maxRegression: auto}}',
    '        - {metric: latency_p99, compare: {maxRelative: 0.2}, severity: warn}',
    '    stages: {production: {approvals: 1}}',
  ].join('\n')}\n`;
}

function training({ train, setup, python, predict, pickle }: ProjectSetup): readonly string[] {
  if (train === undefined)
    return ['    training: {trainer: logistic-regression}   # built in, needs no Python; or command: python train.py'];
  const install = setup === undefined ? {} : { setup };
  const lines = entry('training', { ...install, command: `${python} ${train}` });
  if (predict !== undefined)
    return [...lines, ...entry('model', { format: 'command', file: baseName(pickle ?? 'model.pkl'), predict: `${python} ${predict}` })];
  return [...lines, '    model: {format: onnx}'];
}

/** On one line where it fits. */
function entry(key: string, value: object): readonly string[] {
  const line = `    ${key}: ${flow(value)}`;
  if (line.length <= 120) return [line];
  const block = stringify(value, { lineWidth: 0, flowCollectionPadding: false }).trimEnd().split('\n');
  return [`    ${key}:`, ...block.map((text) => `      ${text}`)];
}

const flow = (value: object) => stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd();

/** A job without secrets: what a pull request's code can reach is what a pull request may reach. */
export function composeWorkflow({ defaultBranch, project, within, configName }: Composition): string {
  const inputs = {
    ...(within === '' ? {} : { 'working-directory': within }),
    ...(configName === 'weighin.yaml' ? {} : { config: configName }),
  };
  return `${[
    'name: weighin',
    'on:',
    '  pull_request:',
    `  push: {branches: [${scalar(defaultBranch)}]}`,
    'permissions: {contents: read, pull-requests: write}',
    'jobs:',
    '  weigh:',
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - uses: actions/checkout@v5',
    '        with: {fetch-depth: 0, persist-credentials: false}',
    ...pythonSteps(project),
    `      - uses: ${publishedAction}`,
    ...(Object.keys(inputs).length > 0 ? [`        with: ${flow(inputs)}`] : []),
  ].join('\n')}\n`;
}

function pythonSteps({ train, tool }: ProjectSetup): readonly string[] {
  if (train === undefined) return [];
  const python = ['      - uses: actions/setup-python@v6', '        with: {python-version: "3.12"}'];
  // Conda is on the runner; the others come from pip.
  if (tool === 'conda') return [];
  return tool === undefined || tool === 'pip' ? python : [...python, `      - run: pip install ${tool}`];
}

const scalar = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
