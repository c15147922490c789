import { UserError } from '../errors.ts';
import { oneSelect } from './one-select.ts';

/** Where a table is that no file holds. Never a secret: those come from the environment. */
export interface TableAddress {
  readonly scheme: 'postgres' | 'spark';
  /** Of the address, without its user: fit for messages, manifests and reports. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly database: string | null;
  /** What to read: names from the outermost to the table's own, or one SELECT. */
  readonly what: { readonly table: readonly string[] } | { readonly query: string };
  /** All other parameters, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const schemes: Readonly<Record<string, TableAddress['scheme']>> = { postgres: 'postgres', postgresql: 'postgres', sc: 'spark' };
const ports = { postgres: 5_432, spark: 15_002 };
const secret = /^(?:.*(?:pass(?:word|wd)?|token|secret|credential|authorization|cookie|api-?key|sslkey).*)$/i;
const examples = {
  postgres: 'postgres://reader@db.example.org/shop?table=public.customers',
  spark: 'sc://spark.example.org:15002/;use_ssl=true;table=shop.customers',
};

export const isTableAddress = (source: string): boolean => schemeOf(source) !== undefined;

/** A source as progress may show it: an address without user and parameters, a path as it is. */
export const shownSource = (source: string): string =>
  isTableAddress(source) ? source.replace(/^([a-z]+:\/\/)(?:[^/?;#]*@)?([^?;#]*).*$/is, '$1$2') : source;

/** Whether an address holds what nobody should read: whatever shows sources asks this first. */
export function holdsSecret(source: string): boolean {
  if (!/^[a-z][a-z0-9+]*:\/\//i.test(source)) return false;
  return (
    /^[^/]*\/\/[^/?;#]*:[^/?;#]*@/.test(source) || [...source.matchAll(/[?;&]([^=;&]+)=/g)].some(([, name = '']) => isSecretName(name))
  );
}

const isSecretName = (name: string) => secret.test(name) && !/^(?:password|token)_env$/i.test(name);

const schemeOf = (source: string) => {
  const name = /^([a-z]+):\/\//i.exec(source)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(schemes, name) ? schemes[name] : undefined;
};

/**
 * Reads `postgres://[user@]host[:port]/database?table=[schema.]table` and `sc://host[:port]/;name=value;table=[catalog.][schema.]table`.
 * Instead of `table`, `query` (here or as an argument) is one SELECT.
 *
 * @throws UserError ADDRESS_INVALID, ADDRESS_HOLDS_SECRET (which repeats nothing of it), TABLE_NOT_NAMED, QUERY_INVALID
 */
export function readTableAddress(source: string, query?: string): TableAddress {
  const scheme = schemeOf(source);
  if (scheme === undefined) throw new Error('asked to read what isTableAddress() refuses');
  const parts = /^[a-z]+:\/\/(?:([^/?;#]*)@)?(\[[^\]]*\]|[^/?;#:@]*)(?::(\d{1,5}))?(?:\/([^?;#]*))?(?:[?;](.*))?$/is.exec(source);
  // An address that can't be taken apart may hold a password anywhere: nothing of it is repeated.
  if (!parts) throw invalid(scheme, `The ${scheme} address can't be read`);
  const [, userinfo, hostText = '', portText, path = '', rest = ''] = parts;
  if (userinfo?.includes(':')) throw secretInside(scheme);
  const parameters = readParameters(scheme, rest);
  const host = hostText.replace(/^\[|\]$/g, '') || parameters.get('host') || '';
  if (host === '') throw invalid(scheme, `The ${scheme} address names no host`);
  const port = portText === undefined ? ports[scheme] : Number(portText);
  if (port < 1 || port > 65_535) throw invalid(scheme, `The ${scheme} address has port ${portText}`);
  const user = userinfo ? decode(scheme, userinfo) : null;
  const database = path ? decode(scheme, path) : null;

  const table = parameters.get('table');
  const asked = query ?? parameters.get('query');
  if (query !== undefined && parameters.has('query')) throw both(scheme, 'a query in its address and one beside it');
  if (table !== undefined && asked !== undefined) throw both(scheme, 'a table and a query');
  const place = `${source.slice(0, source.indexOf(':'))}://${hostText}${portText ? `:${portText}` : ''}${path ? `/${path}` : ''}`;
  if (table === undefined && asked === undefined)
    throw new UserError('TABLE_NOT_NAMED', `${place} names no table.`, `Write it as ${examples[scheme]}, or give a query.`);
  const what = asked !== undefined ? { query: oneSelect(asked) } : { table: readTableName(scheme, table ?? '') };
  const shown = table === undefined ? `${place} (query)` : `${place} ${table}`;
  const others = new Map([...parameters].filter(([name]) => !['table', 'query', 'host'].includes(name)));
  return { scheme, shown, host, port, user, database, what, parameters: others };
}

function readParameters(scheme: TableAddress['scheme'], text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(scheme === 'postgres' ? '&' : ';')) {
    if (part === '') continue;
    const split = part.indexOf('=');
    const name = (split === -1 ? part : part.slice(0, split)).toLowerCase();
    if (isSecretName(name)) throw secretInside(scheme);
    if (split === -1) throw invalid(scheme, `A parameter of the ${scheme} address has no value`);
    const raw = part.slice(split + 1);
    if (parameters.has(name)) throw invalid(scheme, `The ${scheme} address has ${printable(name)} twice`);
    parameters.set(name, decode(scheme, scheme === 'postgres' ? raw.replaceAll('+', ' ') : raw));
  }
  return parameters;
}

/** Parts between dots; one in double quotes or back-ticks may hold dots itself. */
function readTableName(scheme: TableAddress['scheme'], text: string): readonly string[] {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`]+))\s*(\.|$)/y;
  for (let ended = false; !ended; ) {
    const found = part.exec(text);
    const name = found?.[1]?.replaceAll('""', '"') ?? found?.[2]?.replaceAll('``', '`') ?? found?.[3]?.trim() ?? '';
    if (!found || name === '' || parts.length === 3)
      throw new UserError('TABLE_NOT_NAMED', `The ${scheme} address has no table's name in table=.`, `Write it as ${examples[scheme]}.`);
    parts.push(name);
    ended = found[4] === '';
  }
  return parts;
}

function decode(scheme: TableAddress['scheme'], text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw invalid(scheme, `The ${scheme} address has a % that begins no escape`);
  }
  if (decoded.includes('\0')) throw invalid(scheme, `The ${scheme} address holds a zero byte`);
  return decoded;
}

const printable = (name: string) => (/^[\w.-]{1,60}$/.test(name) ? name : 'a parameter');

const invalid = (scheme: TableAddress['scheme'], what: string) =>
  new UserError('ADDRESS_INVALID', `${what}.`, `Write it as ${examples[scheme]}.`);

const both = (scheme: TableAddress['scheme'], what: string) =>
  new UserError('ADDRESS_INVALID', `The ${scheme} source has ${what}.`, 'Keep one of them.');

const secretInside = (scheme: TableAddress['scheme']) =>
  new UserError(
    'ADDRESS_HOLDS_SECRET',
    `The ${scheme} address holds a password or token, and addresses are shown in reports.`,
    scheme === 'postgres'
      ? 'Take it out and set PGPASSWORD, or another variable that password_env= names; change the password if this was committed.'
      : 'Take it out and set WEIGHIN_SPARK_TOKEN, or another variable that token_env= names; change the token if this was committed.',
  );
