import { nearestName } from '../spec/nearest-name.ts';
import { visibleText } from '../words/visible-text.ts';
import { RefusedRequest } from './refused-request.ts';
import type { ServedField } from './served-field.ts';

/** A row in the order of the model's fields: numbers (NaN where missing) for numbers and integers, texts or null for texts. */
export type ServedRow = readonly (number | string | null)[];

/** The same as the request wrote it, for the prediction log. */
export type LoggedFeatures = Readonly<Record<string, string | number | boolean | null>>;

const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads one row of a request by the fields of the model. Every field must be there, a missing value as null; a field that no served
 * model knows is a misspelt one more often than not, so it is refused. `at` names the row in messages: empty, or `rows[3].`.
 * @throws RefusedRequest ROW_NOT_AN_OBJECT, FIELD_MISSING, FIELD_UNKNOWN, FIELD_TYPE, FIELD_RANGE, FIELD_NOT_ACCEPTED
 */
export function readRow(row: unknown, fields: readonly ServedField[], known: ReadonlySet<string>, at: string): ServedRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw refuse('ROW_NOT_AN_OBJECT', 'A row is an object: one value by the name of each field.', at.slice(0, -1) || undefined);
  // Own keys alone: `in` and plain reads would find what every object inherits.
  const given = row as Readonly<Record<string, unknown>>;
  const values: (number | string | null)[] = new Array(fields.length);
  let found = 0;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!;
    if (!Object.hasOwn(given, field.name)) {
      throw refuse(
        'FIELD_MISSING',
        `${field.name} is missing. Send every field that the model reads; null where there is no value.`,
        at + field.name,
      );
    }
    found++;
    values[index] = readValue(given[field.name], field, at);
  }
  let keys = 0;
  for (const _ in given) keys++;
  if (keys !== found) for (const key in given) if (!known.has(key)) throw unknown(key, fields, at);
  return values;
}

/** What is logged of a row: its fields, nothing else that the request held. */
export function loggedFeatures(row: unknown, fields: readonly ServedField[]): LoggedFeatures {
  const features: Record<string, string | number | boolean | null> = {};
  const given = row as LoggedFeatures;
  for (const { name } of fields) features[name] = given[name] ?? null;
  return features;
}

/** One value. A number stays what it is; `true` is 1 where the model wants a number. */
export function readValue(value: unknown, field: ServedField, at: string): number | string | null {
  if (value === null) {
    if (field.required) throw refuse('FIELD_MISSING', `${field.name} is null, and it needs a value.`, at + field.name);
    return field.type === 'text' ? null : Number.NaN;
  }
  const read = field.type === 'text' ? readText(value, field, at) : readNumber(value, field, at);
  if (field.accepted && !accepts(field.accepted, value)) {
    throw refuse('FIELD_NOT_ACCEPTED', `${field.name} is none of the values that the contract accepts.`, at + field.name);
  }
  return read;
}

function readText(value: unknown, field: ServedField, at: string): string {
  if (typeof value === 'string') return value;
  // The column was no text in training: the model was given its text then too.
  if (typeof value === 'boolean' && field.source === 'boolean') return String(value);
  if (typeof value === 'number' && field.source === 'integer' && Number.isSafeInteger(value)) return String(value);
  throw refuse('FIELD_TYPE', `${field.name} must be text, and it is ${kindOf(value)}.`, at + field.name);
}

function readNumber(value: unknown, field: ServedField, at: string): number {
  let number: number;
  if (typeof value === 'number') number = value;
  else if (typeof value === 'boolean') number = value ? 1 : 0;
  else if (typeof value === 'string' && (field.source === 'timestamp' || field.source === 'date')) number = readTime(value);
  else number = Number.NaN;
  // JSON has no NaN; 1e999 is read as infinity.
  if (!Number.isFinite(number)) {
    const wanted = field.source === 'timestamp' || field.source === 'date' ? 'a date or time (ISO 8601)' : 'a finite number';
    throw refuse(
      'FIELD_TYPE',
      `${field.name} must be ${wanted}, and it is ${typeof value === 'number' ? 'larger than any' : kindOf(value)}.`,
      at + field.name,
    );
  }
  if (field.type === 'integer' && !Number.isSafeInteger(number))
    throw refuse('FIELD_TYPE', `${field.name} must be a whole number within ±2^53.`, at + field.name);
  const low = field.minimum !== undefined && number < field.minimum;
  const high = field.maximum !== undefined && number > field.maximum;
  const atLow = field.exclusiveMinimum !== undefined && number <= field.exclusiveMinimum;
  const atHigh = field.exclusiveMaximum !== undefined && number >= field.exclusiveMaximum;
  if (low || high || atLow || atHigh) throw refuse('FIELD_RANGE', `${field.name} must be ${rangeText(field)}.`, at + field.name);
  return number;
}

/** Milliseconds since 1970 UTC; without a zone it is UTC, as in training. */
function readTime(text: string): number {
  if (!isoTime.test(text)) return Number.NaN;
  return Date.parse(/[Zz]|[+-]\d\d:?\d\d$/.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`);
}

const accepts = (accepted: NonNullable<ServedField['accepted']>, value: unknown) =>
  accepted.has(value as string) || accepted.has(String(value));

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: ServedField): string {
  const parts = [
    minimum !== undefined && `at least ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ];
  return parts.filter(Boolean).join(' and ');
}

const kindOf = (value: unknown) =>
  Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;

function unknown(key: string, fields: readonly ServedField[], at: string): RefusedRequest {
  const shown = visibleText(key).slice(0, 80);
  const near = nearestName(
    key,
    fields.map(({ name }) => name),
  );
  return refuse('FIELD_UNKNOWN', `The model reads no field ${shown}.${near ? ` Did you mean ${near}?` : ''}`, at + shown);
}

const refuse = (code: string, message: string, field?: string) =>
  new RefusedRequest(422, code, message, field === undefined ? {} : { field });
