import { afterEach, describe, expect, it } from 'vitest';
import { startBot } from '../support/bot/bot-in-process.ts';
import type { Death } from '../support/bot/mortal-fetch.ts';
import { type GuardedTeam, openGuardedTeam } from '../support/rollout/guarded-team.ts';

/** The bot dies while it tells of a rollout or is asked to steer one; another one, that remembers nothing, finds what is left by sweeping. */
let opened: GuardedTeam | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
type World = GuardedTeam['world'];

const ways: Readonly<Record<string, (world: World, pull: number) => Promise<unknown>>> = {
  'a rollback by the rules': async (world) => {
    world.candidateBad = 0.1;
    await world.pass(60);
  },
  '/canary abort': async (world, pull) => {
    await world.say('/canary churn production abort', 'anna', pull);
    await world.pass(20);
  },
  '/rollback': async (world, pull) => {
    await world.say('/rollback churn production --reason "odd"', 'ben', pull);
    await world.pass(20);
  },
};

/** What people are left with: each thing once. */
async function play(way: string, death: Death | null) {
  opened = await openGuardedTeam();
  const { world } = opened;
  const { github, team } = world;
  await world.promote(1);
  await world.pass(30);
  const pull = await world.promote(2);
  await world.pass(30);
  world.bot.doom(death);
  await ways[way]?.(world, pull);
  const wasKilled = world.bot.dead();
  world.bot.doom(null);
  const second = await startBot(github);
  for (let sweeps = 0; sweeps < 3; sweeps++) {
    github.clock.advance({ minutes: 3 });
    await second.work([{ kind: 'sweep' }]);
    await world.pass(20);
  }
  expect(second.errors).toEqual([]);
  const revert = team.promotionPull();
  return {
    wasKilled,
    left: {
      live: { phase: world.live().phase, stable: world.live().stable?.number, held: world.live().holds.length },
      traffic: world.percent(),
      deployments: github.repository.deployments.map(({ payload, statuses }) => [
        (payload as { rolloutId: string }).rolloutId,
        statuses.at(-1)?.state,
      ]),
      told: team
        .ownComments(pull)
        .filter((body) => body.includes('weighin:rollout'))
        .map((body) => body.split('\n').find((line) => line.startsWith('### '))),
      replies: team.ownComments(pull).filter((body) => body.includes('ABORTED') || body.includes('ROLLED_BACK')).length,
      issues: [...github.repository.issues.values()]
        .filter(({ body, state }) => state === 'open' && body?.includes('weighin:rollback'))
        .map(({ title }) => title),
      pulls: [...github.repository.pulls.values()].map(({ headBranch, issue }) => `${headBranch} ${issue.state}`),
      revertIsNew: revert !== pull,
    },
  };
}

describe.each(Object.keys(ways))('%s', { timeout: 120_000 }, (way) => {
  const deaths = (process.env['WEIGHIN_DEATHS'] ?? '2,4,7').split(',').map(Number);
  it(`ends the same where the bot dies after write ${deaths.join(', ')}`, async () => {
    const { left: untouched } = await play(way, null);
    await opened?.close();
    expect(untouched).toMatchObject({
      live: { phase: 'rolled-back', stable: 1, held: 1 },
      traffic: 0,
      deployments: [
        ['churn.production.1', 'success'],
        ['churn.production.2', 'failure'],
        ['churn.production.2.rollback', 'success'],
      ],
      told: [expect.stringContaining('was rolled back')],
      issues: [expect.stringContaining('churn v2 was rolled back in production')],
      revertIsNew: true,
    });
    for (const write of deaths) {
      const { wasKilled, left } = await play(way, { write, when: 'after' });
      expect(wasKilled, `write ${write}`).toBe(true);
      expect(left, `write ${write}`).toEqual(untouched);
      await opened?.close();
    }
    opened = undefined;
  });
});
