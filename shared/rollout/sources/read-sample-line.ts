import { metricsError, type PagePlace, quoteText } from './metrics-error.ts';
import { type Exemplar, type Labels, noLabels, type Sample } from './metrics-page.ts';

/**
 * How the formats differ within a line. Strict is OpenMetrics: single spaces, no comma at the end, seconds, exemplars. Loose is the older
 * text: blanks anywhere between parts, a comma at the end, milliseconds.
 */
export interface LineRules {
  readonly loose: boolean;
}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const realNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const special = /^(?:nan|[+-]?inf(?:inity)?)$/i;
const wholeNumber = /^-?\d+$/;
/** Of an exemplar: names and values together, in characters. */
const LONGEST_EXEMPLAR = 128;

/** A line with a value: `name{label="value"} 1 [timestamp] [# {label="value"} 1 [timestamp]]`. @throws UserError METRICS_INVALID */
export function readSampleLine(text: string, place: PagePlace, rules: LineRules): Sample {
  const cursor: Cursor = { text, at: 0, place, rules };
  const name = matchAt(metricName, cursor);
  if (name === null)
    throw fails(
      cursor,
      `a line begins with ${quoteText(text)}, which is no name of a metric`,
      'A name is letters, digits, `_` and `:`, no digit first; a comment of OpenMetrics is HELP, TYPE, UNIT or EOF.',
    );
  if (rules.loose) skipBlanks(cursor);
  const labels = text[cursor.at] === '{' ? readLabels(cursor) : noLabels;
  toNext(cursor, 'its value');
  const value = readNumber(takeWord(cursor), cursor, 'the value');
  let more = hasMore(cursor);
  let timestamp: number | null = null;
  if (more && text[cursor.at] !== '#') {
    timestamp = readTimestamp(takeWord(cursor), cursor);
    more = hasMore(cursor);
  }
  const exemplar = more ? readExemplar(cursor) : null;
  return { name, labels, value, timestamp, exemplar, line: place.line };
}

interface Cursor {
  readonly text: string;
  at: number;
  readonly place: PagePlace;
  readonly rules: LineRules;
}

const fails = ({ place, at }: Cursor, message: string, hint: string) => metricsError(place, `${message}.`, hint, at + 1);

function matchAt(pattern: RegExp, cursor: Cursor): string | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (!found) return null;
  cursor.at += found[0].length;
  return found[0];
}

const isBlank = (character: string | undefined) => character === ' ' || character === '\t';
function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.text[cursor.at])) cursor.at++;
}

/** Past what separates two parts: one space, or blanks where the format is loose. */
function toNext(cursor: Cursor, what: string): void {
  const { text, rules } = cursor;
  if (
    !(rules.loose
      ? [text[cursor.at], text[cursor.at - 1]].some(isBlank) || (text[cursor.at - 1] === '}' && cursor.at < text.length)
      : text[cursor.at] === ' ')
  )
    throw fails(
      cursor,
      cursor.at >= text.length
        ? `the line ends before ${what}`
        : `${quoteText(text.slice(cursor.at))} stands where a space and ${what} belong`,
      'A line is a name, labels in braces, one space and a number.',
    );
  if (rules.loose) skipBlanks(cursor);
  else cursor.at++;
}

/** Whether another part follows; the cursor is at it then. */
function hasMore(cursor: Cursor): boolean {
  if (cursor.rules.loose) skipBlanks(cursor);
  if (cursor.at >= cursor.text.length) return false;
  if (!cursor.rules.loose) toNext(cursor, 'a timestamp or exemplar');
  return true;
}

function takeWord(cursor: Cursor): string {
  const { text, at, rules } = cursor;
  let end = at;
  while (end < text.length && !(rules.loose ? isBlank(text[end]) : text[end] === ' ')) end++;
  cursor.at = end;
  return text.slice(at, end);
}

function readNumber(word: string, cursor: Cursor, what: string): number {
  if (realNumber.test(word)) {
    const value = Number(word);
    if (Number.isFinite(value)) return value;
  } else if (special.test(word)) return /^nan$/i.test(word) ? Number.NaN : word[0] === '-' ? -Infinity : Infinity;
  cursor.at -= word.length;
  throw fails(
    cursor,
    word === '' ? `${what} is missing` : `${what} is ${quoteText(word)}, which is no number`,
    'Write decimal digits such as 12, 0.5 or 1e+06, or NaN, +Inf, -Inf; single spaces, none at the end of the line.',
  );
}

