import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webFlow } from './accounts.ts';
import type { Faults } from './faults.ts';
import { Refusal } from './refusal.ts';
import { type Answer, admit, type Route } from './routes/route.ts';
import { type Token, tokenOf } from './tokens.ts';
import { asUser, type World } from './world.ts';

export interface LoggedRequest {
  readonly method: string;
  /** Without a prefix such as /api/v3, with its query. */
  readonly path: string;
  /** `GET /repos/:owner/:repo/pulls/:number`; null where the double has no such route. */
  readonly route: string | null;
  readonly actor: string | null;
  readonly body: string;
  readonly status: number;
}
export interface RateLimit {
  limit: number;
  used: number;
  /** Epoch seconds. */
  reset: number;
}

export interface ServerParts {
  readonly world: World;
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  readonly unknown: string[];
  readonly rate: { core: RateLimit; graphql: RateLimit };
}
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export async function listen(parts: ServerParts): Promise<{ server: Server; blobs: Server; url: string; blobUrl: string }> {
  const server = createServer((request, response) => void serve(parts, request, response));
  const blobs = createServer((request, response) => serveBlob(parts.world, request, response));
  const [url, blobUrl] = await Promise.all([start(server), start(blobs)]);
  return { server, blobs, url, blobUrl };
}
const start = (server: Server): Promise<string> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)));

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').replace(/^\/api\/(?:v3|uploads)(?=\/)/, '').replace(/^\/api\/graphql/, '/graphql');
  const fault = parts.faults.take(`${method} ${path}`, raw.toString('utf8', 0, 100_000));
  await fault?.before?.();
  renewRates(parts);
  const arrives = fault === null || (fault.arrives ?? (fault.status === undefined && !fault.hangUp));
  const asked = arrives ? await answer(parts, request, method, path, raw) : null;
  if (fault?.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delay));
  if (fault?.hangUp) {
    log(parts, { method, path, route: asked?.route ?? null, actor: asked?.actor ?? null, body: raw.toString('utf8'), status: 0 });
    return void request.socket.destroy();
  }
  const reply =
    fault?.status === undefined
      ? (asked?.reply as Reply)
      : {
          status: fault.status,
          headers: { ...json, ...fault.headers },
          body: encode(fault.answer ?? { message: fault.message ?? 'Server Error' }),
        };
  log(parts, { method, path, route: asked?.route ?? null, actor: asked?.actor ?? null, body: raw.toString('utf8'), status: reply.status });
  const shown = conditional(request, method, reply, fault?.status !== undefined);
  const rate = countedRate(parts, path, shown.status);
  response.writeHead(shown.status, {
    date: parts.world.clock.now().toUTCString(),
    ...rate,
    ...shown.headers,
    'x-github-request-id': 'DOUBLE',
  });
  response.end(method === 'HEAD' || shown.status === 304 ? undefined : shown.body);
}
const json = { 'content-type': 'application/json; charset=utf-8' };
const encode = (body: unknown): Uint8Array => (body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)));
const log = (parts: ServerParts, entry: LoggedRequest) => void parts.requests.push(entry);

async function answer(parts: ServerParts, request: IncomingMessage, method: string, path: string, raw: Buffer) {
  const { world } = parts;
  const url = new URL(path, world.addresses.api);
  let token: Token | null = null;
  let route: Route | null = null;
  let reply: Reply;
  try {
    token = tokenOf(world, request.headers.authorization);
    const limited = url.pathname === '/graphql' ? parts.rate.graphql : parts.rate.core;
    if (limited.used >= limited.limit && url.pathname !== '/rate_limit') throw limitReached(limited);
    route =
      parts.routes.find(
        (one) => (one.method === method || (method === 'HEAD' && one.method === 'GET')) && one.expression.test(url.pathname),
      ) ?? null;
    if (route === null) {
      parts.unknown.push(`${method} ${path}`);
      throw new Refusal(404, `Not Found (the double has no ${method} ${url.pathname})`);
    }
    const values = (route.expression.exec(url.pathname) ?? []).slice(1);
    const params = Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
    const repository = admit(world, route, params, token);
    // What is uploaded is what it is, whatever its type says.
    const body = route.path.endsWith('/:id/assets') ? {} : parseBody(request, raw);
    const by = token?.doer ?? asUser(webFlow);
    const given = await route.answer({
      world,
      token,
      params,
      query: url.searchParams,
      body,
      raw,
      headers: request.headers,
      repository,
      by,
    });
    reply = render(world, url, given);
  } catch (error) {
    if (!(error instanceof Refusal)) parts.unknown.push(`${method} ${path}: ${error instanceof Error ? error.stack : String(error)}`);
    reply =
      error instanceof Refusal
        ? { status: error.status, headers: { ...json, ...error.headers }, body: encode(error.body()) }
        : { status: 500, headers: json, body: encode({ message: `the double failed: ${error instanceof Error ? error.message : error}` }) };
  }
  return { reply, route: route === null ? null : `${route.method} ${route.path}`, actor: token?.doer.account.login ?? null };
}

