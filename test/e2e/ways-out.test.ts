import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../support/bot/attacked-team.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam(['first', 'pushed', 'hand', 'last']);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

async function say(body: string, on = team.desk, by = 'anna') {
  team.github.comment(on, body, by);
  await team.bot.settled();
  return team.said(on);
}

it('leads out of a first promotion that was merged and refused', async () => {
  const { github, bot } = team;
  const number = await team.ask('first');
  expect(await say('/promote churn@v2 first')).toContain(`as pull request ${number}, asked for by`);
  github.mergePull(number, 'octocat', { force: true });
  await bot.settled();
  // Nobody approved: that is what is wrong, and not that nobody could have. There is nothing to go back to, so nothing follows.
  const refused = team.said(number);
  expect(refused).toContain('APPROVALS_MISSING');
  expect(refused).not.toContain('POLICY_UNSATISFIABLE');
  expect(refused).not.toContain('pull request that follows');
  expect(await say('/weighin cancel', number)).toContain('`ALREADY_MERGED`');
  // What it says to do can be done.
  expect(refused).toContain('`/weighin unhold churn first`');
  expect(await say('/promote churn@v1 first')).toContain('`HELD`');
  await say('/weighin unhold churn first');
  const anew = await team.ask('first');
  expect(anew).not.toBe(number);
  github.review(anew, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(anew, 'ben');
  await bot.settled();
  expect(team.live('first')).toMatchObject({ generation: 2, phase: 'succeeded', stable: { number: 1 } });
  expect(await say('/promote churn@v1 first')).toContain('`ALREADY_AT_STAGE`');
});

it('says of a rebuilt promotion what is wanted there, and calls nobody', async () => {
  const { github, bot } = team;
  const old = await team.ask('pushed');
  github.review(old, 'dora', 'APPROVED');
  await bot.settled();
  github.git.commit({ branch: github.pull(old).headBranch, files: { 'README.md': 'Hi.\n' }, by: 'ben' });
  await bot.settled();
  const anew = team.pullOf('pushed');
  const body = github.pull(anew).issue.body ?? '';
  expect(body).toContain('0 of 1 approval');
  expect(body).not.toContain('TAMPERED');
  const told = team.said(old);
  expect(told).toContain(`/pull/${anew})`);
  expect(told).not.toContain('@ben');
});

it('answers /why with what the check says where somebody changed registry/ by hand', async () => {
  const { github } = team;
  github.git.commit({ branch: 'by-hand', base: 'main', files: { 'registry/churn/stages/hand.json': '{}\n' }, by: 'ben' });
  const { number } = github.openPull({ branch: 'by-hand', title: 'Move it', by: 'ben' });
  expect(await say('/why', number)).toContain('**NOT_THE_BOTS**');
});

it('tells by --dry-run what would keep it from starting, and writes nothing', async () => {
  await say('/weighin hold churn last --reason "audit until friday"');
  const refused = await say('/promote churn@v1 last --dry-run');
  expect(refused).toContain('`HELD`');
  await say('/weighin unhold churn last');
  const before = team.github.git.head('weighin/state');
  expect(await say('/promote churn@v1 last --dry-run')).toContain('`DRY_RUN`');
  expect(team.github.git.head('weighin/state')).toBe(before);
});

it('takes the green from a promotion whose policy can no longer be read, and gives it back', async () => {
  const { github, bot } = team;
  const number = await team.ask('last');
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  const head = github.pull(number).headSha;
  expect(team.check(head)?.conclusion).toBe('success');
  const good = github.git.file('main', 'weighin.yaml') ?? '';
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': 'version: [\n' }, by: 'octocat' });
  await bot.settled();
  expect(team.check(head)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('POLICY_UNREADABLE') });
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': good }, by: 'octocat' });
  await bot.settled();
  expect(team.check(head)?.conclusion).toBe('success');
});

it('closes the promotion that a rollback takes the place of', async () => {
  const { github, bot } = team;
  const first = team.pullOf('last');
  github.mergePull(first, 'ben');
  await bot.settled();
  const second = await team.ask('last', 2);
  github.review(second, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(second, 'ben');
  await bot.settled();
  expect(team.live('last')).toMatchObject({ stable: { number: 2 } });
  const third = await team.ask('last', 1);
  expect(await say('/rollback churn last')).toContain('`ROLLED_BACK`');
  expect(github.pull(third).issue.state).toBe('closed');
  expect(team.check(github.pull(third).headSha)?.conclusion).toBe('failure');
  expect(team.pullOf('last')).not.toBe(third);
});
