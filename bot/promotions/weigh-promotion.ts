import { allOf, lastOf, newEvent } from '../../shared/promotion/event-data.ts';
import { type WeighRequest, weighDispatch } from '../../shared/promotion/evidence-document.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { promotionId } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { ownPerson } from './own-person.ts';

/**
 * Asks for a weigh run of the version, on data that the bot can't read. Dispatched first and recorded then: a bot that is killed in
 * between asks twice, which costs a run; the other way round would cost the promotion six hours of silence.
 */
export async function weighPromotion(context: BotContext, facts: PromotionFacts, why: string): Promise<void> {
  const { model, stage, generation, version, events } = facts;
  const attempt = allOf(events, 'promotion.weighing').length + 1;
  const request: WeighRequest = {
    schema: 'weighin/weigh@1',
    model,
    promotion: promotionId(model, stage, generation),
    version: version?.record.number ?? null,
    pull: null,
    headSha: null,
  };
  await context.forge.actions.dispatch(weighDispatch, request);
  // Of this request: an earlier one of the same generation asked too, and its facts are others.
  const asked = lastOf(events, 'promotion.requested')?.seq ?? 0;
  await recordEvents(context, facts, [
    newEvent('promotion.weighing', ownPerson(context.forge), `weigh:${asked}:${attempt}`, { why, attempt }),
  ]);
}
