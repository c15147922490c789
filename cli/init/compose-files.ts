import { Scalar, stringify } from 'yaml';
import { pinned } from './bot-workflows.ts';
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
  /** A bot takes part, which comments and promotes; and the version of Weighin that its workflows are pinned to. */
  readonly bot?: { readonly version: string } | undefined;
}

/** The fifteen lines that a team starts from. */
export function composeConfig({ model, source, contract, columns, project, bot }: Composition): string {
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
    ...(bot ? ['store: github                    # a release for each version'] : []),
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

/**
 * A job without secrets: what a pull request's code can reach is what a pull request may reach. Beside a bot it may only read: the bot
 * comments, and the weigh run bears versions.
 */
export function composeWorkflow({ defaultBranch, project, within, configName, bot }: Composition): string {
  const inputs = {
    // Empty for pull requests and pushes: then every model that the change affects. A retraining is of one.
    ...(bot ? { model: `\${{ github.event.client_payload.model }}`, comment: off, register: off } : {}),
    ...(within === '' ? {} : { 'working-directory': within }),
    ...(configName === 'weighin.yaml' ? {} : { config: configName }),
  };
  return `${[
    'name: weighin',
    'on:',
    '  pull_request:',
    `  push: {branches: [${scalar(defaultBranch)}]}`,
    // What drift in production asks for: the bot dispatches it, and what it trains is weighed and comes back as a pull request.
    ...(bot ? ['  repository_dispatch: {types: [weighin-retrain]}'] : []),
    bot ? 'permissions: {contents: read}' : 'permissions: {contents: read, pull-requests: write}',
    'jobs:',
    '  weigh:',
    '    runs-on: ubuntu-latest',
    '    steps:',
    `      - uses: ${bot ? pinned.checkout : 'actions/checkout@v5'}`,
    '        with: {fetch-depth: 0, persist-credentials: false}',
    ...pythonSteps(project, bot ? pinned.python : 'actions/setup-python@v6'),
    `      - uses: ${bot ? `weighin/weighin@v${bot.version}` : publishedAction}`,
    // Reads versions and models from the repository's releases, which is all that it may.
    ...(bot ? [`        env: ${flow({ GITHUB_TOKEN: `\${{ github.token }}` })}`] : []),
    ...(Object.keys(inputs).length > 0 ? [`        with: ${flow(inputs)}`] : []),
  ].join('\n')}\n`;
}

function pythonSteps({ train, tool }: ProjectSetup, setup: string): readonly string[] {
  if (train === undefined) return [];
  const python = [`      - uses: ${setup}`, '        with: {python-version: "3.12"}'];
  // Conda is on the runner; the others come from pip.
  if (tool === 'conda') return [];
  return tool === undefined || tool === 'pip' ? python : [...python, `      - run: pip install ${tool}`];
}

/** In quotes: an older YAML reads the bare word as false. */
const off = Object.assign(new Scalar('off'), { type: Scalar.QUOTE_DOUBLE });
const scalar = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
