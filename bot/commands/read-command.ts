import { entryName } from '../../shared/config/schema-parts.ts';
import { nearestName } from '../../shared/spec/nearest-name.ts';
import { clipText, visibleText } from '../../shared/words/visible-text.ts';
import type { CommandLine } from './command-line.ts';
import type { CommandSpec, OptionName, Slot } from './command-spec.ts';
import { usageOf } from './command-spec.ts';
import { commandNames } from './command-table.ts';
import { readUntil } from './read-until.ts';
import { splitWords, type Word } from './split-words.ts';

/** What is wrong with a line, and what to do; sentences whose code stands in backticks. */
export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

const longestReason = 500;
const longestGate = 200;

/** Found while reading; never leaves this file. */
type Fields = Record<string, unknown>;
const isMistake = (value: unknown): value is Mistake => typeof value === 'object' && value !== null && 'next' in value;

/** Text of a commenter inside a sentence, as code that its own backticks can't end. */
export const quoted = (text: string) => `\`${clipText(visibleText(text), 60).replaceAll('`', "'")}\``;

/** The command that the words after its name make, or what is wrong with them. */
export function readCommand(spec: CommandSpec, rest: string): CommandLine | Mistake {
  const compare = `Its usage: \`${usageOf(spec)}\`.`;
  const wrong = (code: string, message: string, next = compare): Mistake => ({ code, message, next });
  const words = splitWords(rest);
  if (!words) return wrong('QUOTE_NOT_CLOSED', 'A quotation mark opens and none closes.', 'Close it on the same line.');

  const split = takeOptions(spec, words, wrong);
  if (isMistake(split)) return split;
  const { places, options } = split;
  const fields: Fields = { name: spec.name, ...options };
  let at = 0;
  for (const slot of spec.slots) {
    const to = slot.to !== undefined && places[at]?.text === 'to' && !places[at]?.quoted;
    if (to) at += 1;
    else if (slot.to === 'must' && places[at] !== undefined)
      return wrong('WORD_UNEXPECTED', `${quoted(places[at]?.text ?? '')} stands where \`to <version>\` would.`);
    const here = places.slice(at);
    if (here.length === 0) {
      if (!slot.optional || to) return wrong('WORD_MISSING', `${missing[slot.is]} is missing.`);
      Object.assign(fields, absent(slot));
      continue;
    }
    const read = readSlot(slot, here, wrong);
    if (isMistake(read)) return read;
    Object.assign(fields, read.fields);
    at += read.words;
  }
  const extra = places[at];
  if (extra) {
    const reason = spec.options.some(({ name }) => name === 'reason') && words.some(({ text }) => text === '--reason');
    return reason
      ? wrong(
          'REASON_NOT_QUOTED',
          `${quoted(extra.text)} is a word too many.`,
          'If it belongs to the reason, write `--reason "all of it"`.',
        )
      : wrong('WORD_UNEXPECTED', `${quoted(extra.text)} is a word too many.`);
  }
  // The table says which fields a command has; that they are those of CommandLine, its test holds for every example.
  return fields as CommandLine;
}

const missing: Readonly<Record<Slot['is'], string>> = {
  'model-version': 'The version, as `churn@v12`,',
  model: "The model's name",
  stage: "The stage's name",
  version: 'The version, as `v11`,',
  versions: 'The second version',
  gate: "The gate's name, as the report writes it,",
  command: "The command's name",
  traffic: 'What to do with the canary',
};

type Wrong = (code: string, message: string, next?: string) => Mistake;

function absent({ is, field }: Slot): Fields {
  return { [field ?? is]: null };
}

