import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotContext, Hint } from '../../../../bot/bot-context.ts';
import { createBot, type RunningBot } from '../../../../bot/server/create-bot.ts';
import { createLog } from '../../../../bot/server/log.ts';
import { readSettings } from '../../../../bot/server/settings.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import type { Forge } from '../../../../shared/promotion/forge.ts';
import { privateKey, startStubApi, stubRoutes } from '../../../support/bot/stub-api.ts';

const secret = 'a-secret-that-nobody-guesses';
let api: Awaited<ReturnType<typeof startStubApi>>;
let bot: RunningBot;
let lines: string[];
let worked: { repository: string; hints: readonly Hint[] }[];
let handle: (repository: string, hints: readonly Hint[]) => Promise<void>;

beforeEach(async () => {
  api = await startStubApi(stubRoutes());
  lines = [];
  worked = [];
  handle = async () => {};
  const settings = readSettings({
    APP_ID: '123',
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: secret,
    GHE_HOST: api.host,
    GHE_PROTOCOL: 'http',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'trace',
    LOG_FORMAT: 'json',
  });
  const log = createLog({ level: 'trace', format: 'json', secrets: [secret, privateKey], write: (line) => lines.push(line) });
  bot = await createBot({
    settings,
    version: '0.0.0-test',
    log,
    // Only the repository's name is looked at here; the bot's work has tests of its own.
    openForge: async ({ owner, repo, octokit }) => {
      await octokit.request('GET /repos/{owner}/{repo}', { owner, repo }).catch(() => null);
      return { repository: { owner, name: repo } } as unknown as Forge;
    },
    createContext: (forge) => ({ forge }) as unknown as BotContext,
    async handleWork({ forge }, hints) {
      const repository = `${forge.repository.owner}/${forge.repository.name}`;
      worked.push({ repository, hints });
      await handle(repository, hints);
    },
  });
  await bot.swept;
  await until(() => worked.length > 0);
});
afterEach(async () => {
  await bot.stop();
  await api.close();
});

const url = (path: string) => `http://127.0.0.1:${bot.port}${path}`;
const pullOpened = (number: number, name = 'churn') => ({
  action: 'opened',
  number,
  installation: { id: 77 },
  repository: { id: 1, name, owner: { login: 'acme' }, default_branch: 'main' },
});
function deliver(event: string, payload: unknown, change: Readonly<Record<string, string>> = {}) {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return fetch(url('/api/github/webhooks'), {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': 'd1',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...change,
    },
  });
}
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const lookedAtPull = (number: number) => worked.some(({ hints }) => hints.some((hint) => hint.kind === 'pull' && hint.number === number));

