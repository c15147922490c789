import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key as GitHub gives it to an App. Made once a process: it takes a while. */
export const privateKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

export interface StubCall {
  readonly route: string;
  readonly body: unknown;
  readonly authorization: string;
}
export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
export type StubRoutes = Record<string, (call: StubCall, url: URL) => StubAnswer>;

/**
 * The few routes that an App asks as itself, for tests of hosting alone; what happens in repositories is played by the double. A route
 * that nobody gave is 404, and every call is kept.
 */
export async function startStubApi(routes: StubRoutes) {
  const calls: StubCall[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://stub');
    const text = Buffer.concat(chunks).toString('utf8');
    const call = {
      route: `${request.method} ${url.pathname.replace(/^\/api\/v3/, '')}`,
      body: text ? JSON.parse(text) : null,
      authorization: request.headers.authorization ?? '',
    };
    calls.push(call);
    const { status = 200, headers = {}, body = {} } = routes[call.route]?.(call, url) ?? { status: 404, body: { message: 'Not Found' } };
    response.writeHead(status, { 'content-type': 'application/json', date: new Date().toUTCString(), ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    baseUrl: `http://${host}/api/v3`,
    calls,
    routes,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const granted = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  actions: 'read',
  deployments: 'write',
};
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

/** An App `weighin`, number 123, installed (77) at acme's repositories. */
export const stubRoutes = (repositories: readonly string[] = ['churn']): StubRoutes => ({
  'GET /app': () => ({ body: { id: 123, slug: 'weighin', events: ['push'], permissions: granted } }),
  'GET /app/installations': () => ({ body: [{ id: 77, account: { login: 'acme' }, suspended_at: null, permissions: granted }] }),
  'GET /app/installations/77': () => ({ body: { id: 77, account: { login: 'acme' }, suspended_at: null, permissions: granted } }),
  'GET /repos/acme/churn/installation': () => ({ body: { id: 77, account: { login: 'acme' }, suspended_at: null, permissions: granted } }),
  'POST /app/installations/77/access_tokens': () => ({
    status: 201,
    body: { token: 'ghs_ATokenThatNobodyMaySee123', expires_at: inAnHour() },
  }),
  'GET /installation/repositories': () => ({
    body: {
      total_count: repositories.length,
      repositories: repositories.map((name) => ({ name, owner: { login: 'acme' }, archived: false })),
    },
  }),
  'GET /app/hook/deliveries': () => ({ body: [] }),
});
