import { currentEvents, lastPlanned, newEvent } from './event-data.ts';
import type { EventLine } from './event-document.ts';
import type { NewEvent, Person } from './forge.ts';
import { activeHolds } from './holds.ts';
import { evidenceLevel, judgeGates, mayGo, staleEvidence } from './judge-evidence.ts';
import type { PromotionFacts } from './promotion-facts.ts';
import { type Refusal, refuse } from './refusal.ts';
import { stagePolicy } from './stage-policy.ts';
import { promotionId } from './state-paths.ts';

export interface PromotionAsked {
  /** Of the generation after main's, with the version that was asked for; its events are those of the requests before. */
  readonly facts: PromotionFacts;
  readonly number: number;
  readonly reason: string | null;
  readonly by: Person;
  readonly cause: string;
}

export interface PromotionAllowed {
  readonly allowed: true;
  readonly generation: number;
  readonly event: NewEvent;
  /** Why a weigh run comes first; null where its evidence answers already. */
  readonly weighFirst: string | null;
}

const ends: readonly EventLine['type'][] = [
  'promotion.refused',
  'promotion.withdrawn',
  'promotion.superseded',
  'promotion.started',
  'promotion.refused-at-start',
];

/** Whether the events of a generation tell of a promotion that can still move. */
export const isOpen = (events: readonly EventLine[]): boolean => {
  const current = currentEvents(events);
  return current.some(({ type }) => type === 'promotion.requested') && !current.some(({ type }) => ends.includes(type));
};

/**
 * Whether a promotion may be asked for now: one open for a stage, a version that is known, not held, and not stopped by its own gates.
 * Order, soak, freeze and approvals are told on the pull request, where they can still come.
 * @throws UserError MODEL_UNKNOWN or STAGE_UNKNOWN, which name the nearest
 */
export function requestPromotion({ facts, number, reason, by, cause }: PromotionAsked): PromotionAllowed | Refusal {
  const { config, model, stage, main, live, version, now, events, generation } = facts;
  const policy = stagePolicy(config, model, stage);
  const name = `${model}@v${number}`;
  if (!version || version.record.number !== number)
    return refuse('VERSION_NOT_FOUND', `${name} is not known here.`, `\`/weighin status ${model}\` names the newest one.`);
  const { subject, source, evaluation } = version.record;
  const merged = main && live && main.generation > live.generation ? main.generation : null;
  if (merged !== null || isOpen(events))
    return refuse(
      'PROMOTION_OPEN',
      `${promotionId(model, stage, merged ?? generation)} is open for ${stage}${merged === null ? whereAndBy(events) : ': it is merged and has not started yet'}.`,
      'Merge it, or give it up with `/weighin cancel` on its pull request.',
    );
  const [hold] = activeHolds(live, now, subject.digest);
  if (hold)
    return refuse(
      'HELD',
      `${hold.digest === null ? `${model} ${stage}` : name} is held by @${hold.by.login}: “${hold.reason}”.`,
      `\`/weighin unhold ${model} ${stage}\` lifts it.`,
    );
  // Merged and refused at its start, with nothing before to go back to: main names it, and it never ran. Asking again is the way on.
  const neverRan = main && live && live.generation >= main.generation && live.stable?.digest !== subject.digest;
  if (main?.version.digest === subject.digest && !neverRan)
    return refuse('ALREADY_AT_STAGE', `${stage} is at v${main.version.number} already, which is this model.`, 'Promote another version.');
  if (policy.builders && !policy.builders.includes(source.builder))
    return refuse(
      'BUILDER_NOT_ACCEPTED',
      `${name} was registered by ${source.builder}; ${stage} takes the word of ${policy.builders.join(', ')}.`,
      `Register it there, or add ${source.builder} to models.${model}.stages.${stage}.builders.`,
    );
  const fresh = { ...facts, events: [] };
  if (subject.format === 'metrics' && !policy.allowClaimed)
    return refuse(
      'CLAIMED_NOT_ALLOWED',
      `The metrics of ${name} are its own script's, never measured.`,
      `Let Weighin score the model, or set \`allowClaimed: true\` on models.${model}.stages.${stage}.`,
    );
  const stale = staleEvidence(fresh);
  const judged = judgeGates(fresh);
  // What is weighed again may come out otherwise; what stands is told at once.
  if (!stale && judged && evidenceLevel(fresh) !== 'unknown' && !mayGo(judged.verdict, policy))
    return refuse(
      'VERDICT_NOT_PASS',
      `${name} has the verdict ${judged.verdict}${
        judged.failed.length > 0
          ? ` (${judged.failed
              .slice(0, 5)
              .map(({ id }) => id)
              .join(', ')})`
          : ''
      }.`,
      `\`weighin show ${name}\` says why. Promote a version that passes.`,
    );
  return {
    allowed: true,
    generation,
    event: newEvent('promotion.requested', by, cause, {
      version: number,
      digest: subject.digest,
      record: version.digest,
      reason,
      operation: 'promote',
    }),
    weighFirst: stale?.why ?? (evaluation ? null : 'it was never evaluated'),
  };
}

function whereAndBy(events: readonly EventLine[]): string {
  const [asked] = currentEvents(events);
  const planned = lastPlanned(events);
  return `${planned ? ` as pull request ${planned.data.pull}` : ''}${asked ? `, asked for by @${asked.actor.login}` : ''}`;
}
