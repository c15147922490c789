import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../shared/config/config-error.ts';
import { assertSupported, loadConfig } from '../../../shared/config/load-config.ts';
import { policyDigest } from '../../../shared/config/policy-digest.ts';
import { UserError } from '../../../shared/errors.ts';
import { config, folderOf, loadText, refused } from './config-text.ts';

const data = join(import.meta.dirname, 'data');

describe("the design's own files", () => {
  it('reads the smallest, with every default in place', async () => {
    const { config: read, blocked, notices } = await loadConfig('smallest.yaml', { root: data });
    expect(read).toMatchObject({ mode: 'advise', privacy: { values: 'deny' } });
    expect(read.models['churn']).toMatchObject({
      data: { split: { by: 'stratified', train: 0.7, validation: 0.15, test: 0.15, seed: 42 }, features: [] },
      training: { seed: 42, timeout: '1h' },
      evaluation: { maxRows: 1_000_000, defaults: { ci: { method: 'auto', level: 0.9, resamples: 2000, seed: 7 } } },
    });
    expect(blocked).toEqual([]);
    expect(notices.map((notice) => notice.path.join('.'))).toEqual([]);
  });

  it('reads the whole, and says which words of it wait', async () => {
    const loaded = await loadConfig('whole.yaml', { root: data });
    expect(loaded.blocked.map(({ model, path, location }) => [model, path.join('.'), location.line])).toEqual([
      ['churn', 'models.churn.training.search', 27],
      ['churn', 'models.churn.evaluation.gates.3.group', 44],
      ['churn', 'models.churn.evaluation.gates.3.metric', 44],
    ]);
    expect(
      loaded.notices.map(({ path }) =>
        path.filter((step) => !['models', 'churn', 'stages', 'evaluation'].includes(String(step))).join('.'),
      ),
    ).toEqual(['decisions', 'costs', 'staging.verify']);
    expect(loaded.config.models['churn']?.evaluation.maxRows).toBe(1_000_000);
    expect(loaded.config.models['churn']?.data?.positive).toBe('1');
    expect(() => assertSupported(loaded, 'churn')).toThrowError(
      expect.objectContaining({
        code: 'NOT_YET_SUPPORTED',
        location: { file: 'whole.yaml', line: 27, column: 7 },
        message: expect.stringContaining('`models.churn.training.search` is not run yet; set params, or search inside your command.'),
      }),
    );
  });
});

describe('places', () => {
  it('knows where a value stands, and of what is not written where it would', async () => {
    const loaded = await loadConfig('whole.yaml', { root: data });
    const text = (await readFile(join(data, 'whole.yaml'), 'utf8')).split('\n');
    const { file, line, column } = loaded.locate(['models', 'churn', 'evaluation', 'gates', 2, 'compare', 'maxRegression']);
    expect([file, text[line! - 1]?.slice(column! - 1).startsWith('0.02')]).toEqual(['whole.yaml', true]);
    const missing = loaded.locate(['models', 'churn', 'training', 'timeout']);
    expect(text[missing.line! - 1]?.slice(missing.column! - 1)).toBe('training:');
  });

  it('names files as seen from the root, wherever they lie', async () => {
    const root = await folderOf({ 'teams/a/weighin.yaml': config() });
    const loaded = await loadConfig('teams/a/weighin.yaml', { root });
    expect([loaded.file, loaded.rootOf('churn'), loaded.fileOf('churn')]).toEqual([
      'teams/a/weighin.yaml',
      join(root, 'teams/a'),
      'teams/a/weighin.yaml',
    ]);
  });
});

