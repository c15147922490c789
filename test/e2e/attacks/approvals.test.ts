import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam(['pushed', 'own', 'source']);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

it('approval before push', async () => {
  const { github, bot } = team;
  const number = await team.ask('pushed');
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  const approved = github.pull(number).headSha;
  expect(team.verdict(number).conclusion).toBe('success');

  // What was approved is pushed over: another plan, by the bot itself.
  github.comment(number, '/weighin override roc_auc.min --reason "trust me"', 'ben');
  await bot.settled();
  expect(github.pull(number).headSha).not.toBe(approved);
  expect(team.verdict(number)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('APPROVALS_MISSING') });
  // And the branch put back to the commit that was green: no check that is left there may pass it.
  expect(team.check(approved)?.conclusion).toBe('failure');
  github.git.push(github.pull(number).headBranch, approved, 'ben');
  expect(team.verdict(number).conclusion).toBe('failure');
  await bot.settled();
  expect(team.verdict(team.pullOf('pushed'))).toMatchObject({
    conclusion: 'failure',
    summary: expect.stringContaining('APPROVALS_MISSING'),
  });
  expect(team.stageFile('pushed')).toBeNull();
});

it('self-approval through the bot', async () => {
  const { github, bot } = team;
  const number = await team.ask('own');
  // GitHub lets anna: the author of the pull request is the bot. alice trained what it promotes, chris only reads.
  for (const login of ['anna', 'alice', 'chris']) github.review(number, login, 'APPROVED');
  await bot.settled();
  const { conclusion, summary } = team.verdict(number);
  expect(conclusion).toBe('failure');
  expect(summary).toContain('0 of 1 approval');
  expect(summary).toContain('anna asked for this promotion');
  expect(summary).toContain('alice is an author of this model');
  // Merged over the check by an administrator, it is refused where it would start.
  github.mergePull(number, 'octocat', { force: true });
  await bot.settled();
  expect(team.live('own')).toMatchObject({ generation: 1, phase: 'idle', stable: null });
  expect(github.deployments('churn/own')).toEqual([]);
});

it('check posted by another source', async () => {
  const { github, bot } = team;
  github.protect({
    refs: ['~DEFAULT_BRANCH'],
    rules: [
      {
        type: 'required_status_checks',
        parameters: { required_status_checks: [{ context: 'weighin/promotion', integration_id: github.app.id }] },
      },
    ],
  });
  // Before the bot says a word itself.
  github.deliveries.hold();
  github.comment(team.desk, '/promote churn@v1 source', 'anna');
  await github.deliveries.send(...github.deliveries.held);
  await bot.settled();
  const number = team.pullOf('source');
  const sha = github.pull(number).headSha;
  for (const app of ['github-actions', 'some-other-app']) github.postCheck({ sha, name: 'weighin/promotion', app });
  await github.deliveries.release();
  await bot.settled();
  // Neither GitHub nor the bot takes their word.
  expect(() => github.mergePull(number, 'ben')).toThrow();
  expect(team.verdict(number).conclusion).toBe('failure');
  expect(team.stageFile('source')).toBeNull();
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(number, 'ben');
  await bot.settled();
  expect(team.live('source')).toMatchObject({ generation: 1, phase: 'succeeded' });
});
