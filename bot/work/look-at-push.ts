import { readPromotionBranch, stateBranch } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { advancePromotion } from '../promotions/advance-promotion.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import { lookAtEach } from './look-at-each.ts';

/** The default branch moved: merged promotions start, open ones are judged by the policy as it is now. A promotion's own branch: it alone. */
export async function lookAtPush(context: BotContext, branch: string): Promise<void> {
  const promotion = readPromotionBranch(branch);
  if (promotion) {
    await advancePromotion(context, promotion);
    return;
  }
  if (branch === context.forge.repository.defaultBranch || branch === stateBranch) await advanceAll(context, await readWorkspace(context));
}

/** Every promotion that can still move. What is merged starts before what is open is judged, since it may supersede it. */
export async function advanceAll(context: BotContext, first: Workspace): Promise<void> {
  let workspace: Workspace | undefined = first;
  await lookAtEach(first.stages, async (key) => {
    for (const generation of first.openGenerations(key)) {
      const start = workspace && { workspace };
      // What one of them changed the next one must see.
      workspace = undefined;
      await advancePromotion(context, { ...key, generation }, start);
    }
  });
}
