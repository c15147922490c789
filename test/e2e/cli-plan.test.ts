import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';

const model = (name: string) => `  ${name}:
    task: binary
    code: [${name}/**]
    data: {source: ${name}.csv, label: y}
    training: {command: python ${name}/train.py}
    evaluation: {gates: [{metric: roc_auc, min: 0.8}]}
`;

let root = '';
const git = (...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], { cwd: root, encoding: 'utf8' });
async function write(name: string, text: string) {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), text);
}
const plan = async (...words: string[]) => {
  const { status, stdout, stderr } = await weighin(['plan', '--json', '-', ...words], { cwd: root });
  return { status, stderr, json: JSON.parse(stdout) };
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-plan-'));
  git('init', '--quiet', '-b', 'main', '.');
  await write('weighin.yaml', `version: 1\nmodels:\n${model('churn')}${model('fraud')}`);
  await write('churn/train.py', 'print(1)\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  git('switch', '--quiet', '-c', 'work');
});

describe('what a change reaches', () => {
  it('is nothing where nothing changed', async () => {
    const { status, json } = await plan();
    expect([status, json.affected, json.changed]).toEqual([0, [], []]);
    expect((await weighin(['plan'], { cwd: root })).stdout).toMatch(
      /○ churn {2}nothing of it changed\n {2}○ fraud {2}nothing of it changed\nNothing to weigh\.\n$/,
    );
  });

  it('is one model, by a commit or by an edit that is not committed yet', async () => {
    await write('churn/train.py', 'print(2)\n');
    git('commit', '--quiet', '-am', 'second');
    await write('fraud.csv', 'y\n1\n');
    const { json } = await plan('--base', 'main');
    expect(json).toMatchObject({
      base: git('rev-parse', 'main').trim(),
      changed: ['churn/train.py', 'fraud.csv'],
      affected: ['churn', 'fraud'],
      models: [
        { model: 'churn', affected: true, reasons: ['code: churn/train.py changed'] },
        { model: 'fraud', affected: true, reasons: ['data: fraud.csv changed'] },
      ],
    });
  });

  it('is every model where the base is not in this clone, and says so', async () => {
    const { stdout, stderr, status } = await weighin(['plan', '--json'], { cwd: root, env: { GITHUB_BASE_REF: 'release' } });
    expect([status, JSON.parse(stdout).affected, JSON.parse(stdout).changed]).toEqual([0, ['churn', 'fraud'], null]);
    expect(stderr).toBe(
      'warning: origin/release is not in this clone, so every model is listed. In Actions set fetch-depth: 0 on actions/checkout.\n',
    );
    expect((await weighin(['plan', '--quiet'], { cwd: root, env: { GITHUB_BASE_REF: 'release' } })).stderr).toBe('');
  });

  it('refuses a base that was asked for and is not there', async () => {
    expect(await weighin(['plan', '--base', 'gone'], { cwd: root })).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('[BASE_NOT_FOUND]'),
    });
    expect((await weighin(['plan', '--base=--output=x'], { cwd: root })).status).toBe(2);
  });
});

it('writes JSON to a file, and then tells people on stdout', async () => {
  const { stdout } = await weighin(['plan', '--json', 'out/plan.json'], { cwd: root });
  expect(stdout).toContain('weighin.yaml is right: 2 models, mode enforce');
  expect(JSON.parse(await readFile(join(root, 'out/plan.json'), 'utf8')).config).toMatchObject({
    file: 'weighin.yaml',
    mode: 'enforce',
    policy: expect.stringMatching(/^sha256:/),
  });
  expect(await weighin(['plan', '--json', 'weighin.yaml/x.json'], { cwd: root })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('[OUTPUT_UNWRITABLE]'),
  });
});

it('does without Git, unless a base was named', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'weighin-plan-'));
  await writeFile(join(cwd, 'weighin.yaml'), `version: 1\nmodels:\n${model('churn')}`);
  expect((await weighin(['plan'], { cwd })).stdout).toContain('● churn  no base to compare with');
  expect(await weighin(['plan', '--base', 'main'], { cwd })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('[NOT_A_REPOSITORY]'),
  });
});
