import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSetup } from '../../../../bot/server/run-setup.ts';
import { startStubApi } from '../../../support/bot/stub-api.ts';

const before = process.cwd();
const root = join(import.meta.dirname, '..', '..', '..', '..');
let folder: string;
let api: Awaited<ReturnType<typeof startStubApi>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-setup-'));
  copyFileSync(join(root, 'app.yml'), join(folder, 'app.yml'));
  process.chdir(folder);
  api = await startStubApi({
    'POST /app-manifests/abc/conversions': () => ({
      status: 201,
      body: {
        id: 456,
        client_id: 'Iv1',
        client_secret: 'c',
        webhook_secret: 'from-github',
        pem: '-----BEGIN\nk\n-----END\n',
        html_url: 'http://x/apps/weighin',
      },
    }),
  });
});
afterAll(async () => {
  process.chdir(before);
  await api.close();
  rmSync(folder, { recursive: true });
});

it('refuses to replace an App, and to guess an address', async () => {
  await expect(runSetup({ APP_ID: '1' }, 'https://bot.acme.com')).rejects.toMatchObject({ code: 'ALREADY_SET_UP' });
  for (const address of [undefined, 'bot.acme.com', 'https://bot.acme.com/path'])
    await expect(runSetup({}, address)).rejects.toMatchObject({ code: 'NO_ADDRESS' });
});

it('creates the App with what app.yml asks for, and keeps its key for this user alone', async () => {
  process.env['GHE_HOST'] = api.host;
  process.env['GHE_PROTOCOL'] = 'http';
  const port = await freePort();
  process.env['PORT'] = String(port);
  process.env['LOG_LEVEL'] = 'fatal';
  const setup = await runSetup(process.env, 'https://bot.acme.com');
  const page = await (await fetch(`http://127.0.0.1:${port}/probot`)).text();
  expect(page).toContain(`action="http://${api.host}/settings/apps/new"`);
  expect(page).toContain('"hook_attributes":{"url":"https://bot.acme.com/api/github/webhooks"}');
  expect(page).toContain('"public":false');
  expect(page).toContain('"default_permissions":{"metadata":"read","contents":"write"');
  const answer = await fetch(`http://127.0.0.1:${port}/probot/setup?code=abc`, { redirect: 'manual' });
  expect(answer.headers.get('location')).toBe('http://x/apps/weighin/installations/new');
  const written = readFileSync('.env', 'utf8');
  expect(written).toContain('APP_ID="456"');
  expect(written).toContain('PRIVATE_KEY="-----BEGIN\nk\n-----END\n"');
  expect(written).toContain('WEBHOOK_SECRET="from-github"');
  expect(statSync('.env').mode & 0o077).toBe(0);
  await setup.stop();
});

/** Probot takes 0 for its default. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
