import { type LoggedFeatures, loggedFeatures, readRow, readValue, type ServedRow } from './read-row.ts';
import { RefusedRequest } from './refused-request.ts';
import type { ServedModel } from './served-model.ts';

type Reads = Pick<ServedModel, 'list' | 'fields'>;

/** Reads a row by the names of the model's fields, or `{"features": [1, 2, …]}` for a model that takes one list of numbers. */
export function readAsked(row: unknown, model: Reads, known: ReadonlySet<string>, at: string): ServedRow {
  const list = listOf(row, model);
  if (list === null) return readRow(row, model.fields, known, at);
  const values: (number | string | null)[] = new Array(list.length);
  for (let index = 0; index < list.length; index++) values[index] = readValue(list[index], model.fields[index]!, at);
  return values;
}

/** What is logged of it: the model's fields, by their names. */
export function askedFeatures(row: unknown, model: Reads): LoggedFeatures {
  const list = listOf(row, model);
  if (list === null) return loggedFeatures(row, model.fields);
  return Object.fromEntries(model.fields.map(({ name }, index) => [name, list[index] as number]));
}

function listOf(row: unknown, { list: name, fields }: Reads): readonly unknown[] | null {
  if (name === null || typeof row !== 'object' || row === null) return null;
  const given = row as Readonly<Record<string, unknown>>;
  const list = given['features'] ?? given[name];
  if (!Array.isArray(list)) return null;
  if (list.length !== fields.length)
    throw new RefusedRequest(422, 'FIELD_MISSING', `features must hold ${fields.length} values, and it holds ${list.length}.`, {
      field: 'features',
    });
  return list;
}
