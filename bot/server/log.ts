import type { Log } from '../bot-context.ts';
import { redact } from './redact.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'json' | 'pretty';

/** What Probot and Octokit call too: fields first or the message alone, and children with fields of their own. */
export interface ServerLog extends Log {
  readonly level: LogLevel;
  trace(...words: readonly unknown[]): void;
  debug(...words: readonly unknown[]): void;
  info(...words: readonly unknown[]): void;
  warn(...words: readonly unknown[]): void;
  error(...words: readonly unknown[]): void;
  fatal(...words: readonly unknown[]): void;
  child(fields: Readonly<Record<string, unknown>>): ServerLog;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Never written, whoever passes them on in whatever. */
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
  readonly now?: () => Date;
}

/**
 * One JSON object a line: `level`, `time`, `msg`, then the fields. Errors leave their name, code, message and stack, never what libraries
 * hang on them (requests, payloads).
 */
export function createLog(options: LogOptions, own: Readonly<Record<string, unknown>> = {}): ServerLog {
  const { level, format, secrets, write, now = () => new Date() } = options;
  const lowest = logLevels.indexOf(level);
  const at = (name: LogLevel) => {
    if (logLevels.indexOf(name) < lowest) return () => {};
    return (...words: readonly unknown[]) => {
      const [first, second] = words;
      const fields = typeof first === 'string' ? {} : first instanceof Error ? { err: first } : { ...(isRecord(first) ? first : {}) };
      const said = typeof first === 'string' ? first : second;
      const msg = typeof said === 'string' ? said : first instanceof Error ? first.message : '';
      const entry = { level: name, time: now().toISOString(), msg, ...own, ...fields };
      write(format === 'json' ? JSON.stringify(entry, plain(secrets)) : prettyLine(entry, secrets));
    };
  };
  return {
    level,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => createLog(options, { ...own, ...fields }),
  };
}

function prettyLine({ level, time, msg, ...fields }: Readonly<Record<string, unknown>>, secrets: readonly string[]): string {
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields, plain(secrets))}` : '';
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${redact(String(msg), secrets)}${rest}`;
}

/** Each text by itself, before JSON escapes it: a secret with a quote in it looks different afterwards. */
const plain =
  (secrets: readonly string[]) =>
  (_key: string, value: unknown): unknown => {
    if (typeof value === 'string') return redact(value, secrets);
    if (typeof value === 'bigint') return String(value);
    if (!(value instanceof Error)) return value;
    const parts = value instanceof AggregateError ? value.errors.map((one) => (one instanceof Error ? one.message : String(one))) : [];
    const code = 'code' in value && typeof value.code === 'string' ? { code: value.code } : {};
    return { name: value.name, ...code, message: value.message, ...(parts.length > 0 && { errors: parts }), stack: value.stack };
  };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
