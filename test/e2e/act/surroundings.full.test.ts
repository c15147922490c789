import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/act-actions.ts';
import { writeChurn } from '../../support/act-churn.ts';
import { pullRequest, pushed, stageRepository } from '../../support/act-run.ts';
import { readUploaded, useAct } from '../../support/act-suite.ts';

/** What stands around a job: production, the example that a team copies, act's own leak, and a cold tool cache. */
const { run, github, folder } = useAct();

it('compares with the model in production, and says in one line that nothing changed', async () => {
  const store = folder('store-of-production');
  rmSync(store, { recursive: true, force: true });
  const merged = stageRepository((folder) => writeChurn(folder, { store }));
  const push = await run({ repository: merged, workflow: 'whole.yml', event: 'push', payload: pushed() });
  expect(push.outputs['weighin'], push.log).toMatchObject({ registered: 'true', 'model-version': '1' });
  const promoted = (folder: string) => {
    writeChurn(folder, { store });
    const cli = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), 'promote', 'churn@v1', 'production'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(cli.status, cli.stderr).toBe(0);
  };

  const same = stageRepository(promoted, (folder) => writeFileSync(join(folder, 'README.md'), 'only words\n'));
  const unchanged = await run({ repository: same, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(same) });
  expect(unchanged.code, unchanged.log).toBe(0);
  expect(unchanged.outputs['weighin']).toMatchObject({ verdict: 'pass', summary: 'churn: no changes' });
  expect(github().comments.map(({ body }) => body.trim())).toEqual(['<!-- weighin:comment config=weighin.yaml -->\n✅ churn: no changes']);
  const again = await run({ repository: stageRepository(promoted), workflow: 'whole.yml', event: 'push', payload: pushed() });
  expect(again.code, again.log).toBe(0);
  expect(again.outputs['weighin']).toMatchObject({ registered: 'false', 'model-version': '' });

  const other = stageRepository(promoted, (folder) => writeChurn(folder, { store, rows: 2_200 }));
  const compared = await run({ repository: other, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(other) });
  expect(compared.code, compared.log).toBe(0);
  expect(readUploaded(compared.artifacts, 'weighin-report-churn-1').evaluation?.baseline).toMatchObject({
    stage: 'production',
    version: 1,
  });
  expect(github().comments).toHaveLength(1);
  expect(github().comments[0]?.body).toContain('production');
  expect(readdirSync(join(store, 'models/churn/versions'))).toEqual(['1.json']);
});

it('runs the workflow that a team copies, as it stands in examples/churn', async () => {
  const example = join(root, 'examples', 'churn');
  const repository = stageRepository(
    (folder) => {
      for (const name of ['.github', '.gitignore', 'contracts', 'generate.mjs', 'weighin.yaml'])
        if (existsSync(join(example, name))) cpSync(join(example, name), join(folder, name), { recursive: true });
    },
    (folder) => writeFileSync(join(folder, 'README.md'), 'changed\n'),
  );
  const { code, outputs, log } = await run({
    repository,
    workflow: 'weighin.yml',
    event: 'pull_request',
    payload: pullRequest(repository),
  });
  expect(code, log).toBe(0);
  expect(outputs).toEqual({});
  expect(log).toMatch(/^churn: /m);
  expect(github().comments).toHaveLength(1);
  expect(github().comments[0]?.body).toMatch(/^### ✅ churn/m);
});

describe('what act hides', () => {
  const forgetful = () =>
    stageRepository((folder) => {
      mkdirSync(join(folder, 'forgetful'));
      writeFileSync(
        join(folder, 'forgetful', 'action.yml'),
        `name: forgetful
description: maps nothing
inputs:
  word: {description: word, required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: node "$GITHUB_ACTION_PATH/main.mjs"
`,
      );
      writeFileSync(
        join(folder, 'forgetful', 'main.mjs'),
        "if (!process.env.INPUT_WORD) { console.log('no input'); process.exit(1); }\nconsole.log('leaked in');\n",
      );
    });

  it('is an input that nobody mapped: it passes with act as it comes, and fails here as on GitHub', async () => {
    const request = { workflow: 'leak.yml', event: 'workflow_dispatch', payload: {} };
    const leaking = await run({ repository: forgetful(), ...request, leak: true });
    expect(leaking.code, leaking.log).toBe(0);
    expect(leaking.log).toContain('leaked in');
    const closed = await run({ repository: forgetful(), ...request });
    expect(closed.code, closed.log).toBe(1);
    expect(closed.log).toContain('no input');
  });
});

it('installs its natives where no earlier job left them', async () => {
  const repository = stageRepository(
    (folder) => writeChurn(folder),
    () => {},
  );
  const { code, outputs, log } = await run({
    repository,
    workflow: 'whole.yml',
    event: 'pull_request',
    payload: pullRequest(repository),
    natives: false,
    env: registryOfThisMachine(),
  });
  expect(code, log).toBe(0);
  expect(log).toContain('Native modules are installed in');
  expect(outputs['weighin']).toMatchObject({ verdict: 'pass' });
});

/** How this machine reaches the registry; a job's home is empty. */
function registryOfThisMachine(): Record<string, string> {
  const names = [
    'npm_config_registry',
    'NPM_CONFIG_REGISTRY',
    'npm_config_userconfig',
    'NPM_CONFIG_USERCONFIG',
    'npm_config_cafile',
    'NODE_EXTRA_CA_CERTS',
  ];
  const found = Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const own = join(process.env['HOME'] ?? '', '.npmrc');
  return { ...(existsSync(own) ? { NPM_CONFIG_USERCONFIG: own } : {}), ...found };
}
