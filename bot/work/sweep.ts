import { monitorWorkflow, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import type { BotContext } from '../bot-context.ts';
import { finishRollouts } from '../promotions/finish-rollouts.ts';
import { followRollouts } from '../rollouts/follow-rollouts.ts';
import { readWorkspace } from '../state/workspace.ts';
import { lookAtEach } from './look-at-each.ts';
import { lookAtPull } from './look-at-pull.ts';
import { advanceAll } from './look-at-push.ts';
import { lookAtRun } from './look-at-run.ts';
import { runCommandsOf } from './run-commands-of.ts';

/** A comment older than this is no request any more, even if nobody answered it. */
const oldestComment = 60 * 60 * 1000;
/** Weigh runs that ended this long ago and were never accepted are looked at again. */
const oldestRun = 24 * 60 * 60 * 1000;

/** What was looked at, by its state then: an unchanged pull request or run needs no second look from the same process. */
const seen = new WeakMap<Forge, Map<string, string>>();

/**
 * The whole repository, for what no delivery told: commands without an answer, runs, promotions, rollouts that ended, pull requests. It
 * finds what is there; that a delivery was lost, or that the bot was away for a day, makes no difference.
 */
export async function sweep(context: BotContext): Promise<void> {
  const { forge } = context;
  const memory = seen.get(forge) ?? new Map<string, string>();
  seen.set(forge, memory);
  const isNew = (name: string, state: string) => memory.get(name) !== state;
  const now = (await forge.now()).getTime();

  const comments = async () =>
    lookAtEach(await forge.comments.since(new Date(now - oldestComment)), (comment) =>
      runCommandsOf(context, { number: comment.number, onPull: comment.onPull, comment, found: true }),
    );
  const runs = (workflow: string) => async () =>
    lookAtEach(await forge.actions.runs({ workflow }), async (run) => {
      const state = `${run.status}:${run.attempt}`;
      if (run.status !== 'completed' || now - Date.parse(run.createdAt) > oldestRun || !isNew(`run:${run.id}`, state)) return;
      await lookAtRun(context, run.id);
      memory.set(`run:${run.id}`, state);
    });
  const rollouts = async () => {
    const workspace = await readWorkspace(context);
    await finishRollouts(context, workspace);
    // Of other stages than those that were finished here, so the same reading serves.
    await followRollouts(context, workspace);
  };
  const promotions = async () => advanceAll(context, await readWorkspace(context));
  const pulls = async () =>
    lookAtEach(await forge.pulls.open(), async (pull) => {
      const state = `${pull.head.sha}:${pull.updatedAt}`;
      if (promotionOfPull(forge, pull) || !isNew(`pull:${pull.number}`, state)) return;
      await lookAtPull(context, pull.number);
      memory.set(`pull:${pull.number}`, state);
    });
  await lookAtEach([comments, runs(weighWorkflow), runs(monitorWorkflow), rollouts, promotions, pulls], (part) => part());
}
