import { beforeAll, expect, it } from 'vitest';
import { hintsOf, startBot } from '../support/bot/bot-in-process.ts';
import { type Played, playWithDeaths, playWithTwoBots } from '../support/bot/play-story.ts';
import { promotionStory, refusalStory } from '../support/bot/promotion-story.ts';
import { openRegisteredTeam } from '../support/bot/registered-team.ts';

/**
 * Whatever happens on the way, it comes to the same as if nothing had: the same files on main and on the state branch, every command answered
 * once, and one pull request, tag and deployment a promotion. `WEIGHIN_PROPERTY_SEED` tries other seeds; convergence.full.test.ts tries many.
 */
const seed = Number(process.env['WEIGHIN_PROPERTY_SEED'] ?? 20261121);
const stories = { promotion: promotionStory, refusal: refusalStory };
let untouched: Record<keyof typeof stories, Played>;
beforeAll(async () => {
  const alive = () => null;
  untouched = { promotion: await playWithDeaths(promotionStory, alive), refusal: await playWithDeaths(refusalStory, alive) };
});

it('promotes twice and goes back, and does each thing once', () => {
  const { main, state, events, pulls, issues, deployments, refs } = untouched.promotion.form;
  expect(JSON.parse(main['registry/churn/stages/production.json'] ?? '')).toMatchObject({ generation: 3, operation: 'rollback' });
  expect(state['live/churn/production.json']).toContain('"generation":3');
  expect(Object.values(events).map((lines) => lines.map((line) => line.split(' ')[0]))).toEqual([
    ['promotion.requested', 'promotion.planned', 'approval.counted', 'promotion.merged', 'promotion.started', 'rollout.succeeded'],
    [
      ...['promotion.requested', 'promotion.planned', 'approval.counted', 'promotion.merged', 'promotion.started', 'rollout.succeeded'],
      ...['rollback.requested', 'hold.placed'],
    ],
    ['promotion.requested', 'promotion.planned', 'approval.counted', 'promotion.merged', 'promotion.started', 'rollout.succeeded'],
  ]);
  const promotions = [1, 2, 3].map((generation) => `weighin/promote/churn.production.${generation}`);
  expect(pulls.map(({ branch }) => branch)).toEqual(['features', ...promotions]);
  for (const { comments } of pulls.slice(1)) expect(comments).toHaveLength(1);
  const [release, rollback, ...others] = issues;
  expect(others).toEqual([]);
  expect(rollback?.title).toBe('churn v2 was rolled back in production');
  expect(release?.comments.filter(({ by }) => by === 'weighin[bot]')).toHaveLength(3);
  for (const { by, reactions } of release?.comments ?? []) if (by !== 'weighin[bot]') expect(reactions).toEqual(['eyes', 'rocket']);
  expect(deployments.map(({ payload, state }) => `${JSON.parse(payload).rolloutId} ${state}`).sort()).toEqual([
    ...['churn.production.1 success', 'churn.production.2 failure', 'churn.production.2.rollback success', 'churn.production.3 success'],
  ]);
  expect(refs.filter((ref) => ref.startsWith('refs/tags/'))).toEqual([1, 2, 3].map((number) => `refs/tags/churn/production/${number}`));
});

it('refuses at the start what was held, after a promotion that was given up', () => {
  const { main, events } = untouched.refusal.form;
  expect(JSON.parse(main['registry/churn/stages/production.json'] ?? '')).toMatchObject({ generation: 2, version: { number: 2 } });
  const second = events['events/churn/production/2.jsonl']?.map((line) => line.split(' ')[0]);
  expect(second).toEqual([
    ...['promotion.requested', 'promotion.planned', 'promotion.withdrawn', 'promotion.requested', 'promotion.planned'],
    ...['promotion.refused-at-start', 'hold.placed'],
  ]);
});

// What took effect before the n-th write is what took effect after the one before it: with the very first write these are all boundaries.
const boundaries = [
  { write: 1, when: 'before' } as const,
  ...Array.from({ length: 14 }, (_, at) => ({ write: at + 1, when: 'after' }) as const),
];
it.each(boundaries)('comes to the same where a bot dies $when write $write of every act', async (death) => {
  const played = await playWithDeaths(promotionStory, () => death);
  expect(played.form).toEqual(untouched.promotion.form);
  const long = Object.entries(untouched.promotion.writes).filter(([, writes]) => writes >= death.write);
  expect(played.deaths).toEqual(long.map(([act]) => act));
});

it('has no act with more boundaries than these', () => {
  expect(Math.max(...Object.values(untouched.promotion.writes))).toBe(14);
});

/** The story up to an act, with a bot that hears everything. */
async function playUntil(last: string, story = promotionStory) {
  const team = await openRegisteredTeam();
  const { github } = team;
  const bot = await startBot(github);
  const hear = async (does: () => unknown) => {
    const first = github.deliveries.all.length;
    await does();
    const hints = github.deliveries.all.slice(first).flatMap((delivery) => hintsOf(delivery, github));
    await bot.work(hints);
    return hints;
  };
  const acts = new Map(story(team).map(({ name, does }) => [name, does] as const));
  for (const [name, does] of acts) {
    await hear(does);
    if (name === last) break;
  }
  return { team, bot, hear, act: (name: string) => acts.get(name) ?? (() => {}) };
}

it('ends no promotion for what is told late of an older pull request', async () => {
  const { team, bot, hear, act } = await playUntil('/promote v2', refusalStory);
  const old = team.promotionPull();
  const told = await hear(act('/weighin cancel'));
  await hear(act('/promote v2 again'));
  await bot.work([...told, { kind: 'pull', number: old }]);
  expect(team.github.pull(team.promotionPull()).issue.state).toBe('open');
  expect(team.github.git.file('weighin/state', 'events/churn/production/2.jsonl')?.match(/promotion\.withdrawn/g)).toHaveLength(1);
  await team.close();
});

it('lets a bot that was held up for long write nothing', async () => {
  const { team, bot, hear, act } = await playUntil('approve v2');
  const { github } = team;
  let goOn = () => {};
  const until = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const slow = await startBot(github, {
    async tick(body = '') {
      if (!body.includes('Start churn@v2')) return;
      arrive();
      await until;
    },
  });
  act('merge v2')();
  const late = slow.work([{ kind: 'push', branch: 'main' }]);
  await arrived;
  await bot.work([{ kind: 'push', branch: 'main' }]);
  await hear(act('/rollback'));
  const live = team.state('live/churn/production.json');
  expect(live).toMatchObject({ stable: { number: 1 }, holds: [{ reason: 'latency' }] });
  goOn();
  expect(await late).toBe('done');
  expect(team.state('live/churn/production.json')).toEqual(live);
  await team.close();
});

const seeds = Array.from({ length: 6 }, (_, at) => ({ story: at % 2 === 0 ? 'promotion' : 'refusal', seed: seed + at }) as const);
it.each(seeds)('comes to the same with two bots at once on a bad line, $story, seed $seed', async ({ story, seed: own }) => {
  expect((await playWithTwoBots(stories[story], own)).form).toEqual(untouched[story].form);
});
