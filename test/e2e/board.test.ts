import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/digest/canonical-json.ts';
import { liveDocumentSchema } from '../../shared/promotion/live-document.ts';
import { livePath, stateBranch } from '../../shared/promotion/state-paths.ts';
import type { Heartbeat } from '../../shared/rollout/guard/heartbeat.ts';
import { heard, rolling } from '../support/board/board-facts.ts';
import { openRegisteredTeam, type RegisteredTeam } from '../support/bot/registered-team.ts';
import { type RunningBotProcess, runBot } from '../support/bot/run-bot.ts';

/** The board of a real bot: a promotion that waits at one stage and a rollout at another, as Git and the guard say them, and who gets to see it. */

const boardToken = 'a-token-of-the-board-3f9c1b7a';
const guardSecret = 'a-secret-of-guards-8e21d04c';
const headers = { authorization: `Bearer ${boardToken}` };
let team: RegisteredTeam;
let bot: RunningBotProcess;

beforeAll(async () => {
  team = await openRegisteredTeam({ now: new Date(), stages: { staging: {}, production: { approvals: 1 } } });
  const { github } = team;
  const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  const guard = { driver: 'server', owner: 'guard-1', lastAt: secondsAgo(60), maxSilenceS: 60 };
  const staging = liveDocumentSchema.parse({ ...rolling('churn', 'staging'), guard });
  github.git.commit({
    branch: stateBranch,
    files: { [livePath('churn', 'staging')]: canonicalJson(staging) },
    message: 'A rollout',
    by: github.app.botLogin,
  });
  bot = await runBot(github, { env: { WEIGHIN_BOARD_TOKEN: boardToken, WEIGHIN_GUARD_SECRET: guardSecret } });
  const issue = github.openIssue({ title: 'Release', by: 'anna' }).number;
  github.comment(issue, '/promote churn@v1 production', 'anna');
  await bot.settled();
});
afterAll(async () => {
  await bot?.stop();
  await team?.close();
});

const get = (path: string, given: Readonly<Record<string, string>> = headers) => fetch(`${bot.url}${path}`, { headers: given });
const words = (page: string) =>
  page
    .replace(/<(style|script|title)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ');

it('shows nothing to whoever has no token, and says on its first page that there is a board', async () => {
  for (const path of ['/board', '/board/acme/churn', '/board/acme/churn/live']) {
    const response = await get(path, {});
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('staging');
  }
  expect(await (await get('/')).text()).toContain('<a href="/board">');
});

it('shows the promotion that waits with why, and the rollout as it was recorded; asks GitHub once for all who look', async () => {
  const before = team.github.requests.length;
  const first = words(await (await get('/board/acme/churn')).text());
  const asked = team.github.requests.length - before;
  expect(asked).toBeLessThan(12);
  const pull = team.promotionPull();
  expect(pull).toBeGreaterThan(0);
  expect(first).toContain(`v1, asked for by @anna`);
  expect(first).toContain(`pull request #${pull}`);
  expect(first).toContain('APPROVALS_MISSING');
  expect(first).toContain('0 of 1 approvals');
  expect(first).toContain('v13 answers 15 % of staging, step 2 of 6.');
  expect(first).toContain('recorded 1 min ago');
  expect(first).toContain('promotion of v1 asked for @anna');
  await Promise.all(Array.from({ length: 30 }, () => get('/board/acme/churn/live')));
  expect(team.github.requests.length - before).toBe(asked);
  expect(team.github.unknown).toEqual([]);
});

it('hears the guard, and shows at once what it says', async () => {
  const beat: Heartbeat = {
    schema: 'weighin/guard@1',
    repository: 'acme/churn',
    owner: 'guard-2',
    at: new Date().toISOString(),
    rollouts: [{ ...heard('churn.staging.42').rollout, stage: 'staging', step: 2, weight: { desired: 30, observed: 30 } }],
  };
  const body = JSON.stringify(beat);
  const send = (secret: string) =>
    fetch(`${bot.url}/guard`, {
      method: 'POST',
      body,
      headers: { 'x-weighin-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` },
    });
  expect((await send('another-secret-of-guards')).status).toBe(401);
  expect((await send(guardSecret)).status).toBe(202);
  const shown = words(await (await get('/board/acme/churn/live')).text());
  expect(shown).toContain('v13 answers 30 % of staging, step 3 of 6.');
  expect(shown).toMatch(/last guarded \d s ago .*server · guard-2/);
});

it('tells neither token nor secret to its log', () => {
  expect(bot.log()).not.toContain(boardToken);
  expect(bot.log()).not.toContain(guardSecret);
});
