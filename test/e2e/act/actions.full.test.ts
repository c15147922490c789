import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { reportSchema } from '../../../shared/report/report.ts';
import { root } from '../../support/act-actions.ts';
import { writeChurn } from '../../support/act-churn.ts';
import { actionsBot, type GitHubDouble, openGitHubDouble } from '../../support/act-github-double.ts';
import { type ActRequest, pullRequest, pushed, runAct, type StagedRelease, stageRelease, stageRepository } from '../../support/act-run.ts';

/** Every action as a team runs it: its action.yml under act, on the host, in a repository of its own, with GitHub's API doubled. */
vi.setConfig({ testTimeout: 240_000 });

let release: StagedRelease;
let github: GitHubDouble;
beforeAll(async () => {
  release = await stageRelease();
}, 120_000);
beforeEach(async () => {
  github = await openGitHubDouble();
  github.allow('ghs_of_the_job');
});
afterEach(() => github.close());

const run = (request: Omit<ActRequest, 'release' | 'api'>) => runAct({ release, api: github.url, ...request });
const sha256 = /^sha256:[0-9a-f]{64}$/;
const readReport = (artifacts: string, name: string, model = 'churn') =>
  reportSchema.parse(JSON.parse(readFileSync(join(artifacts, name, model, 'report.json'), 'utf8')));

describe('a pull request', () => {
  it('is weighed whole: outputs, summary, artifacts, and one comment that a second push edits', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => writeChurn(folder, { seed: 43 }),
    );
    const first = await run({ repository, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(repository) });
    expect(first.code, first.log).toBe(0);
    expect(first.outputs['weighin']).toMatchObject({
      verdict: 'pass',
      report: '.weighin/runs/churn/report.json',
      matrix: '{"model":["churn"]}',
      'dataset-version': expect.stringMatching(sha256),
      'model-digest': expect.stringMatching(sha256),
      'model-version': '',
      registered: 'false',
      summary: expect.stringMatching(/^churn: /),
    });
    expect(first.log).toContain('A pull request registers nothing');
    expect(first.summaries.join()).toContain('churn');

    expect(readdirSync(first.artifacts).sort()).toEqual(['weighin-files-churn-1', 'weighin-report-churn-1']);
    const report = readReport(first.artifacts, 'weighin-report-churn-1');
    expect(report).toMatchObject({
      model: 'churn',
      evidence: 'claimed',
      verdict: 'pass',
      source: { repository: 'acme/models', commit: repository.head, pull: 7 },
    });
    expect(report.training?.model.digest).toBe(first.outputs['weighin']?.['model-digest']);
    expect(readdirSync(join(first.artifacts, 'weighin-report-churn-1/churn')).sort()).toEqual([
      'comment.md',
      'junit.xml',
      'report.html',
      'report.json',
    ]);
    // The model and its card leave the runner; rows never do.
    const files = readdirSync(join(first.artifacts, 'weighin-files-churn-1/churn'), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('MODEL_CARD.md');
    expect(files.filter((name) => name.endsWith('.onnx'))).toHaveLength(1);
    expect(files.filter((name) => /\.(parquet|csv)$/.test(name))).toEqual([]);

    expect(github.comments.map(({ user }) => user.login)).toEqual(['github-actions[bot]']);
    expect(github.comments[0]?.body).toContain('<!-- weighin:comment config=weighin.yaml -->');
    expect(github.comments[0]?.body).toContain(repository.head.slice(0, 7));

    writeChurn(repository.folder, { seed: 44 });
    repository.git('commit', '-qam', 'more');
    const second = { ...repository, head: repository.git('rev-parse', 'HEAD') };
    const again = await run({ repository: second, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(second) });
    expect(again.code, again.log).toBe(0);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain(second.head.slice(0, 7));
    expect(github.unknown).toEqual([]);
  });

  it('with broken data is red, with everything that says why', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => writeChurn(folder, { emptyIncome: 0.2 }),
    );
    const { code, outputs, annotations, summaries, artifacts, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail', 'model-digest': '', registered: 'false' });
    expect(readReport(artifacts, 'weighin-report-churn-1')).toMatchObject({ verdict: 'fail', blocks: true, training: null });
    expect(summaries.join()).toContain('income');
    expect(
      annotations
        .filter(({ level }) => level === 'error')
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('income');
    expect(github.comments[0]?.body).toMatch(/❌[\s\S]*income/);
  });

  it('of a model below its floor is red, and only advised where the mode says so', async () => {
    const strict = stageRepository(
      (folder) => writeChurn(folder, { min: 0.99 }),
      () => {},
    );
    const red = await run({ repository: strict, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(strict) });
    expect(red.code, red.log).toBe(1);
    expect(red.outputs['weighin']).toMatchObject({ verdict: 'fail', 'model-digest': expect.stringMatching(sha256) });
    const advised = stageRepository(
      (folder) => writeChurn(folder, { min: 0.99, mode: 'advise' }),
      () => {},
    );
    const green = await run({ repository: advised, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(advised) });
    expect(green.code, green.log).toBe(0);
    expect(green.outputs['weighin']).toMatchObject({ verdict: 'fail' });
  });

  it('of a fork is never red for what it may not read, and says so', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { store: 's3://acme-models/churn' }),
      (folder) => writeChurn(folder, { store: 's3://acme-models/churn', seed: 43 }),
    );
    github.allow('ghs_of_the_fork', actionsBot, { write: false });
    const { code, outputs, annotations, summaries, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository, 'mallory/models'),
      token: 'ghs_of_the_fork',
      env: { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    expect(code, log).toBe(0);
    expect(outputs['weighin']).toMatchObject({ verdict: 'inconclusive', registered: 'false' });
    expect(summaries.join()).toContain('NO_CREDENTIALS');
    expect(annotations.map(({ title }) => title)).toContain('NO_CREDENTIALS');
    expect(github.requests.filter((route) => !route.startsWith('GET'))).toEqual([]);
  });

  it('of a fork is red for its own broken tests', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { test: 'exit 1' }),
      () => {},
    );
    const { code, outputs, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository, 'mallory/models'),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail' });
  });

  it('with a mistake in the configuration is red at its line', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => {
        const file = join(folder, 'weighin.yaml');
        writeFileSync(file, readFileSync(file, 'utf8').replace('training:', 'traning:'));
      },
    );
    const { code, annotations, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'error', file: 'weighin.yaml', line: '8', message: expect.stringContaining('training') }),
    );
  });

  it('keeps its verdict when GitHub takes no comment', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      () => {},
    );
    github.allow('ghs_reads', actionsBot, { write: false });
    const { code, outputs, annotations, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
      token: 'ghs_reads',
    });
    expect(code, log).toBe(0);
    expect(outputs['weighin']).toMatchObject({ verdict: 'pass' });
    expect(annotations.map(({ message }) => message).join('\n')).toContain('pull-requests: write');
    expect(log).not.toContain('ghs_reads');
  });
});

