import { readFile } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import type { TableAddress } from '../../source/table-address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SparkSettings {
  /** As gRPC names a server. */
  readonly target: string;
  readonly user: string;
  /** Null without TLS. `ca`: PEM of authorities other than the system's. */
  readonly tls: { readonly ca: Buffer | null } | null;
  /** Only ever set together with `tls`. */
  readonly token: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const tokens = ['WEIGHIN_SPARK_TOKEN', 'SPARK_CONNECT_TOKEN'];

/**
 * Puts an address and the environment together. The token is WEIGHIN_SPARK_TOKEN, SPARK_CONNECT_TOKEN, or the variable that `token_env=`
 * names; with a token the address must say `use_ssl=true`. Parameters that begin with `x-` are sent as headers, as Spark's own client does.
 *
 * @throws UserError ADDRESS_INVALID, NO_CREDENTIALS, ENGINE_TLS
 */
export async function readSparkSettings(
  { shown, host, port, user, database, parameters }: TableAddress,
  env: Environment,
): Promise<SparkSettings> {
  if (database)
    throw new UserError('ADDRESS_INVALID', `${shown}: nothing may stand between / and ;.`, 'Write sc://host:15002/;table=schema.table.');
  const headers: Record<string, string> = {};
  let [ssl, root, named, owner]: (string | undefined)[] = [];
  for (const [name, value] of parameters) {
    if (name === 'use_ssl') ssl = value.toLowerCase();
    else if (name === 'sslrootcert') root = value;
    else if (name === 'token_env') named = value;
    else if (name === 'user_id') owner = value;
    else if (/^x-[a-z0-9-]{1,60}$/.test(name) && /^[\x20-\x7e]{0,500}$/.test(value)) headers[name] = value;
    else
      throw new UserError(
        'ADDRESS_INVALID',
        `${shown}: an address has no parameter ${/^[\w.-]{1,60}$/.test(name) ? name : 'of that name'}.`,
        'It may have use_ssl, sslrootcert, token_env, user_id and headers that begin with x-.',
      );
  }
  if (ssl !== undefined && ssl !== 'true' && ssl !== 'false')
    throw new UserError('ADDRESS_INVALID', `${shown}: use_ssl is neither true nor false.`, 'Write use_ssl=true.');
  const variable = named ?? tokens.find((name) => env[name]);
  const token = variable === undefined ? null : (env[variable] ?? '');
  if (token === '')
    throw new UserError('NO_CREDENTIALS', `${shown} takes its token from ${variable}, which is not set.`, `Set ${variable}.`);
  if (token !== null && !/^[\x21-\x7e]+$/.test(token))
    throw new UserError(
      'NO_CREDENTIALS',
      `The token in ${variable} holds characters that no token has.`,
      'Set it again, without line breaks.',
    );
  if (token !== null && ssl !== 'true')
    throw new UserError(
      'ENGINE_TLS',
      `${shown}: the token in ${variable} would be sent without TLS.`,
      `Add use_ssl=true to the address, or unset ${variable} for a server that wants no token.`,
    );
  return {
    target: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    user: owner ?? user ?? env['USER'] ?? 'weighin',
    tls: ssl === 'true' ? { ca: root === undefined ? null : await readAuthority(shown, root) } : null,
    token,
    headers,
  };
}

const readAuthority = (shown: string, file: string): Promise<Buffer> =>
  readFile(file).catch(() => {
    throw new UserError('ENGINE_TLS', `${shown}: the root certificates in ${file} can't be read.`, 'Correct sslrootcert.');
  });