function readSlot(slot: Slot, words: readonly Word[], wrong: Wrong): { readonly fields: Fields; readonly words: number } | Mistake {
  const [first = { text: '', quoted: false }, second] = words;
  const { text } = first;
  const one = (fields: Fields) => ({ fields, words: 1 });
  switch (slot.is) {
    case 'model':
    case 'stage':
      if (slot.is === 'model' && text.includes('@'))
        return wrong('NAME_INVALID', `${quoted(text)} names a version; here stands the model alone.`);
      return entryName.safeParse(text).success ? one({ [slot.is]: text }) : badName(text, slot.is, wrong);
    case 'model-version': {
      const at = text.lastIndexOf('@');
      if (at < 0) return wrong('VERSION_INVALID', `${quoted(text)} names no version.`, 'Write the model and its version, as `churn@v12`.');
      const version = readVersion(text.slice(at + 1));
      const model = text.slice(0, at);
      if (!entryName.safeParse(model).success) return badName(model, 'model', wrong);
      return version === null ? badVersion(text.slice(at + 1), wrong) : one({ model, version });
    }
    case 'version': {
      const version = readVersion(text);
      return version === null ? badVersion(text, wrong) : one({ [slot.field ?? 'version']: version });
    }
    case 'versions': {
      const [from, to] = [readVersion(text), second ? readVersion(second.text) : null];
      if (from === null) return badVersion(text, wrong);
      if (!second) return wrong('WORD_MISSING', 'The second version is missing.');
      return to === null ? badVersion(second.text, wrong) : { fields: { versions: [from, to] }, words: 2 };
    }
    case 'gate':
      return text === '' || text.length > longestGate
        ? wrong('NAME_INVALID', 'That can be no name of a gate.', 'Copy it from the report, for example `roc_auc.min`.')
        : one({ gate: text });
    case 'command': {
      const name = text.replace(/^\//, '').toLowerCase();
      return commandNames.some((known) => known === name) ? one({ command: name }) : unknownCommand(text);
    }
    case 'traffic':
      return readTraffic(text, second, wrong);
  }
}

const actions = ['pause', 'resume', 'promote', 'abort'];

function readTraffic(text: string, second: Word | undefined, wrong: Wrong) {
  if (actions.includes(text)) return { fields: { action: text }, words: 1 };
  if (text !== 'set') {
    const near = nearestName(text, [...actions, 'set']);
    return wrong('ACTION_UNKNOWN', `${quoted(text)} is nothing that a canary does.${near ? ` Did you mean \`${near}\`?` : ''}`);
  }
  if (!second) return wrong('WORD_MISSING', 'The share of traffic, from 0 to 100, is missing.');
  const digits = /^(\d{1,3}(?:\.\d{1,2})?)%?$/.exec(second.text)?.[1];
  const percent = digits === undefined ? Number.NaN : Number(digits);
  return percent <= 100
    ? { fields: { action: { set: percent } }, words: 2 }
    : wrong('WEIGHT_OUT_OF_RANGE', `${quoted(second.text)} is no share of traffic from 0 to 100.`, 'Write for example `set 30`.');
}

function takeOptions(spec: CommandSpec, words: readonly Word[], wrong: Wrong) {
  const options: Fields = Object.fromEntries(spec.options.map(({ name }) => (name === 'dry-run' ? ['dryRun', false] : [name, null])));
  const places: Word[] = [];
  const seen = new Set<OptionName>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (!word) break;
    if (word.quoted || !word.text.startsWith('--')) {
      places.push(word);
      continue;
    }
    const known = spec.options.map(({ name }) => name);
    const name = known.find((option) => word.text === `--${option}`);
    if (!name) {
      const near = nearestName(word.text.slice(2), known);
      return wrong('OPTION_UNKNOWN', `\`/${spec.name}\` has no option ${quoted(word.text)}.${near ? ` Did you mean \`--${near}\`?` : ''}`);
    }
    if (seen.has(name)) return wrong('OPTION_REPEATED', `\`--${name}\` stands twice.`, 'Keep one.');
    seen.add(name);
    if (name === 'dry-run') {
      options['dryRun'] = true;
      continue;
    }
    at += 1;
    const value = readOption(name, words[at], wrong);
    if (isMistake(value)) return value;
    options[name] = value;
  }
  const lacking = spec.options.find(({ name, required }) => required && !seen.has(name));
  return lacking
    ? wrong('REASON_MISSING', `\`/weighin ${spec.name}\` needs a reason.`, 'Add `--reason "…"`: it is kept.')
    : { places, options };
}

function readOption(name: Exclude<OptionName, 'dry-run'>, word: Word | undefined, wrong: Wrong): string | Mistake {
  if (!word || word.text === '' || (!word.quoted && word.text.startsWith('--')))
    return wrong('OPTION_WITHOUT_VALUE', `\`--${name}\` lacks its value.`);
  const { text } = word;
  switch (name) {
    case 'reason':
      return text.length <= longestReason
        ? text
        : wrong('REASON_TOO_LONG', `The reason is longer than ${longestReason} characters.`, 'Shorten it, and link to the rest.');
    case 'window':
      return /^\d{1,6}(?:\.\d{1,3})?(?:ms|s|m|h|d|w)$/.test(text)
        ? text
        : wrong('WINDOW_INVALID', `${quoted(text)} is no duration.`, 'Write for example `--window 7d`.');
    case 'until':
      return (
        readUntil(text) ??
        wrong(
          'UNTIL_INVALID',
          `${quoted(text)} is no ISO 8601 date, or no time with its zone.`,
          'Write `--until 2026-12-24` or `--until 2026-12-24T18:00+01:00`.',
        )
      );
  }
}

function readVersion(text: string): number | null {
  const digits = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

const badVersion = (text: string, wrong: Wrong) =>
  wrong('VERSION_INVALID', `${quoted(text)} is no version.`, 'Write its number, as `v12` or `12`.');

const badName = (text: string, what: string, wrong: Wrong) =>
  wrong(
    'NAME_INVALID',
    `${quoted(text)} can be no name of a ${what}.`,
    'Names have `a-z`, `0-9` and `-`, begin with a letter or digit, and are at most 63 characters long.',
  );

/** Answered only where it is certain that this suite was spoken to. */
export function unknownCommand(written: string): Mistake {
  // The one that people look for, and that is not there on purpose.
  if (/^\/?approve$/i.test(written))
    return {
      code: 'UNKNOWN_COMMAND',
      message: 'There is no command to approve: an approval is a review, which carries the commit that it was given on.',
      next: 'On the pull request of the promotion: Files changed, Review changes, Approve.',
    };
  const near = nearestName(written.replace(/^\//, ''), commandNames);
  return {
    code: 'UNKNOWN_COMMAND',
    message: `There is no command ${quoted(written)}.${near ? ` Did you mean \`${near}\`?` : ''}`,
    next: '`/weighin help` lists the commands.',
  };
}
