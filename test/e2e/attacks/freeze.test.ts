import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';

let team: AttackedTeam;
beforeAll(async () => {
  const freeze = [{ from: '2026-11-21T12:00:00Z', to: '2026-11-23T12:00:00Z', reason: 'sale' }];
  team = await openAttackedTeam({ frozen: { approvals: 1, freeze } }, { now: '2026-11-21T09:00:00Z' });
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

async function promote(version: number) {
  const { github, bot } = team;
  const number = await team.ask('frozen', version);
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  expect(team.verdict(number).conclusion).toBe('success');
  return number;
}

it('merge after a freeze began', async () => {
  const { github, bot } = team;
  const first = await promote(1);
  github.mergePull(first, 'ben');
  await bot.settled();
  expect(team.live('frozen')).toMatchObject({ generation: 1, phase: 'succeeded' });
  const number = await promote(2);
  // Nobody looked since: the check is as green as it was.
  github.clock.advance({ hours: 4 });
  expect(team.verdict(number).conclusion).toBe('success');
  github.mergePull(number, 'ben');
  await bot.settled();
  expect(team.live('frozen')).toMatchObject({
    generation: 2,
    phase: 'succeeded',
    stable: { number: 1 },
    candidate: null,
    holds: [{ reason: 'refused at its start: FROZEN', until: null }],
  });
  expect(team.said(number)).toContain('REFUSED_AT_START');
  expect(team.said(number)).toContain('FROZEN');
  expect(github.deployments('churn/frozen')).toHaveLength(1);
  // What takes main back to what runs is proposed, and reviewed as ever.
  const revert = team.pullOf('frozen');
  expect(revert).not.toBe(number);
  expect(team.verdict(revert)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('APPROVALS_MISSING') });
  const branch = github.pull(revert).headBranch;
  expect(JSON.parse(github.git.file(branch, 'registry/churn/stages/frozen.json') ?? '')).toMatchObject({
    generation: 3,
    operation: 'rollback',
    version: { number: 1 },
  });
});
