import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import type { BotContext } from '../bot-context.ts';
import { updatePullConversation } from '../conversation/update-pull-conversation.ts';
import { writeGateChecks } from '../conversation/write-gate-checks.ts';
import { writeRegistryCheck } from '../conversation/write-registry-check.ts';
import { advancePromotion } from '../promotions/advance-promotion.ts';

/** One pull request: a promotion goes on, any other gets its comment and its checks. */
export async function lookAtPull(context: BotContext, number: number): Promise<void> {
  const pull = await context.forge.pulls.read(number);
  if (!pull) return;
  const promotion = promotionOfPull(context.forge, pull);
  if (promotion) {
    await advancePromotion(context, promotion, { pull });
    return;
  }
  if (pull.state !== 'open') return;
  // Only what could be merged into the default branch can change what should run.
  if (pull.base === context.forge.repository.defaultBranch) await writeRegistryCheck(context, pull);
  await updatePullConversation(context, pull);
  await writeGateChecks(context, pull);
}
