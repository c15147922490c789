import type { Config } from '../../shared/config/schema.ts';
import { eventId } from '../../shared/promotion/event-chain.ts';
import type { EventType } from '../../shared/promotion/event-document.ts';
import type { Person } from '../../shared/promotion/forge.ts';
import type { BotContext, Notification } from '../bot-context.ts';

interface News {
  readonly event: Notification['event'];
  readonly type: EventType;
  readonly facts: {
    readonly model: string;
    readonly stage: string;
    readonly generation: number;
    readonly now: Date;
    readonly version: { readonly record: { readonly number: number } } | null;
    readonly pull: { readonly snapshot: { readonly number: number } } | null;
  };
  readonly by: Person;
  /** Follows "churn@v12 production ". */
  readonly says: string;
}

/** Tells whoever `notify:` names; the same fact is told once, since it carries the same id. */
export function tell(context: BotContext, config: Config, { event, type, facts, by, says }: News): void {
  const { model, stage, generation, version, pull, now } = facts;
  const number = version?.record.number ?? null;
  context.notify(config, {
    event,
    type,
    id: eventId(type, `${model}.${stage}.${generation}`),
    model,
    stage,
    version: number,
    actor: by,
    says: `${model}${number === null ? '' : `@v${number}`} ${stage} ${says}`,
    url: pull && `${context.forge.repository.url}/pull/${pull.snapshot.number}`,
    at: now.toISOString(),
  });
}
