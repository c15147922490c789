import { afterEach, describe, expect, it } from 'vitest';
import { startBot } from '../support/bot/bot-in-process.ts';
import { type GuardedTeam, openGuardedTeam } from '../support/rollout/guarded-team.ts';

/** Bot and guard, each with its own connection to the double, and one clock: what people see of a rollout. */
let opened: GuardedTeam | undefined;
afterEach(async () => {
  expect(opened?.github.unknown).toEqual([]);
  expect(opened?.bot.errors).toEqual([]);
  expect(opened?.bot.logged).toEqual([]);
  await opened?.close();
  opened = undefined;
});

type World = GuardedTeam['world'];
async function open(): Promise<World> {
  opened = await openGuardedTeam();
  const { world } = opened;
  await world.promote(1);
  await world.pass(30);
  return world;
}
const deployments = ({ github }: World) =>
  github.repository.deployments.map(({ payload, statuses }) => [
    (payload as { rolloutId: string }).rolloutId,
    ...statuses.map(({ state, description }) => `${state}: ${description}`),
  ]);
const comments = ({ team }: World, pull: number) => team.ownComments(pull).filter((body) => body.includes('weighin:rollout'));
const issues = ({ github }: World) => [...github.repository.issues.values()].filter(({ body }) => body?.includes('weighin:rollback'));
const headline = (text: string | undefined) => text?.split('\n').find((line) => line.startsWith('### '));
const steady = (text: string) => text.replaceAll(/@[^ ]*8203;/g, '@').replaceAll(/#\d+/g, '#n');

describe('a rollout that is guarded', { timeout: 60_000 }, () => {
  it('has no stable to compare a first version with, so it is promoted at once', async () => {
    const world = await open();
    expect(world.live()).toMatchObject({ phase: 'succeeded', stable: { number: 1 }, candidate: null });
    expect(deployments(world)).toEqual([['churn.production.1', 'success: churn@v1 production has all traffic']]);
  });

  it('tells a good canary step by step, in one comment', async () => {
    const world = await open();
    const pull = await world.promote(2);
    expect(world.live()).toMatchObject({ phase: 'pending', engine: { name: 'careful' } });
    await world.pass(330);
    expect(world.percent()).toBe(50);
    expect(comments(world, pull).map(headline)).toEqual(['### 🚦 churn v2 in production gets 50 % of traffic, step 2 of 3']);
    await world.pass(700);
    expect(world.live()).toMatchObject({ phase: 'succeeded', stable: { number: 2 }, candidate: null, weight: null, generation: 2 });
    expect(world.traffic.so).toMatchObject({ stable: { number: 2 }, candidate: null });
    expect(comments(world, pull)).toHaveLength(1);
    await expect(steady(comments(world, pull)[0] ?? '')).toMatchFileSnapshot('golden/rollout/succeeded.md');
    expect(deployments(world).at(-1)).toEqual([
      'churn.production.2',
      'in_progress: churn@v2 production 10 % of traffic, step 1 of 3',
      'success: churn@v2 production has all traffic',
    ]);
    expect(issues(world)).toEqual([]);
  });

  it('tells a rollback: failed deployment, a new one of stable, hold, revert, an issue with a runbook; once, whoever looks', async () => {
    const world = await open();
    world.candidateBad = 0.1;
    const pull = await world.promote(2);
    await world.pass(120);
    const live = world.live();
    expect(live).toMatchObject({ phase: 'rolled-back', stable: { number: 1 }, candidate: null, generation: 2 });
    expect(live.holds).toMatchObject([{ digest: live.rolledBack[0]?.digest }]);
    expect(world.traffic.so).toMatchObject({ stable: { number: 1 }, candidate: null });
    const revert = world.team.promotionPull();
    expect(revert).not.toBe(pull);
    expect(world.github.pull(revert)).toMatchObject({ headBranch: 'weighin/promote/churn.production.3' });
    // A second process, and sweeps again: everything was told already.
    const second = await startBot(world.github);
    for (const bot of [world.bot, second, second]) expect(await bot.work([{ kind: 'sweep' }])).toBe('done');
    expect(deployments(world).slice(1)).toEqual([
      [
        'churn.production.2',
        'in_progress: churn@v2 production 10 % of traffic, step 1 of 3',
        'failure: churn@v2 production was rolled back: error_rate is worse than stable',
      ],
      ['churn.production.2.rollback', 'success: churn@v1 runs at production again'],
    ]);
    expect(comments(world, pull)).toHaveLength(1);
    await expect(steady(comments(world, pull)[0] ?? '')).toMatchFileSnapshot('golden/rollout/rolled-back.md');
    expect(issues(world).map(({ title, state }) => [title, state])).toEqual([
      ['churn v2 was rolled back in production: error_rate is worse than stable', 'open'],
    ]);
    await expect(steady(issues(world)[0]?.body ?? '')).toMatchFileSnapshot('golden/rollout/issue.md');
    // Somebody closes the issue: it stays closed.
    world.github.issue(issues(world)[0]?.number ?? 0).state = 'closed';
    await second.work([{ kind: 'sweep' }]);
    expect(issues(world)).toHaveLength(1);
  });

  it('is steered by comments: paused, set, resumed, aborted', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    const last = () => world.team.ownComments(pull).at(-1) ?? '';
    await world.say('/canary churn production pause', 'anna', pull);
    expect(last()).toContain('`ROLLOUT_PAUSED`');
    expect(world.live()).toMatchObject({ phase: 'paused', pausedBy: { login: 'anna' } });
    expect(headline(comments(world, pull)[0])).toContain('is paused at 10 % of traffic, step 1 of 3');
    await world.pass(600);
    expect(world.percent()).toBe(10);
    await world.say('/weighin status churn', 'anna', pull);
    expect(last()).toMatch(/v1 since 2026-11-21, paused v2 at 10 %, last guarded \d+ (?:s|min) ago/);
    await world.say('/canary churn production set 50', 'anna', pull);
    expect(last()).toContain('`PAUSED`');
    await world.say('/canary churn production resume', 'chris', pull);
    expect(last()).toContain('`NOT_ALLOWED`');
    await world.say('/canary churn production resume', 'ben', pull);
    expect(last()).toContain('`ROLLOUT_RESUMED`');
    await world.say('/canary churn production set 103', 'anna', pull);
    expect(last()).toContain('`WEIGHT_OUT_OF_RANGE`');
    await world.say('/canary churn production set 30', 'anna', pull);
    await world.pass(20);
    expect(world.percent()).toBe(30);
    await world.say('/canary churn production abort', 'anna', pull);
    expect(last()).toContain('`ROLLOUT_ABORTED`');
    await world.pass(20);
    expect(world.traffic.so).toMatchObject({ stable: { number: 1 }, candidate: null });
    expect(world.live()).toMatchObject({ phase: 'rolled-back', engine: { stop: { reason: 'aborted', by: { login: 'anna' } } } });
    expect(issues(world).map(({ title }) => title)).toEqual(['churn v2 was rolled back in production: aborted by a person']);
    await world.say('/canary churn production pause', 'anna', pull);
    expect(last()).toContain('`NO_ROLLOUT`');
  });

  it('goes back by /rollback, which holds and reverts once', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    await world.say('/rollback churn production --reason "looks odd"', 'ben', pull);
    expect(world.live()).toMatchObject({ phase: 'rolling-back', stable: { number: 1 } });
    await world.pass(20);
    expect(world.live()).toMatchObject({ phase: 'rolled-back' });
    expect(world.traffic.so).toMatchObject({ stable: { number: 1 }, candidate: null });
    await world.bot.work([{ kind: 'sweep' }]);
    expect(issues(world).map(({ title }) => title)).toEqual(['churn v2 was rolled back in production']);
    expect(deployments(world).map(([id, ...states]) => [id, states.at(-1)?.split(':')[0]])).toEqual([
      ['churn.production.1', 'success'],
      ['churn.production.2', 'failure'],
      ['churn.production.2.rollback', 'success'],
    ]);
    expect(world.github.pull(world.team.promotionPull()).headBranch).toBe('weighin/promote/churn.production.3');
  });

  it('goes back from a version that had all traffic long since', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(1000);
    expect(world.live()).toMatchObject({ phase: 'succeeded', stable: { number: 2 } });
    await world.say('/rollback churn production', 'ben', pull);
    await world.pass(20);
    expect(world.live()).toMatchObject({ phase: 'rolled-back', stable: { number: 1 } });
    expect(world.traffic.so).toMatchObject({ stable: { number: 1 }, candidate: null });
  });

  it('waits where no counts come, and says why', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    world.missing = { is: 'missing', why: 'unreachable', detail: 'http://pod-0:9102/metrics did not answer' };
    await world.pass(420);
    expect(world.live()).toMatchObject({ phase: 'paused', engine: { pause: { reason: 'no-data' } } });
    const [comment = ''] = comments(world, pull);
    expect(headline(comment)).toContain('is paused at 10 % of traffic');
    expect(comment).toContain('pod-0:9102/metrics did not answer');
  });

  it('says so where nobody watches', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    world.github.clock.advance({ minutes: 23 });
    await world.bot.work([{ kind: 'sweep' }]);
    expect(comments(world, pull)[0]).toContain('No look was recorded for 20 min.');
    await world.pass(20);
    expect(comments(world, pull)[0]).not.toContain('No look was recorded');
  });

  it('stays where it is while the stage is held', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    await world.say('/weighin hold churn production --reason "audit"', 'ben', pull);
    await world.pass(900);
    expect(world.percent()).toBe(10);
    expect(world.live()).toMatchObject({ phase: 'paused', engine: { pause: { reason: 'held' } } });
    await world.say('/weighin unhold churn production', 'ben', pull);
    await world.say('/canary churn production resume', 'ben', pull);
    await world.pass(1200);
    expect(world.live()).toMatchObject({ phase: 'succeeded', stable: { number: 2 } });
  });

  it('tells the end of a rollout that /rollback took back, on its pull request too', async () => {
    const world = await open();
    const pull = await world.promote(2);
    await world.pass(60);
    await world.say('/rollback churn production', 'ben', pull);
    // Only the guard's word comes, no sweep in between.
    await world.pass(20);
    expect(world.live()).toMatchObject({ phase: 'rolled-back' });
    expect(comments(world, pull).map(headline)).toEqual(['### ❌ churn v2 in production was rolled back']);
    expect(deployments(world).find(([id]) => id === 'churn.production.2')).toEqual([
      'churn.production.2',
      'in_progress: churn@v2 production 10 % of traffic, step 1 of 3',
      'failure: rolled back from v2',
    ]);
  });

  it('tells a rollback though a newer promotion is open, and reverts once that one is given up', async () => {
    const world = await open();
    world.candidateBad = 0.1;
    await world.promote(2);
    await world.say('/promote churn@v3 production');
    const newer = world.team.promotionPull();
    await world.pass(120);
    expect(world.live()).toMatchObject({ phase: 'rolled-back', generation: 2 });
    expect(issues(world)).toHaveLength(1);
    expect(
      deployments(world)
        .slice(1)
        .map(([id, ...states]) => [id, states.at(-1)?.split(':')[0]]),
    ).toEqual([
      ['churn.production.2', 'failure'],
      ['churn.production.2.rollback', 'success'],
    ]);
    expect(world.team.promotionPull()).toBe(newer);
    await world.say('/weighin cancel', 'anna', newer);
    await world.bot.work([{ kind: 'sweep' }]);
    expect(world.github.pull(world.team.promotionPull())).toMatchObject({
      headBranch: expect.stringContaining('churn.production.3'),
      issue: { state: 'open' },
    });
    expect(world.team.promotionPull()).not.toBe(newer);
    expect(issues(world)).toHaveLength(1);
  });

  it('tells a rollback before what was merged meanwhile starts', async () => {
    const world = await open();
    world.candidateBad = 0.1;
    const pull = await world.promote(2);
    await world.say('/promote churn@v3 production');
    const newer = world.team.promotionPull();
    await world.hear(() => world.github.review(newer, 'dora', 'APPROVED'));
    await world.hear(() => world.github.mergePull(newer, 'ben'));
    expect(world.live()).toMatchObject({ generation: 2 });
    await world.pass(120);
    expect(world.live()).toMatchObject({ generation: 3 });
    expect(comments(world, pull).map(headline)).toEqual(['### ❌ churn v2 in production was rolled back: error_rate is worse than stable']);
    expect(
      deployments(world)
        .find(([id]) => id === 'churn.production.2')
        ?.at(-1),
    ).toContain('failure: ');
    expect(issues(world).map(({ title }) => title)).toContain('churn v2 was rolled back in production: error_rate is worse than stable');
  });

  it('promises nobody an issue or a way back where a first version failed', async () => {
    opened = await openGuardedTeam();
    const { world } = opened;
    const pull = await world.promote(1);
    await world.say('/canary churn production abort', 'anna', pull);
    await world.pass(20);
    expect(world.live()).toMatchObject({ phase: 'failed', stable: null, candidate: null, holds: [{}] });
    expect(comments(world, pull)).toHaveLength(1);
    expect(comments(world, pull)[0]).toContain('there is no version to go back to');
    expect(issues(world)).toEqual([]);
    expect(deployments(world).map(([id, ...states]) => [id, states.at(-1)?.split(':')[0]])).toEqual([['churn.production.1', 'failure']]);
    expect(world.team.promotionPull()).toBe(pull);
  });
});
