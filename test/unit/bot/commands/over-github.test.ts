import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { runCommands } from '../../../../bot/commands/run-commands.ts';
import { readPolicy } from '../../../../bot/state/read-policy.ts';
import type { Forge } from '../../../../shared/promotion/forge.ts';
import { forgeOf } from '../../../conformance/forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';
import { policy } from './policies.ts';
import { createPromotions } from './promotion-double.ts';

let github: GitHub;
let number: number;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write', teams: ['ml-leads'] });
  github.users.add({ login: 'dave', role: 'triage' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': policy } });
  github.git.commit({ branch: 'new', base: 'main', by: 'alice', files: { 'train.py': 'x\n' } });
  ({ number } = github.openPull({ branch: 'new', title: 'New', by: 'alice' }));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

/** A process of the bot of its own. */
async function startBot() {
  const { forge } = await forgeOf(github);
  const context: BotContext = {
    forge,
    by: 'weighin[bot]/0.1.0',
    log: { info() {}, warn() {}, error: (fields) => logged.push(fields) },
    notify() {},
    mode: 'server',
    verifyNewEvidence: () => Promise.reject(new Error('commands take in no evidence')),
    verifyEvidence: () => Promise.reject(new Error('commands prove no evidence')),
    policy: async () => {
      const [main] = await forge.git.read([{ ref: 'main', paths: ['weighin.yaml'] }]);
      return readPolicy(forge, main?.commit ?? '', main?.files.get('weighin.yaml') ?? null);
    },
  };
  return context;
}
const logged: unknown[] = [];
const promotions = createPromotions();

async function read(forge: Forge, id: number) {
  const comment = (await forge.comments.list(number)).find((one) => one.id === id);
  if (!comment) throw new Error('the comment is there');
  return { number, onPull: true, comment };
}
const repliesTo = (id: number) => github.comments(number).filter(({ body }) => body.startsWith(`<!-- weighin:reply comment=${id} -->`));

it('answers once, however many bots read the comment at once', async () => {
  const bots = await Promise.all([startBot(), startBot(), startBot()]);
  const { id } = github.comment(number, '/promote churn@v12 production\n/weighin run', 'alice');
  const [first] = bots;
  const request = first && (await read(first.forge, id));
  await Promise.all(bots.map((bot) => request && runCommands(bot, request, promotions.actions)));
  expect(repliesTo(id)).toHaveLength(1);
  expect(repliesTo(id)[0]?.body).toContain('`WEIGH_STARTED`');
  expect(promotions.asked.map(({ cause }) => cause)).toEqual([`comment:${id}:1`]);
  expect(github.dispatches).toHaveLength(1);
  expect(logged).toEqual([]);
});

it('finishes what a dead bot claimed, by a sweep of two others', async () => {
  const [dead, ...bots] = await Promise.all([startBot(), startBot(), startBot()]);
  const { id } = github.comment(number, '/rollback churn production', 'alice');
  await dead.forge.comments.react(id, 'eyes');
  const request = await read(dead.forge, id);
  for (const bot of bots) await runCommands(bot, { ...request, found: true }, promotions.actions);
  expect(repliesTo(id)).toHaveLength(0);
  github.clock.advance({ minutes: 3 });
  // The clock of a forge is that of its last answer.
  await Promise.all(
    bots.map(async (bot) => {
      await bot.forge.comments.list(number);
      await runCommands(bot, { ...request, found: true }, promotions.actions);
    }),
  );
  expect(repliesTo(id)).toHaveLength(1);
  expect([...promotions.effects.keys()].filter((cause) => cause.startsWith(`comment:${id}:`))).toEqual([`comment:${id}:1`]);
});

it('denies once, and leaves an edited comment alone', async () => {
  const bot = await startBot();
  const asked = promotions.asked.length;
  const ids = [1, 2].map(() => github.comment(number, '/promote churn@v12 production', 'dave').id);
  for (const id of ids) await runCommands(bot, await read(bot.forge, id), promotions.actions);
  expect(ids.map((id) => repliesTo(id).length)).toEqual([1, 0]);

  const { id } = github.comment(number, 'fine', 'alice');
  github.clock.advance({ minutes: 1 });
  github.editComment(id, '/rollback churn production', 'alice');
  await runCommands(bot, { ...(await read(bot.forge, id)), found: true }, promotions.actions);
  expect(repliesTo(id)).toHaveLength(0);
  expect(promotions.asked).toHaveLength(asked);
});
