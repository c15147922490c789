import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Arguments, CommandSpec } from '../../../cli/command.ts';
import { parseArguments, splitCommand } from '../../../cli/parse-arguments.ts';
import { UserError } from '../../../shared/errors.ts';

const command = {
  name: 'weigh',
  summary: 'Weigh',
  description: [],
  positionals: [
    { name: 'model', description: 'Which model.' },
    { name: 'files', description: 'Which files.', many: true },
  ],
  options: {
    data: { description: 'The data.', kind: 'path' },
    seed: { description: 'The seed.', kind: 'number', default: '7' },
    task: { description: 'The task.', values: ['binary', 'multiclass'] },
    cache: { description: 'Reuse.', kind: 'flag', default: 'true' },
    force: { description: 'Overwrite.', kind: 'flag' },
  },
  examples: [],
} as const satisfies CommandSpec;
const bare = { ...command, positionals: [] } as const satisfies CommandSpec;

const parse = (...words: string[]) => parseArguments(words, command);
const failure = (words: readonly string[], spec: CommandSpec = command) => {
  try {
    parseArguments(words, spec);
  } catch (error) {
    if (error instanceof UserError) return [error.code, error.message, error.hint];
    throw error;
  }
  throw new Error('nothing was refused');
};

it('types what run receives by what the command declares', () => {
  expectTypeOf<Arguments<typeof command>>().toMatchObjectType<{
    readonly data: string | undefined;
    readonly seed: number;
    readonly task: 'binary' | 'multiclass' | undefined;
    readonly force: boolean;
    readonly model: string | undefined;
    readonly files: readonly string[];
  }>();
});

describe('words become arguments', () => {
  it('gives defaults where nothing is said', () => {
    expect(parse()).toEqual({
      args: { data: undefined, seed: 7, task: undefined, cache: true, force: false, model: undefined, files: [] },
      global: { config: 'weighin.yaml', json: undefined, quiet: false, color: true, help: false },
    });
  });

  it.each([
    [['--data=a=b.csv'], { data: 'a=b.csv' }],
    [['--data', '-'], { data: '-' }],
    [['--seed', '-3'], { seed: -3 }],
    [['--seed=1_000'], { seed: 1000 }],
    [['--no-cache', '--force'], { cache: false, force: true }],
    [['--force=false', '--cache=true'], { cache: true, force: false }],
    [['churn', 'a', 'b'], { model: 'churn', files: ['a', 'b'] }],
    [['--', '--data', '-x'], { model: '--data', files: ['-x'] }],
    [['--data=--x'], { data: '--x' }],
  ])('%j', (words, args) => expect(parse(...words).args).toMatchObject(args));

  it.each<[string[], string | undefined, string | undefined]>([
    [['--json'], '-', undefined],
    [['--json', '-'], '-', undefined],
    [['--json=out'], 'out', undefined],
    [['--json', 'out.json'], 'out.json', undefined],
    [['--json', './out', 'churn'], './out', 'churn'],
    [['churn', '--json'], '-', 'churn'],
    // A model's name is no file.
    [['--json', 'churn'], '-', 'churn'],
    [['--json', '--force', 'out.json'], '-', 'out.json'],
  ])('--json takes a file or none: %j', (words, json, model) => {
    const { global, args } = parse(...words);
    expect([global.json, args['model']]).toEqual([json, model]);
  });

  it('gives --json any word where the command takes none', () => expect(parseArguments(['--json', 'OUT'], bare).global.json).toBe('OUT'));

  it('explains instead of reading, where help is wanted', () => {
    expect(parse('--help', '--seed', 'x').global.help).toBe(true);
    expect(parse('-h', '-q').global).toMatchObject({ help: true, quiet: true });
  });
});

