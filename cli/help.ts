import type { InputSpec } from '../shared/spec/action-spec.ts';
import { flagsOf } from '../shared/spec/flags-of.ts';
import type { Colors } from './colors.ts';
import { type CommandSpec, type ExitCode, globalOptions, type PositionalSpec } from './command.ts';
import { wrapWords } from './wrap-words.ts';

export interface Page {
  readonly colors: Colors;
  readonly columns: number;
}

const exitCodes: Readonly<Record<ExitCode, string>> = {
  0: 'pass, warn or inconclusive; any verdict with mode: advise; nothing to do',
  1: 'the verdict is fail',
  2: 'your turn: configuration, a missing file, a wrong flag',
  3: "the surroundings' fault: network, disk, engine; trying again may help",
};

/** A command that says what its 0 means and nothing of 1 judges no model. */
const codesOf = ({ exits }: CommandSpec): readonly ExitCode[] => (exits && exits[1] === undefined ? [0, 2, 3] : [0, 1, 2, 3]);

/** `weighin`, `weighin help`: what it is for and what it can do. */
export function overview(commands: readonly { readonly name: string; readonly summary: string }[], page: Page): string {
  const { bold } = page.colors;
  return lines([
    `${bold('weighin')}: the check that a model passes before it replaces the one in production.`,
    '',
    heading('Usage', page),
    '  weighin COMMAND [options]',
    '',
    heading('Commands', page),
    ...table(
      commands.map(({ name, summary }) => [name, summary]),
      page,
    ),
    '',
    heading('Options of every command', page),
    ...table([...optionRows(globalOptions), ['--version', 'The version of weighin.']], page),
    '',
    heading('First steps', page),
    ...table(
      [
        ['weighin init --data FILE', 'writes weighin.yaml, a contract and a workflow for your data'],
        ['weighin run', 'validates, trains, evaluates and reports, as the workflow will'],
        ['weighin help COMMAND', 'explains one'],
      ],
      page,
    ),
  ]);
}

/** `weighin help init`, `weighin init --help`. */
export function commandHelp(command: CommandSpec, page: Page): string {
  const { bold } = page.colors;
  const positionals = command.positionals ?? [];
  return lines([
    ...wrapWords(`weighin ${command.name}: ${command.summary.charAt(0).toLowerCase()}${command.summary.slice(1)}`, page.columns).map(
      (line, index) => (index === 0 ? line.replace(/^[^:]*/, bold) : `  ${line}`),
    ),
    '',
    heading('Usage', page),
    ...shellLine(
      ['weighin', command.name, ...positionals.map(positionalUsage), ...requiredFlags(command.options), '[options]'].join(' '),
      page,
    ),
    '',
    ...command.description.flatMap((paragraph) => [...wrapWords(paragraph, page.columns - 2).map((line) => `  ${line}`), '']),
    ...section(
      'Arguments',
      positionals.map(({ name, description }) => [name.toUpperCase(), description]),
      page,
    ),
    ...section('Options', optionRows(command.options), page),
    ...section('Options of every command', optionRows(globalOptions), page),
    heading('Examples', page),
    ...command.examples.flatMap(({ command: line, does }) => [
      ...shellLine(line, page),
      ...wrapWords(does, page.columns - 6).map((text) => page.colors.dim(`      ${text}`)),
    ]),
    '',
    heading('Exit codes', page),
    ...table(
      codesOf(command).map((code) => [String(code), command.exits?.[code] ?? exitCodes[code]]),
      page,
    ),
  ]);
}

const requiredFlags = (options: CommandSpec['options']) =>
  flagsOf(options)
    .filter(({ input }) => input.required)
    .map(({ usage }) => usage);

const positionalUsage = ({ name, required, many }: PositionalSpec) => {
  const shown = `${name.toUpperCase()}${many ? '…' : ''}`;
  return required ? shown : `[${shown}]`;
};

const optionRows = (options: Readonly<Record<string, InputSpec>>): readonly (readonly [string, string])[] =>
  flagsOf(options).map(({ usage, input, kind }) => [usage, [input.description, ...facts(input, kind)].join(' ')]);

function facts(input: InputSpec, kind: string): readonly string[] {
  const values = input.values ? [`One of ${input.values.join(', ')}.`] : [];
  if (input.required) return [...values, 'Required.'];
  return input.default !== undefined && kind !== 'flag' ? [...values, `Default: ${input.default}.`] : values;
}

const section = (title: string, rows: readonly (readonly [string, string])[], page: Page): readonly string[] =>
  rows.length > 0 ? [heading(title, page), ...table(rows, page), ''] : [];

const heading = (title: string, { colors }: Page) => colors.bold(title);

/** Two columns; what is long on the left pushes its text to the next line. */
function table(rows: readonly (readonly [string, string])[], page: Page): readonly string[] {
  const width = Math.min(26, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const [first = '', ...others] = wrapWords(right, page.columns - width - 4);
    const indent = ' '.repeat(width + 4);
    const name = page.colors.cyan(left);
    return left.length > width
      ? [`  ${name}`, `${indent}${first}`, ...others.map((line) => indent + line)]
      : [`  ${name}${' '.repeat(width - left.length)}  ${first}`, ...others.map((line) => indent + line)];
  });
}

/** A command as one types it: a long one goes on behind a backslash. */
const shellLine = (line: string, { columns }: Page) =>
  wrapWords(line, columns - 8).map((text, index, all) => `${index === 0 ? '  ' : '      '}${text}${index < all.length - 1 ? ' \\' : ''}`);

const lines = (all: readonly string[]) => all.join('\n').trimEnd();
