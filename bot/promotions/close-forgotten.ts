import { lastOf } from '../../shared/promotion/event-data.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { md } from '../../shared/words/markdown.ts';
import type { BotContext } from '../bot-context.ts';
import { supersededBy } from '../conversation/condition-words.ts';
import { writePromotionCheck } from '../conversation/write-promotion-check.ts';

/**
 * Pull requests of earlier requests of this generation: a rollback takes their place in one commit, and nobody looks at them again. Before
 * the new one is opened they are closed, red: merged by a person they would be refused at start, but nothing should invite that.
 */
export async function closeForgotten(context: BotContext, { events, model, stage, generation }: PromotionFacts): Promise<void> {
  const { forge } = context;
  const asked = lastOf(events, 'promotion.requested')?.seq ?? 0;
  const earlier = events.filter(({ seq, type }) => seq < asked && (type === 'promotion.planned' || type === 'promotion.replanned'));
  for (const number of new Set(earlier.map(({ data }) => Number(data['pull'])))) {
    const pull = await forge.pulls.read(number);
    if (pull?.state !== 'open' || pull.author?.id !== forge.identity.id) continue;
    const message = `Another request took the place of this one at ${model} ${stage}, generation ${generation}.`;
    await writePromotionCheck(context, { sha: pull.head.sha, kind: 'promotion', unmet: [supersededBy(message)] });
    await forge.comments.create(number, md`**SUPERSEDED** ${message} **Next:** ask anew when it should go on.`.markdown);
    await forge.pulls.edit(number, { state: 'closed' });
  }
}