it.each([
  [['--dta', 'x'], 'FLAG_UNKNOWN', '`--dta` is not a flag of `weighin weigh`.', 'Did you mean `--data`?'],
  [['--no-cahce'], 'FLAG_UNKNOWN', '`--no-cahce` is not a flag of `weighin weigh`.', 'Did you mean `--no-cache`?'],
  [['--no-data'], 'FLAG_UNKNOWN', '`--no-data` is not a flag of `weighin weigh`.', 'Did you mean `--data`?'],
  [['--frobnicate'], 'FLAG_UNKNOWN', '`--frobnicate` is not a flag of `weighin weigh`.', '`weighin help weigh` lists its flags.'],
  [['-x'], 'FLAG_UNKNOWN', '`-x` is not a flag of `weighin weigh`.', '`weighin help weigh` lists its flags.'],
  [['--__proto__=1'], 'FLAG_UNKNOWN', '`--__proto__` is not a flag of `weighin weigh`.', '`weighin help weigh` lists its flags.'],
  [['--\u001b[31m'], 'FLAG_UNKNOWN', '`--⟨U+001B⟩[31m` is not a flag of `weighin weigh`.', '`weighin help weigh` lists its flags.'],
  [['--data'], 'FLAG_VALUE_MISSING', '`--data` needs a value.', 'Write `--data FILE`, or `--data=…` for a value that begins with a dash.'],
  [
    ['--data', '--force'],
    'FLAG_VALUE_MISSING',
    '`--data` needs a value.',
    'Write `--data FILE`, or `--data=…` for a value that begins with a dash.',
  ],
  [['--data='], 'FLAG_VALUE_MISSING', '`--data` needs a value.', 'Write `--data FILE`, or `--data=…` for a value that begins with a dash.'],
  [['--data', 'a', '--data', 'b'], 'FLAG_TWICE', '`--data` was given twice.', 'Keep one.'],
  [['--no-cache=1'], 'FLAG_TAKES_NO_VALUE', '`--no-cache` takes no value.', 'Leave the value out.'],
  [['--force=yes'], 'INPUT_INVALID', '`--force` is "yes", which is neither true nor false.', 'Write true or false.'],
  [['--seed', 'many'], 'INPUT_INVALID', '`--seed` is "many", which is not a number.', 'Write a number: The seed.'],
  [['--task', 'binry'], 'INPUT_INVALID', '`--task` is "binry", which is not one of binary, multiclass.', 'Did you mean binary?'],
])('refuses %j', (words, ...expected) => expect(failure(words)).toEqual(expected));

it('refuses a word too many and one too few', () => {
  expect(failure(['x'], bare)).toEqual([
    'ARGUMENT_EXTRA',
    '`x` is one word too many for `weighin weigh`.',
    'It takes options only: perhaps a `--` is missing.',
  ]);
  const needy: CommandSpec = { ...command, positionals: [{ name: 'model', description: 'Which model.', required: true }] };
  expect(failure([], needy)).toEqual([
    'ARGUMENT_MISSING',
    'MODEL is missing: which model.',
    '`weighin help weigh` shows how it is called.',
  ]);
  expect(failure(['a', 'b'], needy)[2]).toBe('It takes MODEL and options; a glob stands in quotes, or the shell makes words of it.');
  const required: CommandSpec = { ...bare, options: { data: { description: 'CSV or Parquet.', required: true } } };
  expect(failure([], required)).toEqual(['INPUT_MISSING', '`--data` is required.', 'Give it: CSV or Parquet.']);
});

it.each<[string[], string | undefined, string[]]>([
  [['run', 'churn', '--x'], 'run', ['churn', '--x']],
  [['--quiet', 'run'], 'run', ['--quiet']],
  [['--config', 'a.yaml', 'plan', '--json'], 'plan', ['--config', 'a.yaml', '--json']],
  [['--config=a.yaml', 'plan'], 'plan', ['--config=a.yaml']],
  [['--version'], undefined, ['--version']],
  [[], undefined, []],
  [['--', 'run'], undefined, ['--', 'run']],
])('finds the command in %j', (words, name, rest) => expect(splitCommand(words)).toEqual({ name, rest }));