describe('mistakes', () => {
  it('lists every one, in order, with line, column and the nearest key', async () => {
    const text = [
      'version: 1',
      'mod: advise',
      'models:',
      '  churn:',
      '    task: binry',
      '    data: {source: data.csv, lable: y}',
      '    traning:',
      '      command: python train.py',
      '    evaluation:',
      '      gates:',
      '        - {metric: roc_auc, min: "0.8O", max_regression: 1}',
      '        - {metric: roc_auc}',
      '      soak: 24h',
    ].join('\n');
    expect(await refused(text)).toEqual([
      'weighin.yaml:2:1 `mod` is not a key of the configuration; nearest: `mode`.',
      'weighin.yaml:5:11 models.churn.task is "binry", which is not one of binary, multiclass, regression, ranking; nearest: binary.',
      'weighin.yaml:6:5 models.churn.data.label is missing.',
      'weighin.yaml:6:30 `lable` is not a key of models.churn.data; nearest: `label`.',
      'weighin.yaml:7:5 `traning` is not a key of models.churn; nearest: `training`.',
      'weighin.yaml:11:34 models.churn.evaluation.gates[0].min must be a number or a size such as 50MB, not "0.8O".',
      'weighin.yaml:11:42 `max_regression` is not a key of models.churn.evaluation.gates[0]; `maxRegression` belongs to models.<name>.evaluation.gates[].compare.',
      'weighin.yaml:12:11 models.churn.evaluation.gates[1] needs exactly one of min, above, max, below, compare.',
      'weighin.yaml:13:7 `soak` is not a key of models.churn.evaluation; it belongs to models.<name>.stages.<name>.',
    ]);
  });

  it('has one code for unknown keys alone, and the first place as its own', async () => {
    const error = await loadText(config({ traning: '{}' })).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', location: { file: 'weighin.yaml', line: 8, column: 5 } });
  });

  it.each([
    ['a missing model part', config({ evaluation: '' }), '3:3 models.churn.evaluation is missing.'],
    [
      'no gates',
      config({ evaluation: '{gates: []}' }),
      '7:25 models.churn.evaluation.gates needs a gate: with none, nothing would be judged.',
    ],
    ['an empty value', config({ training: '~' }), '6:5 models.churn.training has no value; write one, or leave the line out.'],
    ['empty text', config({ data: '{source: "", label: y}' }), '5:20 models.churn.data.source must be text that is not empty, not "".'],
    ['a list for a mapping', config({ data: '[a]' }), '5:11 models.churn.data must be a mapping of keys to values, not a list.'],
    ['a number for text', config({ data: '{source: 5, label: y}' }), '5:20 models.churn.data.source must be text, not 5.'],
    [
      'a fraction',
      config({ data: '{source: a, label: y, split: {seed: 1.5}}' }),
      'models.churn.data.split.seed must be a whole number, not 1.5.',
    ],
    [
      'too much',
      config({ evaluation: '{threshold: 2, gates: [{metric: a, min: 0}]}' }),
      'models.churn.evaluation.threshold must be at most 1, not 2.',
    ],
    ['too little', config({ data: '{source: a, label: y, split: {test: 0}}' }), 'models.churn.data.split.test must be more than 0, not 0.'],
    ['infinity', config({ evaluation: '{gates: [{metric: a, min: .inf}]}' }), 'gates[0].min must be'],
    [
      'a bad duration',
      config({ training: '{command: a, timeout: 3 days}' }),
      'models.churn.training.timeout must be a duration such as 30s, 24h or 7d, not "3 days".',
    ],
    [
      'two ways to train',
      config({ training: '{command: a, trainer: logistic-regression}' }),
      'models.churn.training has both command and trainer; keep one.',
    ],
    [
      'two limits',
      config({ evaluation: '{gates: [{metric: a, compare: {maxRegression: 1, maxRelative: 1}}]}' }),
      'needs exactly one of maxRegression, minImprovement, maxRelative.',
    ],
    ['another version', `${config().replace('version: 1', 'version: 2')}`, '1:10 version must be 1, not 2.'],
    ['no version', config().replace('version: 1\n', ''), '1:1 version is missing.'],
    ['no models', 'version: 1\n', '1:1 There are no models: nothing would be judged. Name one under `models:`.'],
    ['no models under models', 'version: 1\nmodels: {}\n', '2:9 There are no models'],
    ['models without a value', 'version: 1\nmodels:\n', '2:1 models has no value'],
    [
      'a name with capitals',
      config().replace('churn:', 'Churn Model:'),
      '3:3 `Churn Model` is not a name of a-z, 0-9 and "-", at most 63 characters.',
    ],
    ['a name that climbs', config().replace('churn:', '../../x:'), '3:3 `../../x` is not a name of a-z'],
    ['a name that is too long', config().replace('churn:', `${'a'.repeat(64)}:`), 'is not a name of a-z'],
    [
      'a secret in the open',
      config({}, 'notify: [{webhook: "https://hooks.example/T0P-SECRET"}]\n'),
      '8:20 notify[0].webhook must be a mapping of keys to values, not what stands there.',
    ],
    [
      'a verify of neither kind',
      config({ stages: '{production: {verify: [{htp: "https://a"}]}}' }),
      '`htp` is not a key of models.churn.stages.production.verify[0]; nearest: `http`.',
    ],
    ['a list at the top', '- a\n', '1:1 the configuration must be a mapping of keys to values, not a list.'],
    ['an empty file', '', '1:1 The file is empty; `weighin init --data FILE` writes one for your data.'],
    ['a file of comments', '# nothing\n', 'The file is empty'],
  ])('names %s', async (_, text, line) => {
    const lines = await refused(text);
    expect(lines.join('\n')).toContain(line.startsWith('1') || /^\d+:\d/.test(line) ? `weighin.yaml:${line}` : line);
  });

  it('names a missing file, and the way out', async () => {
    const root = await folderOf({ 'a/b.txt': '' });
    await expect(loadConfig('weighin.yaml', { root })).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: 'There is no weighin.yaml here.',
      hint: '`weighin init --data FILE` writes one for your data; --config names another place.',
    });
    await expect(loadConfig('a', { root })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND', message: 'a is a folder.' });
  });

  it('refuses bytes that are no text', async () => {
    const root = await folderOf({});
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(root, 'weighin.yaml'), Buffer.from([0x76, 0xff, 0xfe, 0x00]));
    await expect(loadConfig('weighin.yaml', { root })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'weighin.yaml is not UTF-8 text.',
    });
  });

  it('lets nothing invisible out of a message', async () => {
    const [line] = await refused(config({ '"tr\\e[31maning\\u202e"': '{}' }));
    expect(line).toContain('`tr⟨U+001B⟩[31maning⟨U+202E⟩` is not a key of models.churn');
  });
});

