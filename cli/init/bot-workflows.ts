import { stringify } from 'yaml';
import type { Composition } from './compose-files.ts';

/** Whole commits, as GitHub's hardening guide asks for where a job has a secret or a token that writes. */
export const pinned = {
  checkout: 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2',
  python: 'actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0',
  upload: 'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0',
  download: 'actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0',
  attest: 'actions/attest@daf44fb950173508f38bd2406030372c1d1162b1 # v3.0.0',
} as const;

/** `v1.2.3` is tagged once and never moved; another place (a fork, a commit) is one word to change. */
const published = (action: string, version: string) => `weighin/weighin/actions/${action}@v${version}`;

type BotComposition = Pick<Composition, 'within' | 'configName' | 'project' | 'defaultBranch'> & { readonly version: string };

/**
 * `weighin-weigh.yml`: measures what the other run claims. It has no checkout: what it needs of a commit it reads from Git, as data. Each
 * job may do what its comment says and no more; a model answers in the one that may do nothing.
 */
export function composeWeighWorkflow({ within, configName, project, version }: BotComposition): string {
  const config = within === '' ? configName : `${within}/${configName}`;
  const weigh = published('weigh', version);
  const step = (name: string, further: Readonly<Record<string, string>> = {}) =>
    flow({
      step: name,
      ...(name === 'resolve'
        ? {}
        : { model: expression('matrix.model'), task: expression('fromJSON(needs.resolve.outputs.tasks)[matrix.model]') }),
      ...(config === 'weighin.yaml' ? {} : { config }),
      ...further,
    });
  const download = (name: string, path: string, optional = false) => [
    `      - uses: ${pinned.download}`,
    ...(optional ? ['        continue-on-error: true'] : []),
    `        with: ${flow({ name, path })}`,
  ];
  const upload = (name: string, path: string, further: Readonly<Record<string, unknown>> = {}) => [
    `      - uses: ${pinned.upload}`,
    `        with: ${flow({ name, path, 'if-no-files-found': 'ignore', overwrite: true, 'retention-days': 1, ...further })}`,
  ];
  const models = `        model: ${expression('fromJSON(needs.resolve.outputs.models)')}`;
  const some = "needs.resolve.outputs.models != '' && needs.resolve.outputs.models != '[]'";
  const named = (what: string) => `weighin-${what}-${expression('matrix.model')}`;
  return `${[
    '# Measures on the default branch what a pull request claims. Of the other run it takes the bytes of the model and nothing else.',
    'name: weighin-weigh',
    'on:',
    '  # Nothing of the other run is checked out, and its files are read as an attacker’s.',
    '  workflow_run: # zizmor: ignore[dangerous-triggers]',
    '    workflows: [weighin]',
    '    types: [completed]',
    '  repository_dispatch:',
    '    types: [weighin-weigh]',
    'permissions: {}',
    'jobs:',
    '  # Which run, of which pull request, with which bytes.',
    '  resolve:',
    "    if: github.event_name == 'repository_dispatch' || github.event.workflow_run.conclusion == 'success' || github.event.workflow_run.conclusion == 'failure'",
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 20',
    '    permissions: {actions: read, contents: read, pull-requests: read}',
    '    outputs:',
    `      models: ${expression('steps.weigh.outputs.models')}`,
    `      tasks: ${expression('steps.weigh.outputs.tasks')}`,
    '    steps:',
    `      - uses: ${weigh}`,
    '        id: weigh',
    `        with: ${step('resolve')}`,
    ...upload('weighin-tasks', 'weigh/tasks'),
    '',
    '  # The test rows without their labels. Secrets that read the data belong to the environment weighin-data, as env: of these steps.',
    '  rows:',
    '    needs: resolve',
    `    if: ${some}`,
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    environment: weighin-data',
    '    permissions: {contents: read}',
    '    strategy:',
    '      fail-fast: false',
    '      matrix:',
    models,
    '    steps:',
    ...download('weighin-tasks', 'weigh/tasks'),
    `      - uses: ${weigh}`,
    `        with: ${step('rows')}`,
    ...upload(named('rows'), 'weigh/rows'),
    '',
    '  # The model answers here. No secret, no label, no permission; each side on a runner of its own.',
    '  predict:',
    '    needs: [resolve, rows]',
    `    if: ${expression(`!cancelled() && ${some}`)}`,
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    permissions: {}',
    '    strategy:',
    '      fail-fast: false',
    '      matrix:',
    models,
    '        side: [candidate, baseline]',
    '    steps:',
    ...download(named('rows'), 'weigh/rows', true),
    ...(project.predict === undefined ? [] : [`      - uses: ${pinned.python}`, '        with: {python-version: "3.12"}']),
    `      - uses: ${weigh}`,
    "        if: hashFiles('weigh/rows/rows.json') != ''",
    '        timeout-minutes: 45',
    `        with: ${flow({ step: 'predict', side: expression('matrix.side') })}`,
    ...upload(`${named('predictions')}-${expression('matrix.side')}`, `weigh/predictions/${expression('matrix.side')}`),
    '',
    '  # Answers against labels, by the policy of the default branch. The dataset is made again, so that labels never travel.',
    '  judge:',
    '    needs: [resolve, predict]',
    `    if: ${expression(`!cancelled() && ${some}`)}`,
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    environment: weighin-data',
    '    permissions: {contents: read}',
    '    strategy:',
    '      fail-fast: false',
    '      matrix:',
    models,
    '    steps:',
    ...download('weighin-tasks', 'weigh/tasks'),
    ...download(`${named('predictions')}-candidate`, 'weigh/predictions/candidate', true),
    ...download(`${named('predictions')}-baseline`, 'weigh/predictions/baseline', true),
    `      - uses: ${weigh}`,
    `        with: ${step('judge')}`,
    ...upload(named('judged'), 'weigh/judged'),
    '',
    '  # Signs and keeps; runs nothing of the model. contents: write makes the release that a version is, with store: github.',
    '  attest:',
    '    needs: [resolve, judge]',
    `    if: ${expression(`!cancelled() && ${some}`)}`,
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 30',
    '    environment: weighin-store',
    '    permissions: {contents: write, id-token: write, attestations: write}',
    '    strategy:',
    '      fail-fast: false',
    '      matrix:',
    models,
    '    steps:',
    ...download('weighin-tasks', 'weigh/tasks'),
    ...download(named('judged'), 'weigh/judged', true),
    `      - uses: ${weigh}`,
    '        id: weighed',
    "        if: hashFiles('weigh/judged/judged.json') != ''",
    `        with: ${step('attest')}`,
    '      # Some plans keep no attestations: then the version is run-verified, and says so.',
    `      - uses: ${pinned.attest}`,
    '        id: sign',
    "        if: steps.weighed.outputs.digest != ''",
    '        continue-on-error: true',
    '        with:',
    `          subject-name: ${expression('steps.weighed.outputs.subject')}`,
    `          subject-digest: ${expression('steps.weighed.outputs.digest')}`,
    '          predicate-type: https://weighin.dev/evaluation/v1',
    `          predicate-path: ${expression('steps.weighed.outputs.predicate')}`,
    `      - uses: ${weigh}`,
    "        if: steps.weighed.outputs.digest != ''",
    `        with: ${step('store', { bundle: expression('steps.sign.outputs.bundle-path') })}`,
    ...upload(`${named('evidence')}-${expression('github.run_attempt')}`, 'weigh/evidence', { 'retention-days': 90 }),
  ].join('\n')}\n`;
}

