import { InfrastructureError, UserError } from '../../errors.ts';

/** gRPC's own numbers. */
const status = { cancelled: 1, deadline: 4, permission: 7, exhausted: 8, unimplemented: 12, unavailable: 14, unauthenticated: 16 };

/** Names of Spark's conditions by their beginning, and what they mean here. Sail has no names: its few sentences stand beside them. */
const conditions: readonly (readonly [RegExp, (shown: string) => UserError])[] = [
  [
    /^(?:TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|CATALOG_NOT_FOUND|REQUIRES_SINGLE_PART_NAMESPACE|PATH_NOT_FOUND)/,
    (shown) => new UserError('TABLE_NOT_FOUND', `${shown}: there is no such table.`, 'Correct table= (schema.table), or the query.'),
  ],
  [
    /^UNRESOLVED_(?:COLUMN|FIELD|MAP_KEY)|^AMBIGUOUS_REFERENCE/,
    (shown) => new UserError('COLUMN_NOT_FOUND', `${shown}: the query names a column that is not there.`, 'Correct the query.'),
  ],
  [
    /^(?:INSUFFICIENT_PERMISSIONS|UNAUTHORIZED|PERMISSION_DENIED)/,
    (shown) => new UserError('TABLE_ACCESS_DENIED', `${shown}: the user may not read this.`, 'Grant SELECT on the table.'),
  ],
  [
    /^(?:CAST_INVALID_INPUT|CAST_OVERFLOW|ARITHMETIC_OVERFLOW|DIVIDE_BY_ZERO|NUMERIC_VALUE_OUT_OF_RANGE|INVALID_ARRAY_INDEX|CANNOT_PARSE)/,
    (shown) =>
      new UserError(
        'QUERY_FAILED',
        `${shown}: a value is not what the query takes it for.`,
        'Cast or leave out such values in a query of your own.',
      ),
  ],
];

/**
 * What a failure means for the user, by gRPC's status and the name of Spark's condition. Spark's texts repeat the query and values of the
 * data, so none of them is repeated; for the same reason the error is not attached as the cause.
 *
 * @param shown - the address without its user
 * @param connected - whether this server had answered before
 */
export function sparkError(shown: string, cause: unknown, connected: boolean): Error {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'number' ? cause.code : -1;
  const details = cause instanceof Error ? ('details' in cause && typeof cause.details === 'string' ? cause.details : cause.message) : '';
  if (code === status.unauthenticated || code === status.permission)
    return new UserError(
      'ENGINE_ACCESS_DENIED',
      `${shown}: the server refused the token, or wants one.`,
      'Set WEIGHIN_SPARK_TOKEN, and use_ssl=true in the address.',
    );
  if (code === status.deadline) return new InfrastructureError('QUERY_TIMEOUT', `${shown}: no answer came in time.`);
  if (code === status.unavailable || /RST_STREAM|ECONNRESET|Connection dropped|GOAWAY/i.test(details))
    return unavailable(shown, details, connected);
  if (code === status.cancelled) return new InfrastructureError('QUERY_CANCELLED', `${shown}: the query was cancelled on the server.`);
  if (code === status.exhausted)
    return new InfrastructureError('ENGINE_BUSY', `${shown}: an answer was larger than the client takes, or the server has no room now.`);
  if (code === status.unimplemented || /Protocol error|HTTP|trailers/i.test(details))
    return new InfrastructureError('ENGINE_FAILED', `${shown} does not speak Spark Connect.`);
  return ofSpark(shown, details);
}

function unavailable(shown: string, details: string, connected: boolean): Error {
  if (/certificate|self.signed|altnames|wrong version number|SSL|TLS/i.test(details))
    return new UserError(
      'ENGINE_TLS',
      `${shown}: the server's certificate is not to be trusted, or it knows no TLS.`,
      'Name its authority in sslrootcert=, or correct the host.',
    );
  if (connected)
    return new InfrastructureError('ENGINE_LOST', `${shown}: the server ended the connection in the middle of a query. Try again.`);
  const why = /name resolution|ENOTFOUND|EAI_AGAIN/i.test(details)
    ? 'its host is not known'
    : /ECONNREFUSED/.test(details)
      ? 'nothing listens there'
      : 'no answer came';
  return new InfrastructureError('ENGINE_UNREACHABLE', `${shown} can't be reached: ${why}.`);
}

function ofSpark(shown: string, details: string): Error {
  const condition = /\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]/.exec(details)?.[1] ?? ofSail(details);
  for (const [pattern, error] of conditions) if (pattern.test(condition)) return error(shown);
  if (/ExecutorLost|executor.*lost|worker.*lost/i.test(details))
    return new InfrastructureError('ENGINE_LOST', `${shown}: executors were lost until Spark gave up. Try again.`);
  if (/^(?:OPERATION_CANCELED|JOB_CANCELLED)/i.test(condition) || /cancelled (?:part of|because)|was cancelled/i.test(details))
    return new InfrastructureError('QUERY_CANCELLED', `${shown}: the query was cancelled on the server.`);
  if (condition !== '')
    return new UserError('QUERY_INVALID', `${shown}: the server can't run the query (${condition}).`, 'Try the query in spark-sql first.');
  return new InfrastructureError('ENGINE_FAILED', `${shown}: the server failed.`);
}

function ofSail(details: string): string {
  if (/(?:table|view|schema|database|catalog).{0,80}not found|not found: (?:table|view)/i.test(details)) return 'TABLE_OR_VIEW_NOT_FOUND';
  if (/no field named|cannot resolve|(?:column|attribute|field).{0,80}not found/i.test(details)) return 'UNRESOLVED_COLUMN';
  if (/cast error|overflow|divide by zero/i.test(details)) return 'CAST_INVALID_INPUT';
  return /invalid argument|error (?:in SQL parser|during planning)|parse|syntax/i.test(details) ? 'PARSE_SYNTAX_ERROR' : '';
}
