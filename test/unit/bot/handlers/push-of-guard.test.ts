import { expect, it } from 'vitest';
import { push } from '../../../../bot/handlers/push.ts';
import { guardCommit } from '../../../../shared/promotion/guard-commit.ts';

const self = { appId: 1, login: 'weighin[bot]' };
const pushed = (branch: string, sender: string, message: string) =>
  push.hints(
    {
      ref: `refs/heads/${branch}`,
      repository: { default_branch: 'main', full_name: 'acme/churn', name: 'churn', id: 1, owner: { login: 'acme', id: 2 } },
      sender: { login: sender, id: 9, type: sender.endsWith('[bot]') ? 'Bot' : 'User' },
      head_commit: { message },
    },
    self,
  );

it('hears what a guard of the same App wrote, and not what the bot wrote itself', () => {
  const hint = [{ kind: 'push', branch: 'weighin/state' }];
  expect(pushed('weighin/state', self.login, guardCommit('churn production shifting 5 %'))).toEqual(hint);
  expect(pushed('weighin/state', self.login, 'Start churn@v2 production')).toEqual([]);
  expect(pushed('weighin/state', self.login, 'Note what the guard: said')).toEqual([]);
  // Somebody who forges the words has the bot look once more, at what Git says.
  expect(pushed('weighin/state', 'mallory', 'guard: all is well')).toEqual(hint);
  expect(pushed('feature', 'mallory', 'guard: all is well')).toEqual([]);
});
