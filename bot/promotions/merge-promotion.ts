import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import type { BotContext } from '../bot-context.ts';
import { promotionTitle } from './promotion-text.ts';

/** Merges at exactly the head that was judged, or hands it to the merge queue; whether anything changed. GitHub's auto-merge is never used. */
export async function mergePromotion(context: BotContext, facts: PromotionFacts, head: string): Promise<boolean> {
  const { pulls } = context.forge;
  const number = facts.pull?.snapshot.number;
  if (number === undefined) return false;
  const answer = facts.pull?.snapshot.queue.required
    ? await pulls.enqueue(number, head)
    : await pulls.merge(number, { head, title: `${promotionTitle(facts)} (#${number})`, message: '' });
  if (answer.merged) return answer.sha !== null;
  if (answer.reason === 'QUEUE_REQUIRED') await pulls.enqueue(number, head);
  else context.log.info({ pull: number, reason: answer.reason }, 'not merged; it is judged again');
  return false;
}
