import type { Condition } from '../../shared/promotion/promotion-facts.ts';
import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import { readPromotionBranch, stateBranch } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { writePromotionCheck } from '../conversation/write-promotion-check.ts';
import { advancePromotion } from '../promotions/advance-promotion.ts';
import { followRollouts } from '../rollouts/follow-rollouts.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import { lookAtEach } from './look-at-each.ts';

/** The default branch moved: merged promotions start, open ones are judged by the policy as it is now. A promotion's own branch: it alone. */
export async function lookAtPush(context: BotContext, branch: string): Promise<void> {
  const promotion = readPromotionBranch(branch);
  if (promotion) {
    await advancePromotion(context, promotion);
    return;
  }
  if (branch !== context.forge.repository.defaultBranch && branch !== stateBranch) return;
  const workspace = await readWorkspace(context);
  const isGuarded = workspace.stages.some((key) => workspace.live(key)?.engine);
  // What a guard wrote: people are told at once, not at the next sweep, and before what waited for its end starts in its place.
  const parts = isGuarded
    ? [() => followRollouts(context, workspace), async () => advanceAll(context, await readWorkspace(context))]
    : [() => advanceAll(context, workspace)];
  await lookAtEach(parts, (part) => part());
}

/** Every promotion that can still move. What is merged starts before what is open is judged, since it may supersede it. */
export async function advanceAll(context: BotContext, first: Workspace): Promise<void> {
  let workspace: Workspace | undefined = first;
  if (!first.policy.config) return stopAll(context, first.policy);
  await lookAtEach(first.stages, async (key) => {
    for (const generation of first.openGenerations(key)) {
      const start = workspace && { workspace };
      // What one of them changed the next one must see.
      workspace = undefined;
      await advancePromotion(context, { ...key, generation }, start);
    }
  });
}

/** Without a policy nothing is known to be met: what was green before says so no longer. */
async function stopAll(context: BotContext, { file, problem }: Workspace['policy']): Promise<void> {
  const unmet: Condition = {
    code: 'POLICY_UNREADABLE',
    message: problem ?? `${file} of the default branch can't be read.`,
    next: `Mend ${file} on the default branch.`,
  };
  const open = (await context.forge.pulls.open()).filter((pull) => promotionOfPull(context.forge, pull));
  await lookAtEach(open, ({ head }) => writePromotionCheck(context, { sha: head.sha, kind: 'promotion', unmet: [unmet] }));
}
