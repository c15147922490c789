import { z } from 'zod';
import type { Hint } from '../bot-context.ts';
import type { BotSelf } from '../handlers/event-handler.ts';
import { handlers } from '../handlers/handler-table.ts';

/** Names that an event has in a workflow, by the one that it has as a webhook. */
const webhookNames: Readonly<Record<string, string>> = { pull_request_target: 'pull_request' };
const actionSchema = z.object({ action: z.string().optional() });

/**
 * Where the event that started a job says to look, and then at the whole repository: of several runs that wait GitHub keeps one, so that
 * each does the work of all.
 */
export function hintsOfEvent(event: string, payload: unknown, self: BotSelf): readonly Hint[] {
  const handler = handlers.find((one) => one.event === (webhookNames[event] ?? event));
  const { action = '' } = actionSchema.parse(payload);
  const wanted = handler && (handler.actions.length === 0 || handler.actions.includes(action));
  return [...(wanted ? handler.hints(payload, self) : []), { kind: 'sweep' }];
}