describe('the bot as a server', () => {
  it('sweeps every installed repository when it starts', () => {
    expect(worked).toEqual([{ repository: 'acme/churn', hints: [{ kind: 'sweep' }] }]);
  });

  it('answers a delivery before its work is done, and does the work', async () => {
    let finish = () => {};
    handle = () => new Promise((resolve) => (finish = resolve));
    expect((await deliver('pull_request', pullOpened(3))).status).toBe(202);
    await until(() => lookedAtPull(3));
    finish();
  });

  it.each([
    ['a wrong signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['a signature of another length', { 'x-hub-signature-256': 'sha256=0' }],
    ['the old signature only', { 'x-hub-signature-256': '', 'x-hub-signature': 'sha1=00' }],
  ])('refuses %s with 401, and looks at nothing', async (_what, headers) => {
    expect((await deliver('pull_request', pullOpened(4), headers)).status).toBe(401);
    expect((await deliver('pull_request', pullOpened(5))).status).toBe(202);
    await until(() => lookedAtPull(5));
    expect(lookedAtPull(4)).toBe(false);
  });

  it('proves the bytes as they came, not the text that they would be read as', async () => {
    // Read as text, an invalid byte becomes U+FFFD: a body signed as text would then pass for another body.
    const body = Buffer.from('{"zen":"\xff"}', 'latin1');
    const asText = createHmac('sha256', secret).update(body.toString('utf8')).digest('hex');
    const asBytes = createHmac('sha256', secret).update(body).digest('hex');
    const send = (signature: string) =>
      fetch(url('/api/github/webhooks'), {
        method: 'POST',
        body,
        headers: { 'x-github-event': 'ping', 'x-github-delivery': 'd', 'x-hub-signature-256': `sha256=${signature}` },
      });
    expect((await send(asText)).status).toBe(401);
    expect((await send(asBytes)).status).toBe(202);
  });

  it('refuses more bytes than GitHub sends, announced or not', async () => {
    const announced = await deliver('push', 'x'.repeat(25 * 1024 * 1024 + 1)).catch(() => null);
    // The connection may be gone before the whole body was sent.
    expect(announced?.status ?? 413).toBe(413);
    const socket = connect(bot.port, '127.0.0.1');
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data).split('\r\n')[0] ?? '')));
    socket.on('error', () => {});
    socket.write('POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    for (let sent = 0; sent < 26; sent++) socket.write(chunk);
    expect(await answered).toBe('HTTP/1.1 413 Payload Too Large');
    socket.destroy();
  });

  it('says what is wrong with a signed delivery that is none', async () => {
    expect((await deliver('push', 'not json')).status).toBe(400);
    expect((await deliver('push', '[]')).status).toBe(400);
    expect((await deliver('push', {}, { 'x-github-event': '' })).status).toBe(400);
    expect((await fetch(url('/api/github/webhooks'))).status).toBe(405);
    // GitHub sent it: asking for it again would bring the same.
    expect((await deliver('pull_request', { ...pullOpened(1), number: 'three' })).status).toBe(202);
    expect(lines.join('\n')).toContain('a delivery is not as GitHub documents it');
  });

  it('tells that it is alive, ready, and what it counts', async () => {
    expect((await fetch(url('/health'))).status).toBe(200);
    expect((await fetch(url('/ready'))).status).toBe(200);
    await deliver('pull_request', pullOpened(6));
    await deliver('pull_request', pullOpened(6), { 'x-hub-signature-256': '' });
    await until(() => lookedAtPull(6));
    const page = await (await fetch(url('/metrics'))).text();
    expect(page).toContain('weighin_deliveries_total{event="pull_request",outcome="taken"} 1');
    expect(page).toContain('weighin_deliveries_total{event="other",outcome="refused"} 1');
    expect(page).toMatch(/weighin_api_calls_total\{status="200"\} \d+/);
    expect(page).toMatch(/weighin_work_seconds_count\{outcome="done"\} \d+/);
    expect(page).toMatch(/weighin_last_sweep_age_seconds 0/);
    expect(page).toMatch(/weighin_queue_hints \d+/);
    const home = await fetch(url('/'));
    expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await fetch(url('/nothing'))).status).toBe(404);
  });

  it('asks for tokens that reach one repository, with the permissions of ours that were granted', async () => {
    await deliver('pull_request', pullOpened(7));
    await until(() => lookedAtPull(7));
    const minted = api.calls.filter(({ route }) => route === 'POST /app/installations/77/access_tokens').map(({ body }) => body);
    expect(minted).toEqual([
      { permissions: { metadata: 'read' } },
      {
        repositories: ['churn'],
        permissions: {
          metadata: 'read',
          contents: 'write',
          pull_requests: 'write',
          issues: 'write',
          checks: 'write',
          actions: 'read',
          deployments: 'write',
        },
      },
    ]);
  });

  it('writes no secret to its log, whoever passes it on', async () => {
    await deliver('pull_request', pullOpened(8), { 'x-hub-signature-256': 'sha256=0' });
    handle = async () => {
      throw new InfrastructureError('FORGE_REFUSED', `token ghs_ATokenThatNobodyMaySee123 and ${secret} were refused`);
    };
    await deliver('pull_request', pullOpened(9));
    await until(() => lines.some((line) => line.includes('were refused')));
    const all = lines.join('\n');
    expect(all).not.toContain('ghs_ATokenThatNobodyMaySee123');
    expect(all).not.toContain(secret);
    expect(all).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
    expect(all).not.toContain('PRIVATE KEY');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('opens a repository anew after GitHub refused something there', async () => {
    handle = async () => {
      throw new InfrastructureError('FORGE_REFUSED', 'no permission');
    };
    const opened = () => api.calls.filter(({ route }) => route === 'GET /app/installations/77').length;
    const before = opened();
    await deliver('pull_request', pullOpened(10));
    await until(() => lookedAtPull(10));
    handle = async () => {};
    await deliver('pull_request', pullOpened(11));
    await until(() => lookedAtPull(11));
    expect(opened()).toBe(before + 1);
  });

  it('finishes what it took when it is stopped, and takes nothing more', async () => {
    let finish = () => {};
    handle = () => new Promise((resolve) => (finish = resolve));
    await deliver('pull_request', pullOpened(12));
    await until(() => lookedAtPull(12));
    await deliver('pull_request', pullOpened(13));
    const stopped = bot.stop();
    handle = async () => {};
    finish();
    expect(await stopped).toBe(true);
    expect(lookedAtPull(13)).toBe(true);
    await expect(deliver('pull_request', pullOpened(14))).rejects.toThrow();
  });

  it('is not ready while GitHub refuses its key', async () => {
    api.routes['GET /app'] = () => ({ status: 401, body: { message: 'A JSON web token could not be decoded' } });
    const settings = {
      ...readSettings({ APP_ID: '123', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: secret, GHE_HOST: api.host, GHE_PROTOCOL: 'http' }),
      port: 0,
      host: '127.0.0.1',
    };
    const other = await createBot({
      settings,
      version: 'x',
      log: createLog({ level: 'fatal', format: 'json', secrets: [], write() {} }),
      openForge: () => Promise.reject(new Error('not asked')),
      createContext: () => ({}) as unknown as BotContext,
      handleWork: async () => {},
    });
    await other.swept;
    const answer = await fetch(`http://127.0.0.1:${other.port}/ready`);
    expect([answer.status, await answer.text()]).toEqual([503, 'GitHub refuses APP_ID with PRIVATE_KEY\n']);
    expect((await fetch(`http://127.0.0.1:${other.port}/health`)).status).toBe(200);
    await other.stop();
  });
});
