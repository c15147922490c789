import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { UserError } from '../../errors.ts';
import type { TableAddress } from '../../source/table-address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the client is opened with; the password is in here and nowhere else. */
export interface PostgresSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
  readonly ssl: ConnectionOptions | false;
}

const modes = ['disable', 'require', 'verify-ca', 'verify-full'];
const known = new Set(['sslmode', 'sslrootcert', 'password_env']);

/**
 * Puts an address and the environment together. Variables are libpq's: PGUSER, PGDATABASE, PGPASSWORD (or the one that `password_env=`
 * names), PGSSLMODE, PGSSLROOTCERT. A host that isn't this machine is spoken to over TLS with a certificate that is checked, unless
 * `sslmode` says otherwise.
 *
 * @throws UserError ADDRESS_INVALID, NO_CREDENTIALS, ENGINE_TLS
 */
export async function readPostgresSettings(address: TableAddress, env: Environment): Promise<PostgresSettings> {
  const { host, port, parameters, shown } = address;
  const unknown = [...parameters.keys()].find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new UserError('ADDRESS_INVALID', `${shown}: an address has no parameter ${unknown}.`, `It may have ${[...known].join(', ')}.`);
  const user = address.user ?? env['PGUSER'] ?? env['USER'];
  if (!user) throw new UserError('ADDRESS_INVALID', `${shown} names no user.`, 'Write postgres://user@host/…, or set PGUSER.');
  const named = parameters.get('password_env');
  const password = env[named ?? 'PGPASSWORD'];
  if (named !== undefined && !password)
    throw new UserError('NO_CREDENTIALS', `${shown} takes its password from ${named}, which is not set.`, `Set ${named}.`);
  return {
    host,
    port,
    user,
    database: address.database ?? env['PGDATABASE'] ?? user,
    password: password ?? '',
    ssl: await readTls(address, env),
  };
}

async function readTls({ host, parameters, shown }: TableAddress, env: Environment): Promise<ConnectionOptions | false> {
  const mode = parameters.get('sslmode') ?? (env['PGSSLMODE'] || (isLocal(host) ? 'disable' : 'verify-full'));
  if (!modes.includes(mode)) {
    // "prefer" would send the password in the clear to whoever says that it knows no TLS.
    throw new UserError(
      'ENGINE_TLS',
      `${shown}: sslmode ${mode} is none of ${modes.join(', ')}.`,
      'Write sslmode=verify-full, or disable on a network of your own.',
    );
  }
  if (mode === 'disable') return false;
  const root = parameters.get('sslrootcert') ?? env['PGSSLROOTCERT'];
  const ca = root === undefined || root === 'system' ? undefined : await readFile(root, 'utf8').catch(() => undefined);
  if (root !== undefined && root !== 'system' && ca === undefined)
    throw new UserError('ENGINE_TLS', `${shown}: the root certificates in ${root} can't be read.`, 'Correct sslrootcert.');
  return {
    ...(ca !== undefined && { ca }),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

/** This machine: nothing leaves it. */
export const isLocal = (host: string) =>
  host === 'localhost' || host === '::1' || host.startsWith('/') || /^127(?:\.\d{1,3}){3}$/.test(host);
