import { RefusedRequest } from './refused-request.ts';
import type { ServedModel } from './served-model.ts';

/** `{"features": [1, 2, …]}` for a model that takes one list of numbers, by the names of its fields; any other row as it is. */
export function rowOf(row: unknown, { list: name, fields }: Pick<ServedModel, 'list' | 'fields'>): unknown {
  if (name === null || typeof row !== 'object' || row === null) return row;
  const given = row as Readonly<Record<string, unknown>>;
  const list = given['features'] ?? given[name];
  if (!Array.isArray(list)) return row;
  if (list.length !== fields.length)
    throw new RefusedRequest(422, 'FIELD_MISSING', `features must hold ${fields.length} values, and it holds ${list.length}.`, {
      field: 'features',
    });
  const named: Record<string, unknown> = {};
  for (let index = 0; index < fields.length; index++) named[fields[index]!.name] = list[index];
  return named;
}
