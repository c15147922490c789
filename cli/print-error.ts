import { ConfigError } from '../shared/config/config-error.ts';
import { InfrastructureError, type SourceLocation, UserError } from '../shared/errors.ts';
import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { Colors } from './colors.ts';
import type { ExitCode } from './command.ts';
import { wrapWords } from './wrap-words.ts';

export interface ErrorPage {
  readonly colors: Colors;
  /** Excerpts keep to it. */
  readonly columns: number;
  /** Whether text is broken between words to keep to it, too: on a terminal. A log is searched by whole sentences. */
  readonly wraps: boolean;
  /** WEIGHIN_DEBUG: stacks, for those who mend Weighin. */
  readonly debug: boolean;
  /** The lines of a file that a location names; undefined where it can't be read. */
  lines(file: string): readonly string[] | undefined;
}

/** 2 for the user's mistakes; 3 for the surroundings', and for faults of Weighin itself. */
export const exitCodeOf = (error: unknown): ExitCode => (error instanceof UserError ? 2 : 3);

/** One error as people read it: what, where with the line itself, and what to do. Never a stack, unless one asked. */
export function formatError(error: unknown, page: ErrorPage): string {
  const { red, bold, dim } = page.colors;
  const { code, message, hint } = describe(error);
  const problems = error instanceof ConfigError ? error.problems : undefined;
  const text: string[] = [];
  if (problems && problems.length > 1)
    text.push(`${red(bold('✖'))} ${bold(`${problems.length} mistakes in the configuration`)} ${dim(`[${code}]`)}`);
  else text.push(`${red(bold('✖'))} ${withCode(problems?.[0]?.message ?? message, code, page)}`);

  if (problems && problems.length > 1) {
    problems.forEach((problem, index) => {
      const where = shownPlace(problem.location);
      text.push('', page.colors.cyan(`  ${where}`) + paragraphs(`${where} ${problem.message}`, page).slice(where.length));
      if (index < 8) text.push(...excerpt(problem.location, page));
    });
    text.push('');
  } else if (error instanceof UserError && error.location?.line !== undefined) {
    const shown = excerpt(error.location, page);
    text.push('', page.colors.cyan(`  ${shownPlace(error.location)}`), ...shown, ...(shown.length > 0 ? [''] : []));
  } else if (error instanceof UserError && error.location && !message.includes(error.location.file)) {
    text.push(page.colors.cyan(`  ${shownPlace(error.location)}`));
  }
  if (hint) text.push(`${bold('→')} ${paragraphs(hint, page)}`);
  if (page.debug && error instanceof Error) text.push('', dim(error.stack ?? ''), ...causes(error).map((line) => dim(line)));
  return text.join('\n');
}

/** The code ends the first line: what follows is often the end of a log, which it is no part of. */
function withCode(message: string, code: string, page: ErrorPage): string {
  const [first = '', ...others] = message.split('\n');
  const sentence = paragraphs(`${first} [${code}]`, page).replace(/\[\w+\]$/, page.colors.dim);
  return [sentence, ...(others.length > 0 ? [paragraphs(others.join('\n'), page)] : [])].join('\n  ');
}

/** The same for machines. */
export const errorJson = (error: unknown): unknown => {
  const { code, message, hint } = describe(error);
  const location = error instanceof UserError ? error.location : undefined;
  const problems = error instanceof ConfigError ? { problems: error.problems } : {};
  return { error: { code, message, hint: hint || null, location: location ?? null, ...problems } };
};

/** A write that fails in the middle names no path. */
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EIO']);

function describe(error: unknown): { readonly code: string; readonly message: string; readonly hint: string } {
  if (error instanceof UserError) return error;
  if (error instanceof InfrastructureError)
    return { code: error.code, message: error.message, hint: 'Trying again may help; WEIGHIN_DEBUG=1 shows the cause.' };
  const message = error instanceof Error ? error.message : String(error);
  // What the operating system refuses is no fault of Weighin, wherever it came up.
  if (error instanceof Error && 'syscall' in error && ('path' in error || ('code' in error && fullCodes.has(String(error.code)))))
    return {
      code: 'FILE_REFUSED',
      message: `The system refused a file: ${message}`,
      hint: 'Look at its permissions and at the space that is left; --output names another folder to write to.',
    };
  return {
    code: 'UNEXPECTED',
    message: `Weighin itself failed: ${message}`,
    hint: 'This is a fault of Weighin. Run it again with WEIGHIN_DEBUG=1 and report what it shows.',
  };
}

function causes(error: Error): readonly string[] {
  const found: string[] = [];
  for (let cause = error.cause; cause instanceof Error && found.length < 5; cause = cause.cause)
    found.push(`caused by ${cause.stack ?? cause.message}`);
  return found;
}

const shownPlace = ({ file, line, column }: SourceLocation) =>
  visibleText([file, line, column].filter((part) => part !== undefined).join(':'));

/** The line and a caret under the column. Lines that may hold a secret are not repeated: logs are read by many. */
function excerpt({ file, line, column }: SourceLocation, page: ErrorPage): readonly string[] {
  const source = line === undefined ? undefined : page.lines(file)?.[line - 1];
  if (line === undefined || source === undefined || source.trim() === '' || mayHoldSecret.test(source)) return [];
  const number = String(line).padStart(4);
  const room = Math.max(20, page.columns - number.length - 6);
  const at = Math.max(0, (column ?? 1) - 1);
  const from = at > room - 10 ? at - Math.floor(room / 2) : 0;
  const before = visibleText(source.slice(from, at));
  const rest = clipText(visibleText(source.slice(at)), Math.max(10, room - before.length));
  const { dim, red } = page.colors;
  const cut = from > 0 ? '…' : '';
  return [
    `${dim(`  ${number} │ `)}${cut}${before}${rest}`,
    ...(column ? [`${dim(`  ${' '.repeat(number.length)} │ `)}${' '.repeat(cut.length + before.length)}${red('^')}`] : []),
  ];
}

const mayHoldSecret = /secret|token|passw|webhook|credential|api[_-]?key|access[_-]?key|:\/\/[^/\s]*@/i;

/** A message keeps its own line breaks; nothing else in it moves the cursor. */
const paragraphs = (text: string, { columns, wraps }: ErrorPage) =>
  text
    .split('\n')
    .map(visibleText)
    .flatMap((line) => (wraps ? wrapWords(line, columns - 2) : [line]))
    .join('\n  ');
