import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { root } from '../../support/act-actions.ts';
import { writeChurn } from '../../support/act-churn.ts';
import { type GitHubDouble, openGitHubDouble } from '../../support/act-github-double.ts';

/** The built bundles as a step of a job starts them, without act: what needs Node alone. */
vi.setConfig({ testTimeout: 120_000 });
const dist = process.env['WEIGHIN_DIST'] ?? join(root, 'dist');

let github: GitHubDouble;
beforeEach(async () => {
  github = await openGitHubDouble();
  github.allow('ghs_of_the_job');
});
afterEach(() => github.close());

const workspace = (...options: Parameters<typeof writeChurn> extends [string, ...infer Rest] ? Rest : never) => {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-step-'));
  writeChurn(folder, ...options);
  return folder;
};

const payload = {
  repository: { default_branch: 'main' },
  pull_request: {
    number: 7,
    head: { sha: 'b'.repeat(40), repo: { full_name: 'acme/models' } },
    base: { sha: 'a'.repeat(40), ref: 'main', repo: { full_name: 'acme/models' } },
  },
};

/** Starts dist/<action>.js with the inputs of its `with:`, and reads what it left for the runner. */
async function step(
  action: string,
  folder: string,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const files = mkdtempSync(join(tmpdir(), 'weighin-runner-'));
  const file = (name: string, text = '') => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };
  const child = spawn(process.execPath, [join(dist, `${action}.js`)], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: files,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: file('event.json', JSON.stringify(payload)),
      GITHUB_REPOSITORY: 'acme/models',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_WORKSPACE: folder,
      GITHUB_API_URL: github.url,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: files,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...env,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const outputs = Object.fromEntries(
    [...readFileSync(join(files, 'output'), 'utf8').matchAll(/^(.+?)<<(ghadelimiter_.+?)\n([\s\S]*?)\n?\2$/gm)].map(([, name, , value]) => [
      name,
      value,
    ]),
  );
  return { code, log, outputs, summary: readFileSync(join(files, 'summary'), 'utf8') };
}