/**
 * `weighin-bot.yml`, for a team without a server: every run looks at the whole repository once, so that one that waits stands for many.
 * `weighin-review.yml` is the relay of reviews, which reach no workflow that may write otherwise.
 */
export function composeBotWorkflow({ version }: Pick<BotComposition, 'version'>): string {
  return `${[
    '# The bot without hosting. Every run looks at the whole repository; the schedule brings what an event did not.',
    'name: weighin-bot',
    'on:',
    '  issue_comment:',
    '    types: [created]',
    '  # Checks out nothing: it is told that there is something to look at.',
    '  pull_request_target: # zizmor: ignore[dangerous-triggers]',
    '    types: [opened, reopened, synchronize, closed]',
    '  workflow_run: # zizmor: ignore[dangerous-triggers]',
    '    workflows: [weighin, weighin-weigh, weighin-review, weighin-monitor]',
    '    types: [completed]',
    '  repository_dispatch:',
    '    types: [weighin-bot]',
    '  schedule:',
    "    - cron: '*/15 * * * *'",
    'permissions: {}',
    'concurrency:',
    '  group: weighin-bot',
    '  cancel-in-progress: false',
    'jobs:',
    '  look:',
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 30',
    '    # Deployment branches: the default branch only. Its secret is the App’s key, where there is an App; else promotion is advisory.',
    '    environment: weighin-bot',
    '    permissions:',
    '      actions: read',
    '      attestations: read',
    '      checks: write',
    '      contents: write',
    '      deployments: write',
    '      issues: write',
    '      pull-requests: write',
    '    steps:',
    `      - uses: ${published('bot', version)}`,
    '        with:',
    `          app-id: ${expression('vars.WEIGHIN_APP_ID')}`,
    `          private-key: ${expression('secrets.WEIGHIN_PRIVATE_KEY')}`,
  ].join('\n')}\n`;
}

export const composeReviewRelay = (): string =>
  `${[
    '# Tells the bot that there is a review: its end starts weighin-bot. It may do nothing and knows nothing.',
    'name: weighin-review',
    'on:',
    '  pull_request_review:',
    '    types: [submitted, dismissed]',
    'permissions: {}',
    'jobs:',
    '  relay:',
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 5',
    '    permissions: {}',
    '    steps:',
    '      - run: echo reviewed',
  ].join('\n')}\n`;

const expression = (text: string) => `\${{ ${text} }}`;
const flow = (value: object) => stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd();
