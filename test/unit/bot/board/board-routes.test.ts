import { createHmac } from 'node:crypto';
import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBoardRoutes } from '../../../../bot/board/board-routes.ts';
import { createHeartbeats } from '../../../../bot/board/heartbeats.ts';
import { ago, boardNow, busyFacts, heard } from '../../../support/board/board-facts.ts';

const boardToken = 'a-token-of-the-board-3f9c1b7a';
const guardSecret = 'a-secret-of-guards-8e21d04c';
let server: Server;
let now: number;
let reads: string[];
let failure: Error | null;

async function start(given: { readonly boardToken?: string | null; readonly guardSecret?: string | null } = {}) {
  const routes = createBoardRoutes({
    boardToken,
    guardSecret,
    ...given,
    repositories: () => ['acme/churn', 'acme/eta'],
    heartbeats: createHeartbeats(() => now),
    async read(repository) {
      reads.push(repository);
      if (failure) throw failure;
      return { ...busyFacts(), repository };
    },
    explain: (error) => `(${error instanceof Error ? error.message : ''})`,
    now: () => now,
  });
  server = createServer(async (request, response) => {
    if (!(await routes(request, response, request.url?.split('?')[0] ?? '/'))) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}
beforeEach(() => {
  now = boardNow.getTime();
  reads = [];
  failure = null;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const get = (path: string, headers: Readonly<Record<string, string>> = {}) => fetch(url(path), { headers, redirect: 'manual' });
const bearer = { authorization: `Bearer ${boardToken}` };
const signIn = (token: string, next = '/board', headers: Readonly<Record<string, string>> = {}) =>
  fetch(url('/board/sign-in'), { method: 'POST', body: new URLSearchParams({ token, next }), headers, redirect: 'manual' });
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('who may see the board', () => {
  it('nobody where no token is set: there is no board', async () => {
    await start({ boardToken: null });
    for (const path of ['/board', '/board/acme/churn', '/board/acme/churn/live', '/board/sign-in'])
      expect((await get(path, bearer)).status).toBe(404);
    expect((await signIn(boardToken)).status).toBe(404);
    expect((await get('/boards')).status).toBe(418);
  });

  it('whoever shows the token, and nobody else; GitHub is asked for nobody else', async () => {
    await start();
    for (const headers of [
      {},
      { authorization: `Bearer ${boardToken}x` },
      { authorization: boardToken },
      { cookie: `weighin_board=${boardToken}` },
    ])
      for (const path of ['/board', '/board/acme/churn', '/board/acme/churn/live', '/board/acme/nothing']) {
        const response = await get(path, headers as Record<string, string>);
        expect([path, response.status]).toEqual([path, 401]);
        expect(await response.text()).not.toMatch(/acme\/eta|production/);
      }
    expect(reads).toEqual([]);
    expect((await get('/board/acme/churn', bearer)).status).toBe(200);
  });

  it('signs in by the form, to the page that was asked for, with a cookie that scripts and other sites never get', async () => {
    await start();
    expect(await (await get('/board/acme/churn')).text()).toContain('name="next" value="/board/acme/churn"');
    const response = await signIn(boardToken, '/board/acme/churn');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/board/acme/churn']);
    expect(response.headers.get('set-cookie')).toMatch(
      /^weighin_board=\d+\.[\w-]{43}; Path=\/board; HttpOnly; SameSite=Strict; Max-Age=604800$/,
    );
    expect(response.headers.get('set-cookie')).not.toContain(boardToken);
    expect((await get('/board', { cookie: `other=1; ${cookieOf(response)}` })).status).toBe(200);
  });

  it('marks the cookie Secure where the browser came by https', async () => {
    await start();
    expect((await signIn(boardToken, '/board', { 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toContain('; Secure');
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/board/../x',
    '/board/a/b/../../..',
    '/board/a/b?next=//x',
    'javascript:alert(1)',
    '',
  ])('sends nobody to %j', async (next) => {
    await start();
    expect((await signIn(boardToken, next)).headers.get('location')).toBe('/board');
  });

  it('takes no cookie that is forged, changed or over, and none of another token', async () => {
    await start();
    const cookie = cookieOf(await signIn(boardToken));
    const [, end = '', signature = ''] = /=(\d+)\.(.+)$/.exec(cookie) ?? [];
    const flipped = `${signature.slice(0, -2)}${signature.at(-2) === 'A' ? 'B' : 'A'}${signature.at(-1)}`;
    for (const forged of [
      `${Number(end) + 1}.${signature}`,
      `${end}.${flipped}`,
      `${end}.`,
      `0${end}.${signature}`,
      `${end}.${'A'.repeat(43)}`,
    ])
      expect((await get('/board', { cookie: `weighin_board=${forged}` })).status).toBe(401);
    expect((await get('/board', { cookie })).status).toBe(200);
    now += 7 * 86_400_000;
    expect((await get('/board', { cookie })).status).toBe(401);
    now -= 86_400_000;
    await new Promise((resolve) => server.close(resolve));
    await start({ boardToken: 'another-token-of-the-board-1' });
    expect((await get('/board', { cookie })).status).toBe(401);
  });

  it('lets nobody guess: ten wrong tokens a minute, then even the right one waits; who is signed in goes on', async () => {
    await start();
    const cookie = cookieOf(await signIn(boardToken));
    for (let tries = 0; tries < 10; tries++) expect((await signIn(`wrong-${tries}`)).status).toBe(401);
    expect((await signIn(boardToken)).status).toBe(429);
    expect((await get('/board', bearer)).status).toBe(429);
    expect((await get('/board', { cookie })).status).toBe(200);
    now += 60_001;
    expect((await signIn(boardToken)).status).toBe(303);
  });

  it('signs out', async () => {
    await start();
    const response = await fetch(url('/board/sign-out'), { method: 'POST', redirect: 'manual' });
    expect(response.headers.get('set-cookie')).toMatch(/^weighin_board=; .*Max-Age=0$/);
  });

  it('takes no form that is larger than a form, and reads only', async () => {
    await start();
    expect((await signIn('x'.repeat(9000))).status).toBe(413);
    expect((await fetch(url('/board/acme/churn'), { method: 'POST', headers: bearer })).status).toBe(405);
    expect((await fetch(url('/board/acme/churn'), { method: 'DELETE', headers: bearer })).status).toBe(405);
  });
});

describe('the pages', () => {
  it('list every repository, and show one', async () => {
    await start();
    expect(await (await get('/board', bearer)).text()).toMatch(/href="\/board\/acme\/churn"[\s\S]*href="\/board\/acme\/eta"/);
    const response = await get('/board/acme/churn', bearer);
    expect(await response.text()).toContain('fraud production: nobody guards v4');
    for (const [name, value] of [
      ['cache-control', 'no-store'],
      ['referrer-policy', 'no-referrer'],
      ['x-content-type-options', 'nosniff'],
      ['x-frame-options', 'DENY'],
    ] as const)
      expect([name, response.headers.get(name)]).toEqual([name, value]);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; /,
    );
  });

  it('give the part that changes alone', async () => {
    await start();
    const part = await (await get('/board/acme/churn/live', bearer)).text();
    expect(part).toMatch(/^<main class="board" id="live"/);
    expect(part).not.toMatch(/<script|<style|<!doctype/);
  });

  it('find a repository whatever its case, and say where there is none', async () => {
    await start();
    expect((await get('/board/Acme/CHURN', bearer)).status).toBe(200);
    expect(reads).toEqual(['acme/churn']);
    const none = await get('/board/acme/other', bearer);
    expect([none.status, (await none.text()).includes('serves no repository acme/other')]).toEqual([404, true]);
    for (const path of ['/board/acme', '/board/acme/churn/other', '/board/acme%2Fchurn', '/board/'])
      expect((await get(path, bearer)).status).toBe(404);
  });

  it('ask GitHub once in ten seconds, however many look', async () => {
    await start();
    await Promise.all(Array.from({ length: 20 }, (_, index) => get(`/board/acme/churn${index % 2 ? '/live' : ''}`, bearer)));
    now += 9_000;
    await get('/board/acme/churn', bearer);
    expect(reads).toEqual(['acme/churn']);
    now += 1_000;
    await get('/board/acme/churn', bearer);
    expect(reads).toHaveLength(2);
  });

  it('say when GitHub does not answer: first that nothing can be shown, later how old what is shown is', async () => {
    await start();
    failure = new Error('no answer');
    const first = await get('/board/acme/churn', bearer);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await first.text()).toContain('GitHub did not answer: (no answer)');
    failure = null;
    now += 10_000;
    await get('/board/acme/churn', bearer);
    failure = new Error('no answer');
    now += 10_000;
    const later = await (await get('/board/acme/churn', bearer)).text();
    expect(later).toContain('said it at <b>14:03:22 UTC</b>');
    expect(later).toContain('GitHub did not answer since: (no answer)');
  });
});

describe('POST /guard', () => {
  const beat = (given: object = {}) => ({
    schema: 'weighin/guard@1',
    repository: 'acme/churn',
    owner: 'guard-1',
    at: ago(1),
    rollouts: [heard('churn.production.42', { weight: { desired: 15, observed: 7 } }).rollout],
    ...given,
  });
  const post = (body: unknown, secret = guardSecret, headers: Readonly<Record<string, string>> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const signature = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
    return fetch(url('/guard'), { method: 'POST', body: text, headers: { 'x-weighin-signature-256': signature, ...headers } });
  };
  const page = async () => (await get('/board/acme/churn', bearer)).text();

  it('is not there without a secret', async () => {
    await start({ guardSecret: null });
    expect((await post(beat())).status).toBe(404);
  });

  it('is shown at once, without GitHub', async () => {
    await start();
    expect(await page()).toContain('recorded ');
    expect((await post(beat({ repository: 'Acme/Churn' }))).status).toBe(202);
    const shown = await page();
    expect(shown).toContain('candidate v13 <b>7 %</b>');
    expect(shown).toContain('guard-1');
    expect(reads).toHaveLength(1);
  });

  it('is proved before it is read', async () => {
    await start();
    for (const headers of [{ 'x-weighin-signature-256': `sha256=${'0'.repeat(64)}` }, { 'x-weighin-signature-256': '' }])
      expect((await post(beat(), guardSecret, headers)).status).toBe(401);
    expect((await post(beat(), 'another-secret-of-guards')).status).toBe(401);
    expect((await post('{', 'another-secret-of-guards')).status).toBe(401);
    expect(await page()).not.toContain('guard-1');
  });

  it.each([
    ['no JSON', '{', /JSON/],
    ['another shape', { ...beat(), more: 1 }, /weighin\/guard@1/],
    ['too many rollouts', beat({ rollouts: Array(201).fill(beat().rollouts[0]) }), /rollouts/],
    ['a moment that lies ahead', beat({ at: ago(-61) }), /clock/],
  ])('refuses %s with 400 and says what is wrong', async (_what, body, says) => {
    await start();
    const response = await post(body);
    expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(says)]);
  });

  it('refuses a repository that the bot does not serve, and more than 256 kB', async () => {
    await start();
    expect((await post(beat({ repository: 'evil/churn' }))).status).toBe(404);
    expect((await post('x'.repeat(256 * 1024 + 1))).status).toBe(413);
    expect((await fetch(url('/guard'))).status).toBe(405);
  });

  it('changes nothing when it is replayed', async () => {
    await start();
    const old = beat({ at: ago(30), owner: 'guard-old' });
    await post(old);
    await post(beat());
    expect((await post(old)).status).toBe(202);
    expect(await page()).not.toContain('guard-old');
  });

  it('survives a sender that goes away in the middle', async () => {
    await start();
    await new Promise<void>((resolve) => {
      const half = ask(url('/guard'), { method: 'POST', headers: { 'content-length': '100' } });
      half.on('error', () => resolve());
      half.write('{');
      setTimeout(() => half.destroy(), 20);
    });
    expect((await post(beat())).status).toBe(202);
  });
});
