import { z } from 'zod';
import type { Hint } from '../bot-context.ts';
import { type BotSelf, repositorySchema } from './event-handler.ts';
import { handlers } from './handler-table.ts';
import { installationEvents, readInstallation } from './installation.ts';

/** A repository as an installation reaches it. */
export interface RepositoryAddress {
  readonly installation: number;
  readonly owner: string;
  readonly name: string;
}

export interface DeliveredHints {
  readonly repository: RepositoryAddress;
  readonly hints: readonly Hint[];
}

const envelopeSchema = z.object({
  action: z.string().optional(),
  installation: z.object({ id: z.number().int().positive() }),
  repository: repositorySchema,
});
const actionSchema = z.object({ action: z.string().optional() });

/**
 * Where a delivery says to look: the same for one that came, one that was missed and is read later, and one that came twice. Empty for
 * what concerns nothing here. @throws ZodError for a payload that is not GitHub's.
 */
export function readDelivery(event: string, payload: unknown, self: BotSelf): readonly DeliveredHints[] {
  const { action } = actionSchema.parse(payload);
  if (installationEvents[event]) return installationEvents[event].includes(action ?? '') ? readInstallation(payload) : [];
  const handler = handlers.find((one) => one.event === event);
  if (!handler || (handler.actions.length > 0 && !handler.actions.includes(action ?? ''))) return [];
  const hints = handler.hints(payload, self);
  if (hints.length === 0) return [];
  const { installation, repository } = envelopeSchema.parse(payload);
  return [{ repository: { installation: installation.id, owner: repository.owner.login, name: repository.name }, hints }];
}
