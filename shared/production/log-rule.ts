import type { LogField } from './prediction-log.ts';

/** What a line can break. A line that breaks one of them is left out by every reader; `warned` ones are told and read. */
export const brokenRules = [
  'not-json',
  'not-an-object',
  'missing',
  'type',
  'value',
  'unknown-field',
  'repeated-field',
  'nested-feature',
  'not-finite',
] as const;
export const warnedRules = ['feature-not-finite'] as const;

/** `missing:score`, `type:time`, `not-json`: a rule, and the field where there is one. */
export type RuleCode = string;

/** SQL of a list of the codes whose condition holds. */
export const listBroken = (rules: readonly { readonly code: RuleCode; readonly sql: string }[]) =>
  `list_filter([${rules.map(({ code, sql }) => `CASE WHEN ${sql} THEN '${code}' END`).join(', ')}]::VARCHAR[], x -> x IS NOT NULL)`;

export const isWarned = (code: RuleCode) => (warnedRules as readonly string[]).includes(code);

/** SQL: a line that readers take. */
export const readableLine = `len(list_filter(broken, x -> x NOT IN (${warnedRules.map((rule) => `'${rule}'`).join(', ')}))) = 0`;

/** `2026-01-31T08:00:00.123Z` or with an offset, as the schema has it; the calendar is asked by a cast. */
export const timePattern = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})';

export interface FieldWords {
  readonly field: LogField;
  readonly wants: string;
}
/** What a field must be, for messages. */
export const fieldWords: Readonly<Record<LogField, string>> = {
  id: 'a text that is not empty',
  time: 'an ISO 8601 time with seconds and an offset or Z',
  model: 'a text that is not empty',
  version: 'a text such as v12',
  variant: 'a text or null',
  features: 'an object of texts, numbers, booleans and nulls',
  score: 'a finite number or null',
  prediction: 'a text, a number, a boolean or null',
  latency_ms: 'a number of at least 0',
  degraded: 'true or false',
  label: 'a text, a number, a boolean or null',
};
