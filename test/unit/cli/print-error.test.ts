import { describe, expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import { type ErrorPage, errorJson, exitCodeOf, formatError } from '../../../cli/print-error.ts';
import { ConfigError } from '../../../shared/config/config-error.ts';
import { InfrastructureError, UserError } from '../../../shared/errors.ts';

const files: Readonly<Record<string, readonly string[]>> = {
  'weighin.yaml': ['version: 1', 'models:', '\tchurn: {tsk: binary}', 'token: s3cr3t', `deep: ${'x'.repeat(300)}`, 'a\u001b[31mb: 1'],
};
const page = (more: Partial<ErrorPage> = {}): ErrorPage => ({
  colors: createColors(false),
  columns: 80,
  wraps: false,
  debug: false,
  lines: (file) => files[file],
  ...more,
});
const at = (line: number, column = 1) => ({ file: 'weighin.yaml', line, column });

describe('an error on the terminal', () => {
  it('says what, where with the line itself, and what to do', () => {
    const error = new UserError('GATE_UNKNOWN_METRIC', 'roc is no metric.', 'Did you mean roc_auc?', at(3, 9));
    expect(formatError(error, page())).toBe(
      [
        '✖ roc is no metric. [GATE_UNKNOWN_METRIC]',
        '',
        '  weighin.yaml:3:9',
        '     3 │  churn: {tsk: binary}',
        '       │         ^',
        '',
        '→ Did you mean roc_auc?',
      ].join('\n'),
    );
  });

  it('names the file also where no line is known, once', () => {
    const where = { file: 'counts.json' };
    expect(formatError(new UserError('X', 'It is wrong.', 'Mend it.', where), page())).toBe(
      '✖ It is wrong. [X]\n  counts.json\n→ Mend it.',
    );
    expect(formatError(new UserError('X', 'counts.json is wrong.', 'Mend it.', where), page())).not.toContain('\n  counts.json');
  });

  it('blames nobody for a file that the system refuses', () => {
    const refused = Object.assign(new Error("EACCES: permission denied, unlink 'a'"), { code: 'EACCES', syscall: 'unlink', path: 'a' });
    expect(formatError(refused, page())).toContain("✖ The system refused a file: EACCES: permission denied, unlink 'a' [FILE_REFUSED]");
    expect([exitCodeOf(refused), errorJson(refused)]).toMatchObject([3, { error: { code: 'FILE_REFUSED' } }]);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    expect(errorJson(full)).toMatchObject({ error: { code: 'FILE_REFUSED' } });
    // Of a network, it is no file.
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    expect(errorJson(reset)).toMatchObject({ error: { code: 'UNEXPECTED' } });
  });

  it('tells its code apart from the log that it quotes', () => {
    const error = new UserError('TRAINING_FAILED', 'It ended with exit code 3. Its last lines:\n    line 1\n    line 2', '');
    expect(formatError(error, page())).toBe('✖ It ended with exit code 3. Its last lines: [TRAINING_FAILED]\n      line 1\n      line 2');
  });

  it('lists all problems of a configuration, each with its line', () => {
    const problem = (line: number, message: string) => ({ code: 'CONFIG_INVALID' as const, path: [], message, location: at(line) });
    const text = formatError(new ConfigError([problem(2, 'Second.'), problem(1, 'First.')]), page());
    expect(text).toBe(
      [
        '✖ 2 mistakes in the configuration [CONFIG_INVALID]',
        '',
        '  weighin.yaml:1:1 First.',
        '     1 │ version: 1',
        '       │ ^',
        '',
        '  weighin.yaml:2:1 Second.',
        '     2 │ models:',
        '       │ ^',
        '',
        '→ Mend these lines and run `weighin plan`, which reads the file and nothing else.',
      ].join('\n'),
    );
  });

  it('breaks between words on a terminal', () => {
    const error = new ConfigError(
      [1, 2].map((line) => ({ code: 'CONFIG_INVALID' as const, path: [], message: 'word '.repeat(30).trim(), location: at(line) })),
    );
    const lines = formatError(error, page({ wraps: true, columns: 40 })).split('\n');
    expect(lines.slice(1).filter((line) => line.length > 40)).toEqual([]);
    expect(lines.slice(2, 5)).toEqual([
      '  weighin.yaml:1:1 word word word word',
      '  word word word word word word word',
      '  word word word word word word word',
    ]);
    expect(formatError(new UserError('CODE', 'word '.repeat(30).trim(), 'hint'), page({ wraps: true, columns: 40 }))).toMatch(
      / {2}word word \[CODE\]\n→ hint$/,
    );
  });

  it('repeats no line that may hold a secret', () => {
    expect(formatError(new UserError('A', 'b', 'c', at(4)), page())).not.toContain('s3cr3t');
  });

  it('cuts a long line around its column, within the width', () => {
    const lines = formatError(new UserError('A', 'b', 'c', at(5, 200)), page()).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.some((line) => line.includes('│ …xxx'))).toBe(true);
  });

  it('lets nothing move the cursor, from messages and from files', () => {
    const text = formatError(new UserError('A', 'bad \u001b[2J name\r\nnext', 'c\u202e', at(6)), page());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text).toContain('bad ⟨U+001B⟩[2J name');
  });

  it('does without the line where the file is gone', () => {
    expect(formatError(new UserError('A', 'b.', 'c', { file: 'gone.yaml', line: 3 }), page())).toBe('✖ b. [A]\n\n  gone.yaml:3\n→ c');
  });

  it('shows a stack and causes only when asked', () => {
    const error = new InfrastructureError('STORE_UNREADABLE', 'The store failed.', { cause: new Error('ECONNRESET') });
    expect(formatError(error, page())).toBe(
      '✖ The store failed. [STORE_UNREADABLE]\n→ Trying again may help; WEIGHIN_DEBUG=1 shows the cause.',
    );
    expect(formatError(error, page({ debug: true }))).toMatch(/caused by Error: ECONNRESET\n\s+at /);
  });

  it('takes a fault of its own for what it is', () => {
    expect(formatError(new TypeError('x is undefined'), page())).toContain('✖ Weighin itself failed: x is undefined [UNEXPECTED]');
    expect(formatError('thrown text', page())).toContain('Weighin itself failed: thrown text');
  });
});

it('gives each class its exit code', () => {
  expect(
    [new UserError('A', 'b', 'c'), new ConfigError([]), new InfrastructureError('A', 'b'), new Error('x'), 'x'].map(exitCodeOf),
  ).toEqual([2, 2, 3, 3, 3]);
});

it('says the same to machines', () => {
  expect(errorJson(new UserError('A', 'b', 'c', at(2)))).toEqual({ error: { code: 'A', message: 'b', hint: 'c', location: at(2) } });
  expect(errorJson(new InfrastructureError('A', 'b'))).toMatchObject({ error: { code: 'A', message: 'b', location: null } });
});