describe('a step', () => {
  it('passes, says so in the open part of the log, and hands its token to nobody', async () => {
    const folder = workspace({ test: 'env > seen.txt' });
    const { code, log, outputs } = await step('weighin', folder, { 'github-token': 'ghs_of_the_job' });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ verdict: 'pass', report: '.weighin/runs/churn/report.json' });
    expect(log.slice(log.lastIndexOf('::endgroup::'))).toContain('churn: ');
    const seen = readFileSync(join(folder, 'seen.txt'), 'utf8');
    expect(seen).toContain('GITHUB_REPOSITORY=acme/models');
    expect(seen).not.toContain('INPUT_');
    expect(seen).not.toContain('ghs_of_the_job');
    expect(log.replace('::add-mask::ghs_of_the_job', '')).not.toContain('ghs_of_the_job');
    expect(github.comments).toHaveLength(1);
  });

  it.each([
    ['error', 1],
    ['warn', 1],
    ['never', 0],
  ])('that fails ends with its verdict (fail-on: %s → %d), after everything is written', async (failOn, expected) => {
    const folder = workspace({ emptyIncome: 0.2 });
    const { code, log, outputs, summary } = await step('weighin', folder, { 'fail-on': failOn, comment: 'off' });
    expect(code, log).toBe(expected);
    expect(outputs).toMatchObject({ verdict: 'fail', registered: 'false' });
    expect(summary).toContain('income');
    for (const name of ['report.json', 'report.html', 'comment.md', 'junit.xml'])
      expect(existsSync(join(folder, '.weighin/runs/churn', name)), name).toBe(true);
    if (expected) expect(log).toContain('::error::churn: stopped');
    expect(github.requests).toEqual([]);
  });

  it('tells a mistake of the user (2) from the surroundings (3)', async () => {
    const nowhere = await step('weighin', workspace(), { config: 'missing.yaml' });
    expect(nowhere).toMatchObject({
      code: 2,
      log: expect.stringContaining('::error title=CONFIG_NOT_FOUND'),
      outputs: { verdict: 'error' },
    });
    const unknown = await step('validate-data', workspace(), { model: 'chrun' });
    expect(unknown).toMatchObject({ code: 2, log: expect.stringContaining('MODEL_UNKNOWN') });
    const word = await step('report', workspace(), { 'fail-on': 'warnings' });
    expect(word).toMatchObject({ code: 2, log: expect.stringContaining('Did you mean warn?') });
    const event = await step('weighin', workspace(), {}, { GITHUB_EVENT_PATH: '/nonexistent' });
    expect(event).toMatchObject({ code: 3, log: expect.stringContaining('EVENT_UNREADABLE'), outputs: { verdict: 'error' } });
  });

  it('annotates every mistake of the configuration at its own line, from the top of the repository', async () => {
    const folder = workspace();
    const file = join(folder, 'weighin.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('task: binary', 'task: binray').replace('training:', 'traning:'));
    const { code, log } = await step('weighin', join(folder, '..'), { 'working-directory': folder.slice(folder.lastIndexOf('/') + 1) });
    expect(code, log).toBe(2);
    const folderName = folder.slice(folder.lastIndexOf('/') + 1);
    expect([...log.matchAll(/^::error title=\w+,file=([^,]+),line=(\d+)/gm)].map(([, path, line]) => `${path}:${line}`)).toEqual([
      `${folderName}/weighin.yaml:5`,
      `${folderName}/weighin.yaml:8`,
    ]);
  });

  it('keeps one broken model from hiding another', async () => {
    const folder = workspace({ models: ['churn', 'fraud'] });
    const file = join(folder, 'weighin.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/training: \{trainer: logistic-regression\}/, 'training: {command: "exit 3"}'));
    const { code, log, outputs } = await step('weighin', folder, { comment: 'off' });
    expect(code, log).not.toBe(0);
    expect(outputs['verdict']).toBe('error');
    expect(outputs['summary']).toMatch(/^churn: .*\nfraud: /);
    expect(Object.keys(JSON.parse(outputs['model-digest'] ?? '{}'))).toEqual(['fraud']);
    expect(outputs).toMatchObject({ report: '.weighin/runs', artifact: 'churn+fraud-1' });
  });

  it('plans without weighing', async () => {
    const folder = workspace({ models: ['churn', 'fraud'] });
    const { code, outputs, log } = await step('weighin', folder, { plan: 'true' });
    expect(code, log).toBe(0);
    expect(outputs['matrix']).toBe('{"model":["churn","fraud"]}');
    expect(existsSync(join(folder, '.weighin'))).toBe(false);
  });

  it('that works on one model asks which', async () => {
    const { code, log } = await step('train-model', workspace({ models: ['churn', 'fraud'] }));
    expect(code).toBe(2);
    expect(log).toContain('MODEL_NOT_NAMED');
    expect(log).toContain('churn, fraud');
  });

  it('that comes too early says what to run first', async () => {
    for (const action of ['train-model', 'evaluate-model', 'report']) {
      const { code, log } = await step(action, workspace(), { comment: 'off' });
      expect(code, log).toBe(2);
      expect(log).toMatch(/STEP_MISSING|NOTHING_TO_REPORT/);
    }
  });

  it('of a fork stays green for what it may not read, one step after the other', async () => {
    const folder = workspace({ store: 's3://acme-models/churn' });
    const event = join(mkdtempSync(join(tmpdir(), 'weighin-event-')), 'event.json');
    const fork = { ...payload.pull_request, head: { ...payload.pull_request.head, repo: { full_name: 'mallory/models' } } };
    writeFileSync(event, JSON.stringify({ ...payload, pull_request: fork }));
    const env = { GITHUB_EVENT_PATH: event, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
    for (const [action, verdict] of [
      ['weighin', 'inconclusive'],
      ['validate-data', 'pass'],
      ['train-model', 'pass'],
      ['evaluate-model', 'inconclusive'],
      ['report', 'inconclusive'],
    ] as const) {
      const { code, log, outputs } = await step(action, folder, { 'fail-on': 'warn' }, env);
      expect(code, `${action}\n${log}`).toBe(0);
      expect(outputs['verdict'], action).toBe(verdict);
      const told = join(folder, '.weighin/runs/churn/report.json');
      if (action === 'weighin' || action === 'report')
        expect(JSON.parse(readFileSync(told, 'utf8')), action).toMatchObject({ verdict, blocks: false });
      if (verdict === 'inconclusive') expect(log, action).toContain('::notice title=NO_CREDENTIALS');
    }
    expect(github.requests).toEqual([]);
  });
});
