import type { CommandLine } from './command-line.ts';
import { commandTable } from './command-table.ts';
import { slashLines } from './comment-lines.ts';
import { type Mistake, readCommand, unknownCommand } from './read-command.ts';

export interface ParsedComment {
  /** Commands in the order of the comment; `line` counts from 1 and is part of the command's key. */
  readonly lines: readonly { readonly line: number; readonly text: string; readonly command: CommandLine }[];
  /** Lines that spoke to this suite and are no command; each is answered. */
  readonly mistakes: readonly (Mistake & { readonly line: number; readonly text: string })[];
}

/** Whether /promote and its kin also work without /weighin before them. */
export interface ParseOptions {
  readonly verbs: 'standalone' | 'prefixed';
}

/** GitHub's own limit of a comment; what is longer did not come from there, and is cut at a line's end. */
const longestBody = 65_536;
const longestLine = 1_000;
const mostCommands = 3;

/** Characters that nobody sees, among them those that turn the direction of writing. An emoji's own selectors are fine. */
const hidden = /(?!\t|\uFE0E|\uFE0F)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;

/**
 * The commands of a comment. Whatever the text, it answers in time linear in its length and never throws. Lines that are not for this
 * suite (another bot's commands, words that begin with a slash) are left alone.
 */
export function parseComment(body: string, { verbs }: ParseOptions): ParsedComment {
  const lines: ParsedComment['lines'][number][] = [];
  const mistakes: ParsedComment['mistakes'][number][] = [];
  const text = body.length > longestBody ? body.slice(0, Math.max(0, body.lastIndexOf('\n', longestBody))) : body;
  for (const found of slashLines(text)) {
    const read = readLine(found.text, verbs);
    if (!read) continue;
    const at = { line: found.line, text: found.text.trimEnd() };
    if (lines.length + mistakes.length >= mostCommands) {
      mistakes.push({
        ...at,
        code: 'TOO_MANY_COMMANDS',
        message: `A comment carries ${mostCommands} commands at most; this one and what follows were left.`,
        next: 'Write them in a new comment.',
      });
      break;
    }
    if ('code' in read) mistakes.push({ ...at, ...read });
    else lines.push({ ...at, command: read });
  }
  return { lines, mistakes };
}

/** null where the line is not for this suite. */
function readLine(written: string, verbs: ParseOptions['verbs']): CommandLine | Mistake | null {
  const cut = written.slice(0, longestLine + 1);
  const seen = cut.replace(hidden, '');
  const [, first = '', afterFirst = ''] = /^\/(\S*)\s*(.*)$/s.exec(seen) ?? [];
  const prefixed = first.toLowerCase() === 'weighin';
  const [, name = '', rest = ''] = prefixed ? (/^(\S*)\s*(.*)$/s.exec(afterFirst) ?? []) : ['', first, afterFirst];
  const spec = commandTable.find((entry) => entry.name === name.toLowerCase());
  if (!prefixed && !(spec?.alone && verbs === 'standalone')) return null;

  if (seen !== cut)
    return {
      code: 'HIDDEN_CHARACTERS',
      message: 'This line holds characters that nobody sees, so it may not be what it looks like.',
      next: 'Type it anew instead of pasting it.',
    };
  if (written.trimEnd().length > longestLine)
    return { code: 'LINE_TOO_LONG', message: `This line is longer than ${longestLine} characters.`, next: 'Shorten it.' };
  if (prefixed && name === '') return { name: 'help', command: null };
  return spec ? readCommand(spec, rest) : unknownCommand(name);
}
