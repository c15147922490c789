import { lastOf } from '../../shared/promotion/event-data.ts';
import type { PromotionFacts, PromotionStatus, RenderedPromotion } from '../../shared/promotion/promotion-facts.ts';
import type { PromotionKey } from '../../shared/promotion/record-event.ts';
import { readPromotionBranch } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { renderPromotionBody } from '../conversation/render-promotion-body.ts';
import { readKnownReport, readKnownVersions } from '../state/known-versions.ts';
import { readSinceLast } from './read-since-last.ts';

/** `churn@v12 production`, as models and stages are always written. */
export const subjectOf = ({ model, stage, version }: PromotionFacts) => `${model}@v${version?.record.number ?? '?'} ${stage}`;

export function promotionTitle(facts: PromotionFacts): string {
  const returns = lastOf(facts.events, 'promotion.requested')?.data.operation === 'rollback';
  return `${returns ? 'Return' : 'Promote'} ${facts.model}@v${facts.version?.record.number ?? '?'} to ${facts.stage}`;
}

/** The pull request's body, with what a reviewer would otherwise look up. */
export async function promotionBody(
  context: BotContext,
  facts: PromotionFacts,
  status: PromotionStatus,
  { plan }: RenderedPromotion,
): Promise<string> {
  const { forge } = context;
  const { policyChanges, cardDiff } = await readSinceLast(context, facts);
  const from = plan.from?.number;
  const before =
    from === undefined
      ? undefined
      : (await readKnownVersions(forge, [{ model: facts.model, number: from }])).get(`${facts.model}@v${from}`);
  const baseline = before?.record.evaluation?.report;
  return renderPromotionBody(facts, status, {
    policyChanges,
    cardDiff,
    driftNote: driftNote(facts),
    baselineReport: baseline === undefined ? null : await readKnownReport(forge, baseline),
    advisory: forge.identity.appId === null,
  });
}

/** `churn.production.42` comes apart again, since no name holds a dot. */
export function readPromotionId(id: string): PromotionKey | null {
  const found = readPromotionBranch(`weighin/promote/${id}`);
  return found && found.attempt === 1 ? { model: found.model, stage: found.stage, generation: found.generation } : null;
}

/** What scheduled runs last said of this stage's data; null where nobody reports. */
function driftNote({ watch }: PromotionFacts): string | null {
  if (!watch?.drift) return null;
  const { headline, window } = watch.drift;
  return `${headline}${window ? ` (window to ${window.end.slice(0, 10)})` : ''}`;
}
