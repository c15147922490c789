import type { PromotionFacts, PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import type { BotContext } from '../bot-context.ts';
import { writePromotionCheck } from '../conversation/write-promotion-check.ts';
import { subjectOf } from './promotion-text.ts';

/** `weighin/promotion` on the promotion's head: green only where nothing is unmet. A closed or merged one is left as it was. */
export async function writeCheckOf(
  context: BotContext,
  facts: PromotionFacts,
  { unmet, planDigest, approvals }: PromotionStatus,
): Promise<void> {
  const snapshot = facts.pull?.snapshot;
  if (snapshot?.state !== 'open') return;
  await writePromotionCheck(context, {
    sha: snapshot.head.sha,
    kind: 'promotion',
    unmet,
    planDigest,
    approvals,
    subject: subjectOf(facts),
  });
}
