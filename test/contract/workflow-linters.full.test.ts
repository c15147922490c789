import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { specs } from '../../actions/specs.ts';
import { composeBotWorkflow, composeReviewRelay, composeWeighWorkflow } from '../../cli/init/bot-workflows.ts';
import { type Composition, composeWorkflow } from '../../cli/init/compose-files.ts';
import { actionNames, actionPath, root } from '../support/act-actions.ts';
import { tool } from '../support/act-run.ts';

/** The linters that know GitHub. A tool that is missing fails here: a skipped linter finds nothing. */
const actionlint = tool('WEIGHIN_ACTIONLINT', 'actionlint');
const zizmor = tool('WEIGHIN_ZIZMOR', 'zizmor');

const workflowsIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules') && /(^|\/)workflows\/[^/]+\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
const own = workflowsIn('.github');
const shipped = [...own, ...workflowsIn('examples'), ...workflowsIn('test/e2e/act')];
const actions = actionNames().map((name) => actionPath(name).file);

const run = (command: string, args: readonly string[]) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (error) throw error;
  return { status, output: `${stdout}${stderr}` };
};

it('finds what it lints', () => {
  expect(own.map((name) => name.replace('.github/workflows/', '')).sort()).toEqual(expect.arrayContaining(['ci.yml', 'release.yml']));
  expect(shipped.length).toBeGreaterThan(own.length + 3);
  expect(actions).toHaveLength(specs.length);
});

it('actionlint has nothing to say of any workflow', () => {
  const { status, output } = run(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...shipped]);
  expect(output).toBe('');
  expect(status).toBe(0);
});

it('zizmor has nothing to say of our workflows, our actions and our updates', () => {
  const { status, output } = run(zizmor, [
    '--offline',
    '--no-progress',
    '--strict-collection',
    '--persona=regular',
    '--config',
    '.github/zizmor.yml',
    ...own,
    ...actions,
    '.github/dependabot.yml',
  ]);
  expect(output).toContain('No findings to report');
  expect(status).toBe(0);
});

it('both have nothing to say of what `init --bot` writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-lint-init-'));
  const workflows = join(folder, '.github', 'workflows');
  mkdirSync(workflows, { recursive: true });
  const project = {
    tool: undefined,
    setup: undefined,
    python: 'python',
    train: 'train.py',
    trainKnowsWeighin: true,
    predict: 'predict.py',
    pickle: 'm.pkl',
    onnx: undefined,
  };
  const composition = {
    model: 'churn',
    source: '',
    contract: '',
    project,
    defaultBranch: 'main',
    within: 'teams/a',
    configName: 'churn.yaml',
  };
  const version = '0.1.0';
  // Columns stand in the configuration alone.
  const columns = {} as Composition['columns'];
  for (const [name, text] of [
    ['weighin.yml', composeWorkflow({ ...composition, columns, bot: { version } })],
    ['weighin-weigh.yml', composeWeighWorkflow({ ...composition, version })],
    ['weighin-bot.yml', composeBotWorkflow({ version })],
    ['weighin-review.yml', composeReviewRelay()],
  ] as const)
    writeFileSync(join(workflows, name), text);
  const files = readdirSync(workflows).map((name) => join(workflows, name));
  expect(run(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...files])).toEqual({ status: 0, output: '' });
  // Weighin itself is pinned to the tag of a version, which is made once and never moved; everything else to a commit.
  const config = join(folder, 'zizmor.yml');
  writeFileSync(config, 'rules: {unpinned-uses: {config: {policies: {"weighin/*": ref-pin, "*": hash-pin}}}}\n');
  const { status, output } = run(zizmor, [
    '--offline',
    '--no-progress',
    '--strict-collection',
    '--persona=regular',
    '--config',
    config,
    ...files,
  ]);
  expect(output).toContain('No findings to report');
  expect(status).toBe(0);
});

it('hears the linters: a broken workflow and a broken action are found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-lint-'));
  const workflow = join(folder, 'broken.yml');
  writeFileSync(
    workflow,
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.event.pull_request.titel }} \${{ steps.none.outputs.x }}\n`,
  );
  expect(run(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', workflow]).status).not.toBe(0);
  const action = join(folder, 'action.yml');
  writeFileSync(
    action,
    `name: a\ndescription: a\ninputs: {x: {description: x}}\nruns:\n  using: composite\n  steps:\n    - run: echo \${{ inputs.x }}\n      shell: bash\n`,
  );
  expect(run(zizmor, ['--offline', '--no-progress', '--strict-collection', action]).status).not.toBe(0);
});
