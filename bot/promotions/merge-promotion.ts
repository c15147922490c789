import { newEvent } from '../../shared/promotion/event-data.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import type { BotContext } from '../bot-context.ts';
import { ownPerson } from './own-person.ts';
import { promotionTitle } from './promotion-text.ts';

/** Merges at exactly the head that was judged, or hands it to the merge queue; whether anything changed. GitHub's auto-merge is never used. */
export async function mergePromotion(context: BotContext, facts: PromotionFacts, head: string): Promise<boolean> {
  const { pulls } = context.forge;
  const snapshot = facts.pull?.snapshot;
  if (!snapshot) return false;
  const { number, queue } = snapshot;
  const direct = queue.required ? null : await pulls.merge(number, { head, title: `${promotionTitle(facts)} (#${number})`, message: '' });
  if (direct?.merged) return direct.sha !== null;
  if (direct && direct.reason !== 'QUEUE_REQUIRED') {
    context.log.info({ pull: number, reason: direct.reason }, 'not merged; it is judged again');
    return false;
  }
  const queued = await pulls.enqueue(number, head);
  // What somebody takes out of the queue again is not put back in by itself: this is how that is known.
  if (queued.merged)
    await recordEvents(context, facts, [newEvent('promotion.merging', ownPerson(context.forge), `queue:${head}`, { head })]);
  else context.log.info({ pull: number, reason: queued.reason }, 'not queued; it is judged again');
  return false;
}
