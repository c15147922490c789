import { parseArgs } from 'node:util';
import { UserError } from '../shared/errors.ts';
import type { InputSpec } from '../shared/spec/action-spec.ts';
import { flagsOf } from '../shared/spec/flags-of.ts';
import { nearestName } from '../shared/spec/nearest-name.ts';
import { readValue } from '../shared/spec/read-inputs.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import { type CommandSpec, globalOptions, type PositionalSpec } from './command.ts';

export interface ParsedArguments {
  /** Options and positionals of the command, by name. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly global: GlobalArguments;
}

export interface GlobalArguments {
  readonly config: string;
  /** Where JSON goes: a path, `-` for stdout, undefined where nobody asked. */
  readonly json: string | undefined;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly help: boolean;
}

const short: Readonly<Record<string, string>> = { h: 'help', q: 'quiet' };

/**
 * The command among the words, and the words without it. Global flags may come first: `weighin --quiet run`.
 * Undefined where there is none: `weighin`, `weighin --help`.
 */
export function splitCommand(argv: readonly string[]): { readonly name: string | undefined; readonly rest: readonly string[] } {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') break;
    if (word === '--config') at += 1;
    else if (!word.startsWith('-')) return { name: word, rest: argv.toSpliced(at, 1) };
  }
  return { name: undefined, rest: argv };
}

/** Reads the words behind a command by its spec. @throws UserError for every word that it can't place */
export function parseArguments(words: readonly string[], command: CommandSpec): ParsedArguments {
  const inputs: Readonly<Record<string, InputSpec>> = { ...globalOptions, ...command.options };
  const flags = new Map(flagsOf(inputs).map((flag) => [flag.name, flag]));
  const positionals: string[] = [];
  const given = new Map<string, string>();

  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...flags.values()].map(({ name, kind, input }) => [
        name,
        { type: kind === 'flag' || name === 'json' || input.bare !== undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  });
  let jsonAt = -1;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const follows = token.index === jsonAt + 1 && jsonAt >= 0 && given.get('json') === '-';
      if (follows && (looksLikePath(token.value) || !command.positionals?.length)) given.set('json', token.value);
      else positionals.push(token.value);
      continue;
    }
    if (token.kind === 'option-terminator') continue;
    const written = token.rawName.startsWith('--') ? token.name : (short[token.name] ?? token.name);
    const off = written.startsWith('no-') && !flags.has(written);
    const name = off ? written.slice(3) : written;
    const flag = flags.get(name);
    if (!flag || (off && flag.kind !== 'flag'))
      throw unknownFlag(
        token.rawName,
        [...flags.values()].flatMap((known) => known.usage.split(' ', 1)),
        command,
      );
    if (name === 'json') {
      given.set('json', token.value ?? '-');
      if (token.value === undefined) jsonAt = token.index;
      continue;
    }
    const value =
      flag.kind === 'flag'
        ? flagValue(token.rawName, token.value, off)
        : textValue(token.rawName, token.value ?? flag.input.bare, token.inlineValue === true, flag.usage);
    const before = given.get(name);
    if (before !== undefined && before !== value) throw new UserError('FLAG_TWICE', `\`--${name}\` was given twice.`, 'Keep one.');
    given.set(name, value);
  }

  const read = (name: string): unknown => readValue(name, inputs[name] ?? { description: '' }, given.get(name), `\`--${name}\``);
  const global = {
    config: String(read('config')),
    json: given.get('json'),
    quiet: given.get('quiet') === 'true',
    color: given.get('color') !== 'false',
    help: given.get('help') === 'true',
  };
  // Who asks for help is not told what else is wrong.
  if (global.help) return { args: {}, global };
  const options = Object.keys(command.options).map((name) => [name, read(name)] as const);
  return { args: { ...Object.fromEntries(options), ...placePositionals(positionals, command) }, global };
}

const flagValue = (rawName: string, value: string | undefined, off: boolean): string => {
  if (value !== undefined && off) throw new UserError('FLAG_TAKES_NO_VALUE', `\`${rawName}\` takes no value.`, 'Leave the value out.');
  return off ? 'false' : (value ?? 'true');
};

function textValue(rawName: string, value: string | undefined, inline: boolean, usage: string): string {
  // A word with a dash is the next flag, unless it is `-`, a negative number or joined by `=`.
  const missing = value === undefined || value === '' || (!inline && /^-(?!$|\d)/.test(value));
  if (missing)
    throw new UserError(
      'FLAG_VALUE_MISSING',
      `\`${rawName}\` needs a value.`,
      `Write \`${usage}\`, or \`${rawName}=…\` for a value that begins with a dash.`,
    );
  return value;
}

function placePositionals(words: readonly string[], command: CommandSpec): Readonly<Record<string, unknown>> {
  const specs: readonly PositionalSpec[] = command.positionals ?? [];
  const placed: Record<string, unknown> = {};
  let next = 0;
  for (const spec of specs) {
    const taken = spec.many ? words.slice(next) : words.slice(next, next + 1);
    next += taken.length;
    if (spec.required && taken.length === 0)
      throw new UserError(
        'ARGUMENT_MISSING',
        `${spec.name.toUpperCase()} is missing: ${lowerFirst(spec.description)}`,
        `\`weighin help ${command.name}\` shows how it is called.`,
      );
    placed[spec.name] = spec.many ? taken : taken[0];
  }
  const extra = words[next];
  if (extra !== undefined)
    throw new UserError(
      'ARGUMENT_EXTRA',
      `\`${visibleText(extra)}\` is one word too many for \`weighin ${command.name}\`.`,
      specs.length > 0
        ? `It takes ${specs.map(({ name }) => name.toUpperCase()).join(', ')} and options; a glob stands in quotes, or the shell makes words of it.`
        : 'It takes options only: perhaps a `--` is missing.',
    );
  return placed;
}

function unknownFlag(rawName: string, known: readonly string[], command: CommandSpec): UserError {
  const shown = visibleText(rawName);
  const near = rawName.startsWith('--')
    ? nearestName(
        rawName.replace(/^--(?:no-)?/, ''),
        known.map((usage) => usage.replace(/^--(?:no-)?/, '')),
      )
    : undefined;
  const usage = near && known.find((flag) => flag.replace(/^--(?:no-)?/, '') === near);
  return new UserError(
    'FLAG_UNKNOWN',
    `\`${shown}\` is not a flag of \`weighin ${command.name}\`.`,
    usage ? `Did you mean \`${usage}\`?` : `\`weighin help ${command.name}\` lists its flags.`,
  );
}

const looksLikePath = (word: string) => word === '-' || /[./\\]/.test(word);
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
