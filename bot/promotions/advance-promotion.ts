import type { StateView } from '../../shared/promotion/change-state.ts';
import type { PullSnapshot } from '../../shared/promotion/forge.ts';
import type { PromotionFacts, PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../shared/promotion/promotion-status.ts';
import type { PromotionKey } from '../../shared/promotion/record-event.ts';
import type { BotContext } from '../bot-context.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import { closeForgotten } from './close-forgotten.ts';
import { closePromotion } from './close-promotion.ts';
import { mergePromotion } from './merge-promotion.ts';
import { openPromotionPull, rebuildPromotionPull, updatePromotionPull } from './open-promotion-pull.ts';
import { readFacts } from './read-facts.ts';
import { refuseAtStart, startPromotion } from './start-promotion.ts';
import { weighPromotion } from './weigh-promotion.ts';
import { writeCheckOf } from './write-check-of.ts';

export interface Advanced {
  /** As they were when nothing more could be done, and what they amount to. */
  readonly facts: PromotionFacts;
  readonly status: PromotionStatus;
  /** Its pull request, also one that was opened just now. */
  readonly pull: number | null;
}

/** A promotion that is asked for goes through a handful of states; more in a row is a mistake of ours, not progress. */
const mostSteps = 6;

/**
 * Takes one promotion as far as it goes now: reads everything, does the one thing that the rules ask for, reads again. Every step may
 * be cut off at any point and is found half-done by the next call, which is why each looks before it writes.
 */
export async function advancePromotion(
  context: BotContext,
  key: PromotionKey,
  start: { readonly workspace?: Workspace; readonly pull?: PullSnapshot | null } = {},
): Promise<Advanced | null> {
  let { workspace, pull } = start;
  for (let step = 0; step < mostSteps; step++) {
    workspace ??= await readWorkspace(context);
    const { config, problem } = workspace.policy;
    if (!config?.models[key.model]?.stages[key.stage]) {
      context.log.warn({ promotion: key, problem }, 'the policy does not know this stage: nothing is done about its promotion');
      return null;
    }
    const facts = await readFacts(context, workspace, config, { ...key, ...(pull !== undefined && { pull }) });
    const status = promotionStatus(facts);
    // A check says what is unmet before anything else happens: red first.
    await writeCheckOf(context, facts, status);
    const taken = await take(context, facts, status, workspace.state);
    if (taken !== true) return { facts, status, pull: taken === false ? (facts.pull?.snapshot.number ?? null) : taken };
    workspace = undefined;
    pull = undefined;
  }
  throw new Error(`${key.model}.${key.stage}.${key.generation} did not come to rest`);
}

/** Does the next step. true: read again; false: it now waits for somebody else; a number: a pull request was opened. */
async function take(context: BotContext, facts: PromotionFacts, status: PromotionStatus, state: StateView): Promise<boolean | number> {
  const { next } = status;
  switch (next.do) {
    case 'nothing':
      return false;
    case 'weigh':
      await weighPromotion(context, facts, next.why);
      return false;
    case 'plan':
      await closeForgotten(context, facts);
      // The pull request's own delivery, or the sweep of a run without one, looks at it next.
      return (await openPromotionPull(context, facts, status, next, state)) ?? false;
    case 'replan':
      await updatePromotionPull(context, facts, status, next);
      return true;
    case 'rebuild':
      await rebuildPromotionPull(context, facts, status, next);
      return true;
    case 'merge':
      return mergePromotion(context, facts, next.head);
    case 'dequeue':
      if (facts.pull) await context.forge.pulls.dequeue(facts.pull.snapshot.number);
      return false;
    case 'start':
      await startPromotion(context, facts, status, state);
      return false;
    case 'refuse-at-start':
      await refuseAtStart(context, facts, next.unmet);
      return true;
    case 'close':
      await closePromotion(context, facts, next.as, next.why);
      return false;
  }
}
