import { lastOf, newEvent } from '../../shared/promotion/event-data.ts';
import type { Person } from '../../shared/promotion/forge.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { promotionId } from '../../shared/promotion/state-paths.ts';
import { code, md, proseMarkdown } from '../../shared/words/markdown.ts';
import type { BotContext } from '../bot-context.ts';
import { sayOnce } from '../conversation/keep-one-comment.ts';
import { tell } from './notify-of.ts';
import { ownPerson } from './own-person.ts';
import { subjectOf } from './promotion-text.ts';

const endings = { WITHDRAWN: 'promotion.withdrawn', SUPERSEDED: 'promotion.superseded', REFUSED: 'promotion.refused' } as const;

/**
 * A promotion that ends without having started: said on its pull request, closed there, and recorded. A person's command is recorded first,
 * since it is done again until it is answered; what the rules end is recorded last, since nobody looks at it afterwards.
 */
export async function closePromotion(
  context: BotContext,
  facts: PromotionFacts,
  as: keyof typeof endings,
  why: string,
  who: { readonly by: Person; readonly cause: string } | null = null,
): Promise<void> {
  const { forge } = context;
  const asked = lastOf(facts.events, 'promotion.requested')?.seq ?? 0;
  const own = ownPerson(forge);
  const by = who?.by ?? own;
  const record = () => recordEvents(context, facts, [newEvent(endings[as], by, who?.cause ?? `close:${asked}:${as}`, { why })]);
  const recorded = who ? await record() : null;
  const snapshot = facts.pull?.snapshot;
  if (snapshot?.state === 'open') {
    const marker = `<!-- weighin:ended ${promotionId(facts.model, facts.stage, facts.generation)} ${asked} -->`;
    const says = md`**${as}** ${code(subjectOf(facts))}: ${proseMarkdown(why)} **Next:** ask anew with ${code('/promote')} when it should go on.`;
    await sayOnce(forge, snapshot.number, marker, says.markdown);
    await forge.pulls.edit(snapshot.number, { state: 'closed' });
  }
  const { written } = recorded ?? (await record());
  if (written && as === 'REFUSED')
    tell(context, facts.config, { event: 'refused', type: endings[as], facts, by, says: `is refused: ${why}` });
}
