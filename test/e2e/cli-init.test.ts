import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';

const customers = (rows = 300) =>
  [
    'customer_id,region,amount,churned',
    ...Array.from(
      { length: rows },
      (_, index) => `${index},${['north', 'south'][index % 2]},${(index * 37) % 101},${Number(index % 4 === 0)}`,
    ),
  ].join('\n');

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-init-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
const written = ['.github/workflows/weighin.yml', 'contracts/churned.odcs.yaml', 'weighin.yaml'];
const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\/\.git(?:\/|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('weighin init', () => {
  it('writes three files that the reader takes, and says what is next', async () => {
    const cwd = await project({ 'data/customers.csv': customers() });
    const { status, stdout } = await weighin(['init', '--data', 'data/customers.csv'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /label churned \(by its name\): 1 counts as positive, 25\.0 % of 300 rows\n {2}id customer_id: unique in every row\n/,
    );
    expect(stdout).toContain('weighin run');
    expect(await filesOf(cwd)).toEqual([...written.slice(0, 2), 'data/customers.csv', 'weighin.yaml']);
    expect((await readFile(join(cwd, 'weighin.yaml'), 'utf8')).split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=/);
    expect((await weighin(['plan'], { cwd })).stdout).toContain('weighin.yaml is right: one model, mode advise');
  });

  it('adds the bot to a configuration that is there, and leaves it as it is', async () => {
    const cwd = await project({ 'weighin.yaml': '# ours\n' });
    const { status, stdout } = await weighin(['init', '--bot=workflow'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toContain('register: "off"');
    const workflows = ['bot', 'review', 'weigh'].map((name) => `.github/workflows/weighin-${name}.yml`);
    expect(await filesOf(cwd)).toEqual([...workflows, 'weighin.yaml']);
    expect(await readFile(join(cwd, 'weighin.yaml'), 'utf8')).toBe('# ours\n');
    expect((await weighin(['init', '--bot'], { cwd: await project({}) })).stderr).toContain('INPUT_MISSING');
    expect((await weighin(['init'], { cwd })).stderr).toContain('INPUT_MISSING');
  });

  it('gives machines what it found', async () => {
    const cwd = await project({ 'c.csv': customers(), 'src/train.py': 'WEIGHIN_OUTPUT', 'requirements.txt': '' });
    execFileSync('git', ['init', '--quiet', '-b', 'trunk', '.'], { cwd });
    execFileSync('git', ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk'], { cwd });
    const { stdout } = await weighin(['init', '--data=c.csv', '--model=churn', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'churn',
      files: { config: 'weighin.yaml', contract: 'contracts/churn.odcs.yaml', workflow: '.github/workflows/weighin.yml' },
      columns: { label: 'churned', positive: '1', id: 'customer_id', time: null, excluded: [] },
      project: { tool: 'pip', setup: 'pip install -r requirements.txt', train: 'src/train.py', trainKnowsWeighin: true },
      defaultBranch: 'trunk',
    });
    expect(await readFile(join(cwd, 'weighin.yaml'), 'utf8')).toContain(
      '    training: {setup: pip install -r requirements.txt, command: python src/train.py}\n',
    );
  });

  it('lays the workflow where GitHub looks for it, and points it at the folder', async () => {
    const top = await project({ 'teams/a/c.csv': customers() });
    execFileSync('git', ['init', '--quiet', '-b', 'main', '.'], { cwd: top });
    expect((await weighin(['init', '--data', 'c.csv'], { cwd: join(top, 'teams/a') })).status).toBe(0);
    expect(await filesOf(top)).toEqual([
      '.github/workflows/weighin.yml',
      'teams/a/c.csv',
      'teams/a/contracts/churned.odcs.yaml',
      'teams/a/weighin.yaml',
    ]);
    expect(await readFile(join(top, '.github/workflows/weighin.yml'), 'utf8')).toContain('with: {working-directory: teams/a}');
  });

  it('writes the weigh run beside a bot, and the bot itself where nobody hosts it', async () => {
    const asked = async (...words: string[]) => {
      const cwd = await project({ 'c.csv': customers() });
      const { status, stdout } = await weighin(['init', '--data', 'c.csv', ...words, '--json', '-'], { cwd });
      expect(status).toBe(0);
      const workflows = (await filesOf(cwd))
        .filter((name) => name.startsWith('.github'))
        .map((name) => name.slice('.github/workflows/'.length));
      return { cwd, workflows, bot: JSON.parse(stdout).files.bot };
    };
    const app = await asked('--bot');
    expect(app.workflows).toEqual(['weighin-weigh.yml', 'weighin.yml']);
    expect(app.bot).toEqual(['.github/workflows/weighin-weigh.yml']);
    expect(await readFile(join(app.cwd, 'weighin.yaml'), 'utf8')).toMatch(/^store: github /m);
    expect((await weighin(['plan'], { cwd: app.cwd })).status).toBe(0);
    expect((await asked('--bot=workflow')).workflows).toEqual([
      'weighin-bot.yml',
      'weighin-review.yml',
      'weighin-weigh.yml',
      'weighin.yml',
    ]);
    const { status, stderr } = await weighin(['init', '--data', 'c.csv', '--bot=server'], { cwd: app.cwd });
    expect([status, stderr.includes('app, workflow')]).toEqual([2, true]);
  });

  it('never writes over what is there, and writes nothing else then', async () => {
    const cwd = await project({ 'c.csv': customers(), 'weighin.yaml': 'mine' });
    const { status, stderr } = await weighin(['init', '--data', 'c.csv'], { cwd });
    expect([status, stderr.includes('✖ weighin.yaml is there already; nothing was written. [INIT_WOULD_OVERWRITE]')]).toEqual([2, true]);
    expect(await filesOf(cwd)).toEqual(['c.csv', 'weighin.yaml']);
    expect((await weighin(['init', '--data', 'c.csv', '--force'], { cwd })).status).toBe(0);
    expect(await readFile(join(cwd, 'weighin.yaml'), 'utf8')).toContain('mode: advise');
  });

  it.each<[string, string, string[], string]>([
    [
      'a label that nobody can guess',
      'a,b,left\n1,2,0\n2,2,1\n3,3,1\n',
      [],
      '[LABEL_NOT_FOUND]\n→ Say it with --label. Columns that have two values: b, left.',
    ],
    ['a label that is not there', customers(), ['--label', 'chruned'], '[LABEL_UNKNOWN]\n→ Did you mean churned?'],
    ['a label of many values', customers(), ['--label', 'amount'], '[LABEL_NOT_BINARY]'],
    ['a name that is none', customers(), ['--model', '../../x'], '[MODEL_NAME_INVALID]'],
    ['a file without rows', 'y,x\n', [], '[DATA_EMPTY]'],
  ])('asks for help with %s', async (_, csv, words, message) => {
    const cwd = await project({ 'c.csv': csv });
    const { status, stderr } = await weighin(['init', '--data', 'c.csv', ...words], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(await filesOf(cwd)).toEqual(['c.csv']);
  });

  it('says that the data is missing', async () => {
    const cwd = await project({});
    const { status, stderr } = await weighin(['init', '--data', 'gone.csv'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain('gone.csv');
    expect(await filesOf(cwd)).toEqual([]);
  });

  it('writes what passes at once, also when it blocks', async () => {
    const noisy = [
      'customer_id,signup,region,amount,churned',
      ...Array.from({ length: 2_000 }, (_, index) => {
        const amount = (index * 7919) % 101;
        return `${index},2024-${String(1 + (index % 12)).padStart(2, '0')}-01,${['north', 'south'][index % 2]},${amount},${Number((index * 104_729) % 101 < amount / 2)}`;
      }),
    ].join('\n');
    const cwd = await project({ 'customers.csv': noisy });
    expect((await weighin(['init', '--data', 'customers.csv'], { cwd })).status).toBe(0);
    const text = await readFile(join(cwd, 'weighin.yaml'), 'utf8');
    await writeFile(join(cwd, 'weighin.yaml'), text.replace('mode: advise ', 'mode: enforce'));
    const { status, stdout, stderr } = await weighin(['run', '--json', 'run.json'], { cwd });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('✖')]);
    expect(stdout).toContain('✓ churned');
    const report = JSON.parse(await readFile(join(cwd, '.weighin/runs/churned/report.json'), 'utf8'));
    expect([report.verdict, report.mode]).toEqual(['pass', 'enforce']);
  });
});
