import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectApp } from '../../../../shared/adapters/github-app/connect-app.ts';
import { privateKey, startStubApi, stubRoutes } from '../../../support/bot/stub-api.ts';

let api: Awaited<ReturnType<typeof startStubApi>>;
let now: number;
const connect = () => connectApp({ appId: 123, privateKey, baseUrl: api.baseUrl, userAgent: 'weighin/test', now: () => now });
const tokens = () => api.calls.filter(({ route }) => route.endsWith('/access_tokens'));
const route = 'GET /repos/acme/churn/issues';
const use = { installation: 77, owner: 'acme', name: 'churn' };

beforeEach(async () => {
  now = Date.now();
  api = await startStubApi({ ...stubRoutes(), [route]: () => ({ body: [] }) });
});
afterEach(() => api.close());

describe('connectApp', () => {
  it('speaks as the App to ask who it is', async () => {
    expect(await connect().identify()).toMatchObject({ id: 123, slug: 'weighin' });
    expect(api.calls[0]?.authorization).toMatch(/^bearer eyJ/);
  });

  it('uses one token until shortly before its end, also for many requests at once', async () => {
    const { octokit } = await connect().repositoryClient(use);
    await Promise.all([octokit.request(route), octokit.request(route), octokit.request(route)]);
    expect(tokens()).toHaveLength(1);
    now += 54 * 60_000;
    await octokit.request(route);
    expect(tokens()).toHaveLength(1);
    now += 2 * 60_000;
    await octokit.request(route);
    expect(tokens()).toHaveLength(2);
  });

  it('asks for another token, once, when GitHub does not take it any more', async () => {
    let refusals = 1;
    api.routes[route] = () => (refusals-- > 0 ? { status: 401, body: { message: 'Bad credentials' } } : { body: [] });
    const { octokit } = await connect().repositoryClient(use);
    await octokit.request(route);
    expect(tokens()).toHaveLength(2);
    api.routes[route] = () => ({ status: 401, body: { message: 'Bad credentials' } });
    await expect(octokit.request(route)).rejects.toMatchObject({ status: 401 });
  });

  it('asks for what the installation grants now, and says what is missing', async () => {
    api.routes['GET /app/installations/77'] = () => ({
      body: {
        id: 77,
        account: { login: 'acme' },
        permissions: { metadata: 'read', contents: 'read', checks: 'write', administration: 'write' },
      },
    });
    const { octokit, missing } = await connect().repositoryClient(use);
    await octokit.request(route);
    expect(tokens()[0]?.body).toEqual({ repositories: ['churn'], permissions: { metadata: 'read', checks: 'write' } });
    expect(missing.map(({ name }) => name)).toContain('contents');
  });

  it('tells a limit, an outage and a refusal apart, and no installation from all of them', async () => {
    const app = connect();
    api.routes['GET /app/installations'] = () => ({
      status: 403,
      headers: { 'retry-after': '17' },
      body: { message: 'secondary rate limit' },
    });
    await expect(app.installations()).rejects.toMatchObject({ code: 'FORGE_LIMITED', retryAfterSeconds: 17 });
    api.routes['GET /app/installations'] = () => ({ status: 502, body: {} });
    await expect(app.installations()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    api.routes['GET /app/installations'] = () => ({ status: 403, body: { message: 'no' } });
    await expect(app.installations()).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    api.routes['GET /app/installations'] = () => ({ body: [{ id: 'seventy-seven' }] });
    await expect(app.installations()).rejects.toMatchObject({ code: 'FORGE_ANSWER_UNKNOWN' });
    expect(await app.installationOf('acme', 'other')).toBeNull();
    api.routes['GET /repos/acme/other/installation'] = () => ({ status: 500, body: {} });
    await expect(app.installationOf('acme', 'other')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
  });

  it('reads every page, and leaves archived repositories out', async () => {
    const repository = (name: string, archived = false) => ({ name, owner: { login: 'acme' }, archived });
    api.routes['GET /installation/repositories'] = (_call, url) =>
      url.searchParams.get('page') === '1'
        ? { headers: { link: `<${url}&page=2>; rel="next"` }, body: { repositories: [repository('a'), repository('old', true)] } }
        : { body: { repositories: [repository('b')] } };
    expect(await connect().repositories(77)).toEqual([
      { owner: 'acme', name: 'a' },
      { owner: 'acme', name: 'b' },
    ]);
  });

  it('pages through deliveries by their cursor', async () => {
    const one = { id: 5, guid: 'g', event: 'push', status_code: 502, delivered_at: '2026-11-21T10:00:00Z' };
    api.routes['GET /app/hook/deliveries'] = (_call, url) =>
      url.searchParams.get('cursor')
        ? { body: [] }
        : { headers: { link: `<http://x/app/hook/deliveries?cursor=v1_5>; rel="next"` }, body: [one] };
    const { deliveries, next } = await connect().deliveries(null);
    expect([deliveries, next]).toEqual([
      [{ id: '5', guid: 'g', event: 'push', statusCode: 502, deliveredAt: '2026-11-21T10:00:00Z' }],
      'v1_5',
    ]);
    expect(await connect().deliveries(next)).toEqual({ deliveries: [], next: null });
  });
});
