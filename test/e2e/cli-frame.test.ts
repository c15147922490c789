import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../cli/command-table.ts';
import { weighin } from '../support/built-cli.ts';

async function folderOf(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-cli-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
const nowhere = await folderOf();
const smallest = `version: 1
models:
  churn:
    task: binary
    data: {source: data.csv, label: y}
    training: {command: python train.py}
    evaluation: {gates: [{metric: roc_auc, min: 0.8}]}
`;

describe('help', () => {
  it.each([[['help']], [[]], [['--help']], [['--no-color', '--help']]])('%j lists the commands', async (words) => {
    const { status, stdout, stderr } = await weighin(words, { cwd: nowhere });
    expect([status, stderr]).toEqual([0, '']);
    for (const [name, { summary }] of Object.entries(commandTable)) {
      expect(stdout).toContain(`  ${name} `);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(summary);
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each(['init', 'plan', 'help'])('of %s reads as it was written down', async (name) => {
    const { status, stdout } = await weighin(['help', name], { cwd: nowhere });
    expect(status).toBe(0);
    await expect(stdout).toMatchFileSnapshot(join(import.meta.dirname, `golden/help-${name}.txt`));
  });

  it('of a command is the same from both sides', async () => {
    const [asked, flag] = await Promise.all([weighin(['help', 'plan'], { cwd: nowhere }), weighin(['plan', '--help'], { cwd: nowhere })]);
    expect(flag).toEqual(asked);
  });

  it('is coloured only where that is wanted', async () => {
    const plain = await weighin(['help'], { cwd: nowhere });
    const forced = await weighin(['help'], { cwd: nowhere, env: { FORCE_COLOR: '1' } });
    const refused = await weighin(['help'], { cwd: nowhere, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    const flagged = await weighin(['help', '--no-color'], { cwd: nowhere, env: { FORCE_COLOR: '1' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
    const strip = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
    expect(forced.stdout).toContain('\u001b[1m');
    expect([strip(forced.stdout), refused.stdout, flagged.stdout]).toEqual([plain.stdout, plain.stdout, plain.stdout]);
  });
});

it.each(['--version', '-v'])('%s is one line', async (flag) => {
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
  expect(await weighin([flag], { cwd: nowhere })).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

describe('exit code 2, one clear error and nothing on stdout', () => {
  it.each<[string[], string]>([
    [['plna'], '✖ `plna` is not a command of weighin. [COMMAND_UNKNOWN]\n→ Did you mean `weighin plan`?\n'],
    [['frobnicate'], '✖ `frobnicate` is not a command of weighin. [COMMAND_UNKNOWN]\n→ `weighin help` lists the commands.\n'],
    [['constructor'], '✖ `constructor` is not a command of weighin. [COMMAND_UNKNOWN]\n→ `weighin help` lists the commands.\n'],
    [['--version1'], '✖ `--version1` is not a flag of `weighin help`. [FLAG_UNKNOWN]\n→ `weighin help help` lists its flags.\n'],
    [['help', 'inti'], '✖ `inti` is not a command of weighin. [COMMAND_UNKNOWN]\n→ Did you mean `weighin help init`?\n'],
    [['plan', '--bse', 'x'], '✖ `--bse` is not a flag of `weighin plan`. [FLAG_UNKNOWN]\n→ Did you mean `--base`?\n'],
    [
      ['plan', '--base'],
      '✖ `--base` needs a value. [FLAG_VALUE_MISSING]\n→ Write `--base REF`, or `--base=…` for a value that begins with a dash.\n',
    ],
    [
      ['plan'],
      '✖ There is no weighin.yaml here. [CONFIG_NOT_FOUND]\n→ `weighin init --data FILE` writes one for your data; --config names another place.\n',
    ],
    [
      ['plan', '--config', '../gone.yaml'],
      '✖ There is no ../gone.yaml here. [CONFIG_NOT_FOUND]\n→ `weighin init --data FILE` writes one for your data; --config names another place.\n',
    ],
    [['init'], '✖ `--data` is required. [INPUT_MISSING]\n→ Give it: CSV, Parquet or JSON lines; a glob takes several files.\n'],
  ])('%j', async (words, stderr) => expect(await weighin(words, { cwd: nowhere })).toEqual({ status: 2, stdout: '', stderr }));

  it('shows every mistake of a configuration with its line', async () => {
    const cwd = await folderOf({ 'weighin.yaml': smallest.replace('training:', 'traning:').replace('binary', 'binry') });
    expect(await weighin(['plan'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: `✖ 2 mistakes in the configuration [CONFIG_INVALID]

  weighin.yaml:4:11 models.churn.task is "binry", which is not one of binary, multiclass, regression, ranking; nearest: binary.
     4 │     task: binry
       │           ^

  weighin.yaml:6:5 \`traning\` is not a key of models.churn; nearest: \`training\`.
     6 │     traning: {command: python train.py}
       │     ^

→ Mend these lines and run \`weighin plan\`, which reads the file and nothing else.
`,
    });
  });

  it('says it to machines too', async () => {
    const { status, stdout } = await weighin(['plan', '--json'], { cwd: nowhere });
    expect([status, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'CONFIG_NOT_FOUND', location: { file: 'weighin.yaml' } } }]);
  });

  it('never shows a stack, unless one asked', async () => {
    const cwd = await folderOf({ 'weighin.yaml': 'a: [' });
    expect((await weighin(['plan'], { cwd })).stderr).not.toMatch(/\n\s+at /);
    expect((await weighin(['plan'], { cwd, env: { WEIGHIN_DEBUG: '1' } })).stderr).toMatch(/\n\s+at /);
  });

  it.each<[string, string, RegExp]>([
    [
      'a bomb',
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        ...Array.from(
          { length: 8 },
          (_, index) =>
            `b${index}: &b${index} [${Array(10)
              .fill(index ? `*b${index - 1}` : '*a')
              .join(',')}]`,
        ),
      ].join('\n'),
      /unfolds to more than 50,000 values/,
    ],
    ['a key of JavaScript', `${smallest}__proto__: {mode: advise}\n`, /weighin\.yaml:8:1\n\s+8 │ __proto__.*\n/],
    ['a name that climbs', smallest.replace('churn:', '../../x:'), /`\.\.\/\.\.\/x` is not a name of a-z, 0-9 and "-"/],
    ['a terminal escape', smallest.replace('churn:', '"\\e]0;owned\\a":'), /⟨U\+001B⟩\]0;owned⟨U\+0007⟩/],
    ['a merge', smallest.replace('    task:', '    <<: *x\n    task:'), /`<<` merges are not read/],
    ['a tab', smallest.replace('    task:', '\ttask:'), /A tab indents this line/],
  ])('refuses %s', async (_, text, message) => {
    const { status, stderr } = await weighin(['plan'], { cwd: await folderOf({ 'weighin.yaml': text }) });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('\u001b');
  });
});

describe('exit code 3', () => {
  it('is for surroundings that fail', async () => {
    const cwd = await folderOf({ 'weighin.yaml': smallest, '.git': 'gitdir: /nowhere/at/all\n' });
    const { status, stderr } = await weighin(['plan'], { cwd, env: { PATH: '/nonexistent' } });
    expect(status).toBe(3);
    expect(stderr).toMatch(/\[GIT_MISSING\]\n→ Trying again may help/);
  });
});

it('ends quietly when its reader has seen enough', async () => {
  const { spawnSync } = await import('node:child_process');
  const bundle = join(process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist'), 'cli.js');
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `set -o pipefail; for i in 1 2 3; do "${process.execPath}" "${bundle}" help run 2>&1 >/dev/null | true; "${process.execPath}" "${bundle}" help | head -1; done`,
    ],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
});
