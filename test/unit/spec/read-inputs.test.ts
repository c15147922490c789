import { describe, expect, expectTypeOf, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import type { ActionSpec } from '../../../shared/spec/action-spec.ts';
import { flagsOf } from '../../../shared/spec/flags-of.ts';
import { readInputs } from '../../../shared/spec/read-inputs.ts';

const spec = {
  name: 'weigh',
  summary: 'Weighs.',
  inputs: {
    config: { description: 'The config.', kind: 'path', default: 'weighin.yaml' },
    model: { description: 'The model.' },
    data: { description: 'The data.', kind: 'path', required: true },
    'fail-on': { description: 'When to fail.', values: ['error', 'warn', 'never'], default: 'error' },
    rows: { description: 'How many.', kind: 'number' },
    cache: { description: 'Reuse.', kind: 'flag', default: 'true' },
    force: { description: 'Overwrite.', kind: 'flag' },
  },
  outputs: {},
} as const satisfies ActionSpec;

const read = (given: Record<string, string>) => readInputs(spec, (name) => given[name]);
const failure = (given: Record<string, string>) => {
  try {
    read(given);
  } catch (error) {
    if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('reading inputs', () => {
  it('gives defaults, types and undefined', () => {
    const inputs = read({ data: 'a.csv', rows: '1_000', force: 'true' });
    expect(inputs).toEqual({
      config: 'weighin.yaml',
      model: undefined,
      data: 'a.csv',
      'fail-on': 'error',
      rows: 1000,
      cache: true,
      force: true,
    });
    expectTypeOf(inputs).toEqualTypeOf<{
      readonly config: string;
      readonly model: string | undefined;
      readonly data: string;
      readonly 'fail-on': 'error' | 'warn' | 'never';
      readonly rows: number | undefined;
      readonly cache: boolean;
      readonly force: boolean;
    }>();
  });

  it('takes an empty input for one that was not given, as GitHub hands it over', () => {
    expect(read({ data: ' a.csv ', model: '', config: ' ' })).toMatchObject({ data: 'a.csv', model: undefined, config: 'weighin.yaml' });
  });

  it('enforces required by itself', () => {
    expect(failure({ data: '' })).toEqual({ code: 'INPUT_MISSING', message: 'Input `data` is required.', hint: 'Give it: The data.' });
  });

  it('refuses unknown values with the nearest, and names every mistake', () => {
    expect(failure({ data: 'a', 'fail-on': 'errors' })).toEqual({
      code: 'INPUT_INVALID',
      message: 'Input `fail-on` is "errors", which is not one of error, warn, never.',
      hint: 'Did you mean error?',
    });
    expect(failure({ rows: 'many', force: 'yes\n::set-output::' }).message).toBe(
      'Input `data` is required. Input `rows` is "many", which is not a number. Input `force` is "yes ::set-output::", which is neither true nor false.',
    );
  });

  it('does not take a name that every object has for a value that was given', () => {
    const own: ActionSpec = { name: 'x', summary: '', inputs: { constructor: { description: '' } }, outputs: {} };
    expect(readInputs(own, () => undefined)).toEqual({ constructor: undefined });
  });
});

it('shows flags as one types them', () => {
  expect(flagsOf(spec.inputs).map((flag) => flag.usage)).toEqual([
    '--config FILE',
    '--model VALUE',
    '--data FILE',
    '--fail-on VALUE',
    '--rows N',
    '--no-cache',
    '--force',
  ]);
});
