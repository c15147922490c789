import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import type { OutboundHosts } from './outbound-hosts.ts';

export interface GuardedFetchOptions {
  readonly hosts: OutboundHosts;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured; a proxy's own address is the operator's word and not checked. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Of an answer; the rest is not read. */
  readonly largestAnswer?: number;
  /** How names become addresses; the system's by default. */
  readonly lookup?: LookupFunction;
}

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As much as fits. */
  readonly body: string;
}
export interface GuardedFetch {
  /** @throws OutboundRefused where it may not be sent there; what the socket says otherwise */
  post(address: string, message: { readonly headers: Readonly<Record<string, string>>; readonly body: string }): Promise<Sent>;
  close(): Promise<void>;
}

/** Not worth another try. Names no path and no query, which are secrets of a webhook's address. */
class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
  /** For undici and node:net, which hand it through. */
  readonly code = 'OUTBOUND_REFUSED';
}

const mostRedirects = 3;

/**
 * Posts to addresses that come from a configuration. Hosts are checked against the list, addresses after the name was resolved, in the
 * same step that connects: what a name resolved to a moment before says nothing. Every redirect is checked as the first address was.
 */
export function createGuardedFetch({
  hosts,
  env,
  timeoutMs = 10_000,
  largestAnswer = 64 * 1024,
  lookup = systemLookup as LookupFunction,
}: GuardedFetchOptions): GuardedFetch {
  const guardedLookup: LookupFunction = (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      // All of them: which one is taken is not said here.
      if (addresses.length === 0 || !addresses.every(({ address }) => hosts.allowsAddress(address)))
        return done(new OutboundRefused(`${hostname} resolves to an address that is not public.`), '', 0);
      const [first] = addresses;
      if (options.all || !first) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  const direct = new Agent({ connect: { lookup: guardedLookup, timeout: timeoutMs } });
  const proxies = new Map<string, ProxyAgent>();

  function dispatcherFor(url: URL): Dispatcher {
    const named = proxyFor(url, env);
    if (named === null) return direct;
    const agent = proxies.get(named) ?? new ProxyAgent({ uri: named });
    proxies.set(named, agent);
    return agent;
  }

  return {
    async post(address, { headers, body }) {
      const signal = AbortSignal.timeout(timeoutMs);
      let url = checkedUrl(address, hosts);
      for (let redirects = 0; ; redirects++) {
        const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: dispatcherFor(url) });
        const text = await readSome(answer.body, largestAnswer);
        const location = answer.headers['location'];
        if (![301, 302, 307, 308].includes(answer.statusCode) || typeof location !== 'string')
          return { status: answer.statusCode, headers: plain(answer.headers), body: text };
        if (redirects >= mostRedirects) throw new OutboundRefused(`${url.hostname} redirects more than ${mostRedirects} times.`);
        const next = checkedUrl(location, hosts, url);
        if (url.protocol === 'https:' && next.protocol !== 'https:') throw new OutboundRefused(`${url.hostname} redirects to http.`);
        url = next;
      }
    },
    async close() {
      await Promise.all([direct, ...proxies.values()].map((agent) => agent.destroy()));
    },
  };
}

function checkedUrl(address: string, hosts: OutboundHosts, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw new OutboundRefused('It is no address.');
  const url = new URL(address, base?.href);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundRefused('Only http and https are spoken.');
  if (url.username !== '' || url.password !== '') throw new OutboundRefused('An address with a user or password is not taken.');
  if (!hosts.allowsHost(url.hostname)) throw new OutboundRefused(`${url.hostname} is not among WEIGHIN_OUTBOUND_HOSTS.`);
  // No name to resolve, so the lookup is not asked. Other ways to write an address (decimal, hexadecimal) are one by now.
  if (/^[\d.]+$|^\[/.test(url.hostname) && !hosts.allowsAddress(url.hostname))
    throw new OutboundRefused(`${url.hostname} is not a public address.`);
  return url;
}

/** Through a proxy, names are resolved there and its rules decide; hosts and literal addresses are checked here all the same. */
function proxyFor(url: URL, env: GuardedFetchOptions['env']): string | null {
  const either = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const exempt = (either('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  if (exempt.some((entry) => entry === '*' || url.hostname === entry || url.hostname.endsWith(`.${entry.replace(/^\*?\./, '')}`)))
    return null;
  return (url.protocol === 'https:' ? either('HTTPS_PROXY') : either('HTTP_PROXY')) ?? null;
}

async function readSome(body: Dispatcher.ResponseData['body'], limit: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    const chunk = Buffer.from(part);
    parts.push(chunk);
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes >= limit) break;
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8');
}

const plain = (headers: Dispatcher.ResponseData['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