describe('policy digest', () => {
  const digestOf = async (text: string) => (await loadText(text)).digest;

  it('is the same whatever the order, the comments and the notation', async () => {
    const one = await digestOf(config({ stages: '{production: {approvals: 1}, staging: {}}' }));
    const other = await digestOf(`# hello\n${config({ stages: '{staging: {}, production: {approvals: 0x1}}' })}`);
    expect(other).toBe(one);
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('changes with gates, split and stages, not with training or source', async () => {
    const base = await digestOf(config());
    expect(await digestOf(config({ evaluation: '{gates: [{metric: roc_auc, min: 0.7}]}' }))).not.toBe(base);
    expect(await digestOf(config({ data: '{source: data.csv, label: y, split: {seed: 1}}' }))).not.toBe(base);
    expect(await digestOf(config({ stages: '{production: {}}' }))).not.toBe(base);
    expect(await digestOf(config({}, 'mode: advise\n'))).not.toBe(base);
    expect(await digestOf(config({ training: '{command: python other.py}' }))).toBe(base);
    expect(await digestOf(config({ data: '{source: other.csv, label: y}' }))).toBe(base);
  });

  it('of one model does not move with another', async () => {
    const one = await loadText(config());
    const two = await loadText(
      `${config()}  other: {task: binary, data: {source: a, label: y}, training: {command: b}, evaluation: {gates: [{metric: a, min: 0}]}}\n`,
    );
    expect(policyDigest(two.config, 'churn')).toBe(policyDigest(one.config, 'churn'));
    expect(two.digest).not.toBe(one.digest);
  });
});