describe('the steps one by one', () => {
  it('hand on through files, and end as the whole does', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { test: 'true' }),
      () => {},
    );
    const { code, outputs, artifacts, summaries, log } = await run({
      repository,
      workflow: 'steps.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(0);
    expect(outputs['validate']).toMatchObject({
      verdict: 'pass',
      contract: 'out/runs/churn/contract.json',
      'dataset-version': expect.stringMatching(sha256),
    });
    expect(outputs['train']).toMatchObject({
      verdict: 'pass',
      training: 'out/runs/churn/training.json',
      'model-digest': expect.stringMatching(sha256),
    });
    expect(outputs['evaluate']).toMatchObject({
      verdict: 'pass',
      evaluation: 'out/runs/churn/evaluation.json',
      report: 'out/runs/churn/report.json',
    });
    expect(outputs['card']).toMatchObject({ card: 'out/runs/churn/MODEL_CARD.md', missing: 'intendedUse, limitations' });
    expect(outputs['report']).toMatchObject({ verdict: 'pass', report: 'out/runs/churn/report.json' });
    expect(outputs['register']).toMatchObject({ registered: 'false', reason: expect.stringContaining('pull request') });
    expect(readReport(artifacts, 'weighin-report-churn-1')).toMatchObject({
      verdict: 'pass',
      dataset: { version: outputs['validate']?.['dataset-version'] },
    });
    expect(summaries.join()).toContain('churn');
    expect(github.comments).toHaveLength(1);
  });

  it('stop at broken data before anything is trained, and report it', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { emptyIncome: 0.2 }),
      () => {},
    );
    const { code, outputs, artifacts, log } = await run({
      repository,
      workflow: 'steps.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['validate']).toMatchObject({ verdict: 'fail', 'dataset-version': '' });
    expect(outputs['train'] ?? {}).toEqual({});
    expect(outputs['report']).toMatchObject({ verdict: 'fail' });
    expect(readReport(artifacts, 'weighin-report-churn-1')).toMatchObject({ verdict: 'fail', training: null });
  });
});