function parseBody(request: IncomingMessage, raw: Buffer): Record<string, unknown> {
  if (raw.length === 0 || !/json|^$/.test(request.headers['content-type'] ?? '')) return {};
  try {
    const parsed: unknown = JSON.parse(raw.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function render(world: World, url: URL, given: Answer): Reply {
  const headers: Record<string, string> = { ...given.headers };
  if (given.bytes)
    return { status: given.status ?? 200, headers: { 'content-type': 'application/octet-stream', ...headers }, body: given.bytes };
  if (given.status === 204 || (given.body === undefined && given.list === undefined))
    return { status: given.status ?? 200, headers, body: new Uint8Array() };
  if (given.list === undefined) return { status: given.status ?? 200, headers: { ...json, ...headers }, body: encode(given.body) };
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get('per_page') ?? 30) || 30));
  const page = Math.max(1, Number(url.searchParams.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(given.list.length / size));
  const links = [
    ...(page > 1 ? [['prev', page - 1] as const, ['first', 1] as const] : []),
    ...(page < last ? [['next', page + 1] as const, ['last', last] as const] : []),
  ].map(([rel, number]) => {
    const to = new URL(`${world.addresses.api}${url.pathname}${url.search}`);
    to.searchParams.set('page', String(number));
    return `<${to.href}>; rel="${rel}"`;
  });
  if (links.length > 0) headers['link'] = links.join(', ');
  const items = given.list.slice((page - 1) * size, page * size);
  return { status: given.status ?? 200, headers: { ...json, ...headers }, body: encode(given.wrap ? given.wrap(items) : items) };
}

/** An ETag on what is read, and 304 for who has it already. */
function conditional(request: IncomingMessage, method: string, reply: Reply, faulty: boolean): Reply {
  if (faulty || (method !== 'GET' && method !== 'HEAD') || reply.status !== 200) return reply;
  const etag = `"${createHash('sha256').update(reply.body).digest('hex')}"`;
  const asked = request.headers['if-none-match']?.replace(/^W\//, '');
  return {
    ...reply,
    status: asked === etag ? 304 : 200,
    headers: { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' },
  };
}

function countedRate(parts: ServerParts, path: string, status: number): Record<string, string> {
  const resource = path.startsWith('/graphql') ? 'graphql' : 'core';
  const rate = parts.rate[resource];
  if (status !== 304 && !path.startsWith('/rate_limit')) rate.used = Math.min(rate.limit, rate.used + 1);
  return {
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.limit - rate.used),
    'x-ratelimit-used': String(rate.used),
    'x-ratelimit-reset': String(rate.reset),
    'x-ratelimit-resource': resource,
  };
}
/** The hour of a limit ends by GitHub's clock. */
function renewRates({ world, rate }: ServerParts): void {
  const now = Math.floor(world.clock.now().getTime() / 1000);
  for (const one of [rate.core, rate.graphql]) if (now >= one.reset) Object.assign(one, { used: 0, reset: now + 3600 });
}
const limitReached = (rate: RateLimit): Refusal =>
  new Refusal(
    403,
    'API rate limit exceeded for installation ID 1.',
    {},
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(rate.reset) },
  );

/** Where an artifact's or asset's bytes lie: another origin, which takes no token, as Azure's does not. */
function serveBlob(world: World, request: IncomingMessage, response: ServerResponse): void {
  const found = world.blobs.get(request.url ?? '');
  if (request.headers.authorization !== undefined) return void response.writeHead(400).end('InvalidAuthenticationInfo');
  if (!found) return void response.writeHead(404).end('BlobNotFound');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.length }).end(found);
}
