import type { BotContext, Hint } from '../bot-context.ts';
import { lookAtMergeGroup } from './look-at-merge-group.ts';
import { lookAtPull } from './look-at-pull.ts';
import { lookAtPush } from './look-at-push.ts';
import { lookAtRun } from './look-at-run.ts';
import { runCommandsOf } from './run-commands-of.ts';
import { sweep } from './sweep.ts';

/**
 * All that the bot does, server and workflow alike: looks where the hints point, reads what is there, and does what the rules ask for.
 * Commands first, since somebody waits for them. One hint that fails keeps none of the others from being looked at; the first error is
 * thrown at the end, so that the queue tries again: every look finds what is already done.
 */
export async function handleWork(context: BotContext, hints: readonly Hint[]): Promise<void> {
  const errors: unknown[] = [];
  for (const hint of [...hints].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
    try {
      await lookAt(context, hint);
    } catch (error) {
      errors.push(error);
      context.log.warn({ hint: hint.kind, error: error instanceof Error ? error.message : String(error) }, 'looking failed');
    }
  }
  if (errors.length > 0) throw errors[0];
}

const order: readonly Hint['kind'][] = ['comment', 'merge-group', 'push', 'run', 'pull', 'check', 'sweep'];

async function lookAt(context: BotContext, hint: Hint): Promise<void> {
  switch (hint.kind) {
    case 'comment':
      return runCommandsOf(context, hint);
    case 'pull':
      return lookAtPull(context, hint.number);
    case 'run':
      return lookAtRun(context, hint.id);
    case 'push':
      return lookAtPush(context, hint.branch);
    case 'merge-group':
      return lookAtMergeGroup(context, hint);
    case 'check':
      return lookAtPullsOfCommit(context, hint.sha);
    case 'sweep':
      return sweep(context);
  }
}

/** A check belongs to a commit, and a commit to any number of pull requests. */
async function lookAtPullsOfCommit(context: BotContext, sha: string): Promise<void> {
  const pulls = await context.forge.pulls.open();
  for (const { number } of pulls.filter(({ head }) => head.sha === sha)) await lookAtPull(context, number);
}
