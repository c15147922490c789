import { RefusedRequest } from './refused-request.ts';

export interface PredictBody {
  readonly rows: readonly unknown[];
  readonly ids: readonly string[];
  readonly single: boolean;
}

/**
 * The body of `POST /predict`: one row as an object, or `{"rows": […]}`, with `"ids": […]` where the caller has names for them. A row's own
 * `id`, where the model reads no such field, names it too; else the request's header; else a new one is made.
 * @throws RefusedRequest BODY_NOT_AN_OBJECT, ROWS_INVALID, TOO_MANY_ROWS, ID_INVALID
 */
export function readPredictRequest(
  body: unknown,
  {
    maxRows,
    headerId,
    newId,
    readsId,
  }: {
    readonly maxRows: number;
    readonly headerId: string | undefined;
    readonly newId: () => string;
    /** The model has a field `id` of its own. */
    readonly readsId: boolean;
  },
): PredictBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new RefusedRequest(400, 'BODY_NOT_AN_OBJECT', 'The body must be one row, {"field": value, …}, or {"rows": [row, …]}.');
  const given = body as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(given, 'rows') || !Array.isArray(given['rows'])) {
    if (Object.hasOwn(given, 'rows') && Object.keys(given).every((key) => key === 'rows' || key === 'ids'))
      throw new RefusedRequest(422, 'ROWS_INVALID', 'rows must be a list of rows.', { field: 'rows' });
    const own = readsId ? undefined : given['id'];
    return { rows: [body], ids: [own === undefined ? (headerId ?? newId()) : checkedId(own, 'id')], single: true };
  }
  const rows: readonly unknown[] = given['rows'];
  const extra = Object.keys(given).find((key) => key !== 'rows' && key !== 'ids');
  if (extra !== undefined) throw new RefusedRequest(422, 'ROWS_INVALID', 'Beside rows a body may hold ids alone.', { field: 'rows' });
  if (rows.length === 0) throw new RefusedRequest(422, 'ROWS_INVALID', 'rows holds no row.', { field: 'rows' });
  if (rows.length > maxRows)
    throw new RefusedRequest(413, 'TOO_MANY_ROWS', `${rows.length} rows are more than the ${maxRows} that one request may hold.`, {
      field: 'rows',
    });
  const ids = given['ids'];
  if (ids !== undefined && (!Array.isArray(ids) || ids.length !== rows.length))
    throw new RefusedRequest(422, 'ID_INVALID', 'ids must be a list with one id a row.', { field: 'ids' });
  return {
    rows,
    ids: rows.map((row, place) => {
      if (ids !== undefined) return checkedId(ids[place], `ids[${place}]`);
      const own = !readsId && typeof row === 'object' && row !== null ? (row as Readonly<Record<string, unknown>>)['id'] : undefined;
      if (own !== undefined) return checkedId(own, `rows[${place}].id`);
      return headerId === undefined ? newId() : rows.length === 1 ? headerId : `${headerId}:${place}`;
    }),
    single: false,
  };
}

function checkedId(id: unknown, field: string): string {
  if (typeof id === 'string' && id.length > 0 && id.length <= 200) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  throw new RefusedRequest(422, 'ID_INVALID', 'An id is a text of 1 to 200 characters, or a whole number.', { field });
}
