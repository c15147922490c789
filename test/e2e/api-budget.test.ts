import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRegisteredTeam, type RegisteredTeam } from '../support/bot/registered-team.ts';
import { type RunningBotProcess, runBot } from '../support/bot/run-bot.ts';

/** What GitHub is asked, phase by phase; every request counts, a 304 does not (GitHub's own rule). A comment's update has its budget in test/unit/bot/conversation. */
let team: RegisteredTeam;
let bot: RunningBotProcess;
beforeEach(async () => {
  team = await openRegisteredTeam();
  bot = await runBot(team.github);
});
afterEach(async () => {
  expect(team.github.unknown).toEqual([]);
  await bot.stop();
  await team.close();
});

/** Requests between two moments, but for those that mint tokens. */
async function asked(does: () => unknown): Promise<readonly string[]> {
  await bot.settled();
  const { github } = team;
  const before = github.requests.length;
  await does();
  await bot.settled();
  return github.requests
    .slice(before)
    .filter(({ status, path }) => status !== 304 && !/^\/app\b/.test(path.replace(/^\/api\/v3/, '')))
    .map(({ method, path, status }) => `${method} ${path} ${status}`);
}

it('plans a promotion in 14, hears a review in 5, and starts in 8', async () => {
  const { github } = team;
  const issue = github.openIssue({ title: 'Release', by: 'anna' }).number;
  // The first look at a repository reads more; what is bounded is the bot at work.
  github.comment(issue, '/weighin status', 'anna');
  await bot.settled();
  // The pull request that it opens is an event of its own, so its delivery waits.
  github.deliveries.hold();
  const comment = github.comment(issue, '/promote churn@v1 production', 'anna');
  expect(comment.id).toBeGreaterThan(0);
  const plan = await asked(() => github.deliveries.send(...github.deliveries.held));
  const number = team.promotionPull();
  expect(number).toBeGreaterThan(0);
  await github.deliveries.release();
  await bot.settled();
  const event = await asked(() => github.review(number, 'dora', 'APPROVED'));
  expect(team.check(github.pull(number).headSha)?.conclusion).toBe('success');
  github.deliveries.hold();
  github.mergePull(number, 'dora');
  const push = github.deliveries.held.filter(({ event: name }) => name === 'push');
  const start = await asked(() => github.deliveries.send(...push));
  expect(team.state('live/churn/production.json')).toMatchObject({ phase: 'succeeded' });
  for (const [phase, requests, budget] of [
    ['plan', plan, 14],
    ['event', event, 5],
    ['start', start, 8],
  ] as const)
    expect(requests.length, `${phase}:\n${requests.join('\n')}`).toBeLessThanOrEqual(budget);
});
