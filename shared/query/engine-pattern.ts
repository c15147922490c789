import { UserError } from '../errors.ts';

/** Classes that the engines read differently: `\d` of PostgreSQL and Rust knows the digits of all scripts, RE2's only 0 to 9. */
const classes: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' };
const controls = new Set(['t', 'n', 'r', 'f', 'v']);

/**
 * An RE2 pattern in the few constructs that PostgreSQL's regular expressions and Java's read as RE2 does: literal characters, `[…]`,
 * groups, `|`, `* + ? {n,m}`. What is written as a shorthand is written out, and `.` is every character but a line feed.
 * The whole text must match.
 *
 * @throws UserError PATTERN_NOT_PORTABLE for look-arounds, named groups, flags, `\p{…}`, `\b`, and bounds over 255.
 */
export function enginePattern(pattern: string): string {
  let out = '';
  let at = 0;
  const take = (count = 1) => {
    at += count;
    return pattern.slice(at - count, at);
  };
  const refuse = (what: string) =>
    new UserError(
      'PATTERN_NOT_PORTABLE',
      `The pattern ${pattern} holds ${what}, which databases do not read alike.`,
      'Write it with characters, […], (…), | and * + ? {n,m} alone, or check a Parquet file of the table instead.',
    );

  const escaped = (inside: boolean): string => {
    take();
    const letter = take();
    if (letter === '') throw refuse('a \\ at its end');
    const own = classes[letter];
    if (own !== undefined) return inside ? own : `[${own}]`;
    const opposite = classes[letter.toLowerCase()];
    if (opposite !== undefined && !inside) return `[^${opposite}]`;
    if (controls.has(letter)) return `\\${letter}`;
    if (letter === 'A' && !inside) return '^';
    if (/[0-9A-Za-z]/.test(letter)) throw refuse(`\\${letter}`);
    return /[\p{L}\p{N}\s]/u.test(letter) ? letter : `\\${letter}`;
  };

  const bracket = (): string => {
    let text = take();
    if (pattern[at] === '^') text += take();
    // A ] that stands first is itself.
    if (pattern[at] === ']') {
      take();
      text += '\\]';
    }
    while (pattern[at] !== ']') {
      const letter = pattern[at];
      if (letter === undefined) throw refuse('a [ that never closes');
      if (letter === '\\') text += escaped(true);
      else if (letter === '[' && pattern[at + 1] === ':') throw refuse('[: :]');
      // Java reads [ and && inside brackets as sets of sets.
      else if (letter === '[' || letter === '&') text += `\\${take()}`;
      else text += take();
    }
    return text + take();
  };

  while (at < pattern.length) {
    const letter = pattern[at];
    if (letter === '\\') out += escaped(false);
    else if (letter === '[') out += bracket();
    else if (letter === '.') {
      take();
      out += '[^\\n]';
    } else if (letter === '(') {
      take();
      if (pattern[at] === '?' && pattern.slice(at, at + 2) !== '?:') throw refuse(`(${pattern.slice(at, at + 2)}`);
      if (pattern[at] === '?') take(2);
      // Nobody asks what a group held.
      out += '(?:';
    } else if (letter === '{') {
      const bounds = /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(at));
      if (!bounds) {
        take();
        out += '\\{';
      } else if (Math.max(Number(bounds[1]), Number(bounds[2] || 0)) > 255) throw refuse(`the bound ${bounds[0]}`);
      else out += take(bounds[0].length);
    } else if (letter === '}') {
      take();
      out += '\\}';
    } else out += take();
  }
  return out;
}
