import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BotContext, Hint } from '../../../../bot/bot-context.ts';
import { createBot, type RunningBot } from '../../../../bot/server/create-bot.ts';
import { createLog } from '../../../../bot/server/log.ts';
import { readSettings } from '../../../../bot/server/settings.ts';
import { createGitHubForge } from '../../../../shared/adapters/github-forge/create-github-forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';

let github: GitHub;
let bot: RunningBot;
let hints: Hint[];
beforeEach(async () => {
  // What is older than an hour is no command any more, so that both clocks must agree.
  github = await openGitHub({ now: new Date() });
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': 'version: 1\n' } });
  github.users.add({ login: 'alice', role: 'write' });
  github.git.commit({ branch: 'new', base: 'main', files: { 'train.py': 'print()' }, by: 'alice' });
});
afterEach(async () => {
  await bot.stop();
  await github.close();
});

async function start() {
  hints = [];
  const settings = readSettings({
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: 'http',
    HOST: '127.0.0.1',
    PORT: '0',
  });
  bot = await createBot({
    settings,
    version: '0.0.0-test',
    log: createLog({ level: 'fatal', format: 'json', secrets: [], write() {} }),
    openForge: createGitHubForge,
    createContext: (forge) => ({ forge }) as unknown as BotContext,
    async handleWork({ forge }, given) {
      // A write as the bot, with the token that was minted for this repository.
      for (const hint of given) if (hint.kind === 'comment') await forge.comments.react(hint.comment.id, 'eyes');
      hints.push(...given);
    },
  });
  await bot.swept;
  return `http://127.0.0.1:${bot.port}/api/github/webhooks`;
}
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('hears a command, and answers it as the App', async () => {
  github.deliveries.sendTo(await start());
  const pull = github.openPull({ branch: 'new', title: 'New features', by: 'alice' });
  github.comment(pull.number, '/why', 'alice');
  await until(() => hints.some(({ kind }) => kind === 'comment'));
  expect(hints).toContainEqual({ kind: 'pull', number: pull.number });
  expect(github.count(/POST .*\/reactions/)).toBe(1);
  expect(github.unknown).toEqual([]);
});

it('reads at its start what was delivered while it was away', async () => {
  github.deliveries.sendTo('http://127.0.0.1:9/nobody-listens');
  const pull = github.openPull({ branch: 'new', title: 'New features', by: 'alice' });
  github.comment(pull.number, '/promote churn@v1 production', 'alice');
  await github.deliveries.settled();
  await start();
  await until(() => hints.some(({ kind }) => kind === 'comment'));
  expect(hints).toContainEqual(expect.objectContaining({ kind: 'comment', number: pull.number }));
});
