import { expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { keepContexts } from '../../../../bot/server/keep-contexts.ts';

const at = (name: string, installation = 1) => ({ installation, owner: 'acme', name });
function keeping(limit = 2) {
  const opened: string[] = [];
  let now = 0;
  let fails = false;
  const keeper = keepContexts({
    limit,
    milliseconds: 1000,
    now: () => now,
    async open({ name }) {
      opened.push(name);
      if (fails) throw new Error('no answer');
      return { by: name } as BotContext;
    },
  });
  return { keeper, opened, pass: (time: number) => (now += time), fail: (value: boolean) => (fails = value) };
}

it('opens a repository once for a while, then anew', async () => {
  const { keeper, opened, pass } = keeping();
  const [first, second] = await Promise.all([keeper.get(at('a')), keeper.get(at('a'))]);
  expect(first).toBe(second);
  pass(1000);
  expect(await keeper.get(at('a'))).not.toBe(first);
  expect(opened).toEqual(['a', 'a']);
});

it('forgets the one that was used longest ago', async () => {
  const { keeper, opened } = keeping();
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await keeper.get(at(name));
  expect(opened).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps no failure, and nothing of another installation', async () => {
  const { keeper, opened, fail } = keeping();
  fail(true);
  await expect(keeper.get(at('a'))).rejects.toThrow();
  fail(false);
  await keeper.get(at('a'));
  await keeper.get(at('a', 2));
  keeper.forget(at('a', 2));
  await keeper.get(at('a', 2));
  expect(opened).toEqual(['a', 'a', 'a', 'a']);
});
