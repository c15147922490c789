import { InfrastructureError, UserError } from '../../errors.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Of the server (SQLSTATE), a socket (ECONNREFUSED) or TLS. */
function describe(cause: unknown): Failure {
  if (!(cause instanceof Error)) return { code: '', message: '' };
  return { code: 'code' in cause && typeof cause.code === 'string' ? cause.code : '', message: cause.message };
}

const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host is not known',
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'no answer came',
  EHOSTUNREACH: 'its host can not be reached',
  ENETUNREACH: 'its network can not be reached',
  ENOENT: 'there is no such socket',
};
const lost = new Set(['ECONNRESET', 'EPIPE', '57P01', '57P02', '57P05', '25P03']);
const certificate = /^(?:ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * What a failure means for the user. Texts of the server are not repeated where they can hold a value of the data (class 22), a user or
 * a query; the library's error is never attached as the cause, since it holds them all.
 *
 * @param shown - the address without its user
 */
export function postgresError(shown: string, cause: unknown): Error {
  const { code, message } = describe(cause);
  const user = (name: string, what: string, hint: string) => new UserError(name, `${shown}: ${what}.`, hint);
  const why = unreachable[code];
  if (why !== undefined) return new InfrastructureError('ENGINE_UNREACHABLE', `${shown} can't be reached: ${why}.`);
  if (code === '57P03' || /timeout expired|connection timeout/i.test(message))
    return new InfrastructureError(
      'ENGINE_UNREACHABLE',
      `${shown} can't be reached: it is ${code ? 'starting or stopping' : 'silent'}. Try again.`,
    );
  if (/does not support SSL/.test(message))
    return user('ENGINE_TLS', 'the server knows no TLS', 'Turn it on there, or write sslmode=disable where the network is your own.');
  if (certificate.test(code))
    return user(
      'ENGINE_TLS',
      `the server's certificate is not to be trusted (${code})`,
      'Name its authority in sslrootcert=, or correct the host.',
    );
  if (code === '28P01' || code === '28000' || /SASL|password/i.test(message))
    return user(
      'ENGINE_ACCESS_DENIED',
      `the server refused the user or password (${code || 'a password is needed'})`,
      'Set PGPASSWORD, and the user in the address.',
    );
  if (code === '3D000') return user('DATABASE_NOT_FOUND', 'there is no such database', 'Correct its name in the address.');
  if (code === '42P01' || code === '3F000' || (code === '0A000' && /cross-database/.test(message)))
    return user('TABLE_NOT_FOUND', 'there is no such table', 'Correct table= (schema.table), or the query.');
  if (code === '42703') return user('COLUMN_NOT_FOUND', 'the query names a column that is not there', 'Correct the query.');
  if (code === '42501')
    return user('TABLE_ACCESS_DENIED', 'the user may not read this', 'Grant SELECT on the table and USAGE on its schema.');
  if (code === '25006') return user('QUERY_INVALID', 'the query writes, and Weighin only reads', 'Write one SELECT.');
  if (code.startsWith('42') || code === '0A000')
    return user('QUERY_INVALID', `the server can't run the query (${code})`, 'Try the query in psql first.');
  if (code.startsWith('22'))
    return user(
      'QUERY_FAILED',
      `a value is not what the query takes it for (${code})`,
      'Cast or leave out such values in a query of your own.',
    );
  if (code === '57014') return new InfrastructureError('QUERY_CANCELLED', `${shown}: the query was cancelled on the server.`);
  if (lost.has(code) || /Connection terminated|not queryable|Client was closed/i.test(message))
    return new InfrastructureError('ENGINE_LOST', `${shown}: the server ended the connection in the middle of a query. Try again.`);
  if (code.startsWith('53'))
    return new InfrastructureError('ENGINE_BUSY', `${shown}: the server has no room for this now (${code}). Try again.`);
  return new InfrastructureError('ENGINE_FAILED', `${shown}: the server failed${code ? ` (${code})` : ''}.`);
}