function readTimestamp(word: string, cursor: Cursor): number {
  const { loose } = cursor.rules;
  const fits = loose ? wholeNumber.test(word) : realNumber.test(word);
  const value = fits ? Number(word) : Number.NaN;
  if (Number.isFinite(value)) return loose ? value / 1000 : value;
  cursor.at -= word.length;
  throw fails(
    cursor,
    word === '' ? 'the line ends with a space' : `the timestamp is ${quoteText(word)}, which is none`,
    loose ? 'Write milliseconds since 1970, a whole number, or leave it out.' : 'Write seconds since 1970, a number, or leave it out.',
  );
}

function readLabels(cursor: Cursor): Labels {
  const { text, rules } = cursor;
  const labels = new Map<string, string>();
  cursor.at++;
  const skip = () => {
    if (rules.loose) skipBlanks(cursor);
  };
  skip();
  while (text[cursor.at] !== '}') {
    const start = cursor.at;
    const name = matchAt(labelName, cursor);
    if (name === null)
      throw fails(
        cursor,
        cursor.at >= text.length ? 'the line ends within its labels' : `${quoteText(text.slice(cursor.at))} is no name of a label`,
        'Labels are `{name="value",other="value"}`: letters, digits and `_`, no digit first, a comma between two and none at the end.',
      );
    skip();
    if (text[cursor.at] !== '=') throw fails(cursor, `label ${name} has no \`=\` and value`, `Write \`${name}="value"\`.`);
    cursor.at++;
    skip();
    const value = readQuoted(cursor, name);
    if (labels.has(name)) {
      cursor.at = start;
      throw fails(cursor, `label ${name} stands there twice`, 'Give each label once.');
    }
    labels.set(name, value);
    skip();
    if (text[cursor.at] === ',') {
      cursor.at++;
      skip();
      if (text[cursor.at] === '}' && !rules.loose)
        throw fails(cursor, 'a comma stands before the closing brace', 'Leave the last comma out.');
    } else if (text[cursor.at] !== '}')
      throw fails(
        cursor,
        cursor.at >= text.length ? 'the labels are not closed' : `${quoteText(text.slice(cursor.at))} follows the value of ${name}`,
        'Put a comma between labels and `}` behind the last.',
      );
  }
  cursor.at++;
  return labels.size === 0 ? noLabels : labels;
}

function readQuoted(cursor: Cursor, name: string): string {
  const { text } = cursor;
  if (text[cursor.at] !== '"') throw fails(cursor, `the value of ${name} has no double quotes`, `Write \`${name}="value"\`.`);
  const start = ++cursor.at;
  let escaped = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') {
      escaped = true;
      at++;
    } else if (character === '"') {
      cursor.at = at + 1;
      const raw = text.slice(start, at);
      return escaped ? unescapeText(raw) : raw;
    }
  }
  cursor.at = start - 1;
  throw fails(cursor, `the value of ${name} is not closed`, 'Close it with `"`; within it write `\\"`, `\\\\` and `\\n`.');
}

/** `\n`, `\"` and `\\`; another backslash is one. */
export const unescapeText = (raw: string) => raw.replace(/\\([n"\\])/g, (_, character: string) => (character === 'n' ? '\n' : character));

function readExemplar(cursor: Cursor): Exemplar {
  const { text, rules } = cursor;
  const hint = 'An exemplar is ` # {trace_id="…"} 0.67 [seconds]` behind the value.';
  if (rules.loose)
    throw fails(cursor, `${quoteText(text.slice(cursor.at))} follows the value`, 'A line of the older format ends with its timestamp.');
  if (text[cursor.at] !== '#') throw fails(cursor, `${quoteText(text.slice(cursor.at))} follows the timestamp`, hint);
  cursor.at++;
  toNext(cursor, 'the labels of an exemplar');
  if (text[cursor.at] !== '{') throw fails(cursor, 'the exemplar has no labels', `${hint} Without labels it is \`{}\`.`);
  const start = cursor.at;
  const labels = readLabels(cursor);
  let length = 0;
  for (const [name, value] of labels) length += name.length + Array.from(value).length;
  if (length > LONGEST_EXEMPLAR) {
    cursor.at = start;
    throw fails(cursor, `the labels of the exemplar have ${length} characters`, `At most ${LONGEST_EXEMPLAR} are allowed.`);
  }
  toNext(cursor, "the exemplar's value");
  const value = readNumber(takeWord(cursor), cursor, "the exemplar's value");
  const timestamp = hasMore(cursor) ? readTimestamp(takeWord(cursor), cursor) : null;
  if (cursor.at < text.length) throw fails(cursor, `${quoteText(text.slice(cursor.at))} follows the exemplar`, hint);
  return { labels, value, timestamp };
}