describe('a monorepo', () => {
  it('weighs what a change reaches, a job a model, and tells it in one comment', async () => {
    const models = ['churn', 'fraud', 'idle'];
    const repository = stageRepository(
      (folder) => writeChurn(folder, { models }),
      (folder) => {
        for (const model of ['churn', 'fraud']) {
          mkdirSync(join(folder, 'src', model), { recursive: true });
          writeFileSync(join(folder, 'src', model, 'features.txt'), 'changed\n');
        }
      },
    );
    const { code, outputs, artifacts, log } = await run({
      repository,
      workflow: 'matrix.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(0);
    expect(outputs['plan']).toMatchObject({ matrix: '{"model":["churn","fraud"]}', registered: 'false' });
    expect(readdirSync(artifacts).sort()).toEqual(
      ['churn', 'fraud'].flatMap((model) => [`weighin-files-${model}-1`, `weighin-report-${model}-1`]).sort(),
    );
    expect(outputs['report']).toMatchObject({ verdict: 'pass', report: '.weighin/runs' });
    expect(github.comments).toHaveLength(1);
    for (const model of ['churn', 'fraud']) expect(github.comments[0]?.body).toContain(model);
    expect(github.comments[0]?.body).not.toContain('idle');
  });

  it('has its configuration in a folder, named from there and annotated from the top', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(join(folder, 'ml')),
      (folder) => writeChurn(join(folder, 'ml'), { emptyIncome: 0.2 }),
    );
    const { code, outputs, annotations, log } = await run({
      repository,
      workflow: 'folder.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail', report: 'ml/.weighin/runs/churn/report.json' });
    const placed = annotations.flatMap(({ file }) => (file ? [file] : []));
    for (const file of placed) expect(existsSync(join(repository.folder, file)), file).toBe(true);
    expect(github.requests).toEqual([]);
  });
});

describe('the default branch', () => {
  it('registers what was merged; a pull request, another branch and a stopped model register nothing', async () => {
    const store = join(release.folder, '..', 'store');
    rmSync(store, { recursive: true, force: true });
    const merged = stageRepository((folder) => writeChurn(folder, { store }));
    const push = await run({ repository: merged, workflow: 'whole.yml', event: 'push', payload: pushed() });
    expect(push.code, push.log).toBe(0);
    expect(push.outputs['weighin']).toMatchObject({ verdict: 'pass', registered: 'true', 'model-version': '1' });
    expect(github.comments).toEqual([]);
    const versions = () => readdirSync(join(store, 'models/churn/versions'));
    expect(versions()).toEqual(['1.json']);

    const stopped = stageRepository((folder) => writeChurn(folder, { store, min: 0.99 }));
    const red = await run({ repository: stopped, workflow: 'whole.yml', event: 'push', payload: pushed() });
    expect(red.code, red.log).toBe(1);
    expect(red.outputs['weighin']).toMatchObject({ registered: 'false', 'model-version': '' });
    const branch = stageRepository(
      (folder) => writeChurn(folder, { store }),
      (folder) => writeChurn(folder, { store, seed: 43 }),
    );
    const other = await run({ repository: branch, workflow: 'whole.yml', event: 'push', payload: pushed('refs/heads/change') });
    expect(other.code, other.log).toBe(0);
    expect(other.outputs['weighin']).toMatchObject({ registered: 'false' });
    expect(versions()).toEqual(['1.json']);
  });

  it('registers step by step as well', async () => {
    const store = join(release.folder, '..', 'store-of-steps');
    rmSync(store, { recursive: true, force: true });
    const repository = stageRepository((folder) => writeChurn(folder, { store }));
    const { code, outputs, log } = await run({ repository, workflow: 'steps.yml', event: 'push', payload: pushed() });
    expect(code, log).toBe(0);
    expect(outputs['register']).toMatchObject({
      registered: 'true',
      'model-version': '1',
      'model-digest': outputs['train']?.['model-digest'],
    });
  });
});

it('compares with the model in production, and says in one line that nothing changed', async () => {
  const store = join(release.folder, '..', 'store-of-production');
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
  expect(github.comments.map(({ body }) => body.trim())).toEqual(['<!-- weighin:comment config=weighin.yaml -->\n✅ churn: no changes']);
  const again = await run({ repository: stageRepository(promoted), workflow: 'whole.yml', event: 'push', payload: pushed() });
  expect(again.code, again.log).toBe(0);
  expect(again.outputs['weighin']).toMatchObject({ registered: 'false', 'model-version': '' });

  const other = stageRepository(promoted, (folder) => writeChurn(folder, { store, rows: 2_200 }));
  const compared = await run({ repository: other, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(other) });
  expect(compared.code, compared.log).toBe(0);
  expect(readReport(compared.artifacts, 'weighin-report-churn-1').evaluation?.baseline).toMatchObject({ stage: 'production', version: 1 });
  expect(github.comments).toHaveLength(1);
  expect(github.comments[0]?.body).toContain('production');
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
  expect(github.comments).toHaveLength(1);
  expect(github.comments[0]?.body).toMatch(/^### ✅ churn/m);
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
