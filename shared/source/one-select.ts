import { UserError } from '../errors.ts';

const refuse = (what: string) =>
  new UserError('QUERY_INVALID', `The query ${what}.`, 'Write one SELECT, without a semicolon; Weighin reads and never writes.');

/** Passed over whole: literals and quoted names. */
const quotes = new Set(["'", '"', '`']);

/**
 * A query that may stand in parentheses where a table would: one SELECT (or WITH … SELECT). The engine is the judge of its words; this
 * sees to it that nothing stands beside it. One semicolon at the end is taken away.
 *
 * @throws UserError QUERY_INVALID
 */
export function oneSelect(query: string): string {
  const text = query.trim().replace(/;$/, '').trimEnd();
  if (!/^(?:\(\s*)*(?:select|with)\b/i.test(text)) throw refuse('does not begin with SELECT or WITH');
  if (text.includes('\0')) throw refuse('holds a zero byte');
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (quotes.has(letter)) {
      const end = text.indexOf(letter, at + 1);
      if (end === -1) throw refuse(`has a ${letter} that never closes`);
      // Engines disagree about what a backslash before a quote is, and so about where the text ends.
      if (text.slice(at, end).endsWith('\\')) throw refuse('has a backslash before a quote');
      at = end;
    } else if (text.startsWith('--', at) || text.startsWith('/*', at)) {
      throw refuse('holds a comment');
    } else if (letter === ';') throw refuse('holds more than one statement');
    else if (letter === '$' && /^\$\w*\$/.test(text.slice(at))) throw refuse('holds a dollar quote');
    else if (letter === '(') depth++;
    else if (letter === ')' && --depth < 0) throw refuse('closes a parenthesis that it never opened');
  }
  if (depth > 0) throw refuse('opens a parenthesis that it never closes');
  return text;
}
