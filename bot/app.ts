import type { Probot } from 'probot';
import type { Hint, Log } from './bot-context.ts';
import type { BotSelf } from './handlers/event-handler.ts';
import { handlers } from './handlers/handler-table.ts';
import { installationEvents } from './handlers/installation.ts';
import { type RepositoryAddress, readDelivery } from './handlers/read-delivery.ts';

export interface AppParts {
  /** Returns at once. */
  readonly enqueue: (repository: RepositoryAddress, hints: readonly Hint[]) => void;
  readonly self: () => BotSelf;
  readonly unreadable: (event: string) => void;
  readonly log: Log;
}

/** The Probot application: every delivery becomes hints in the queue, and is answered. What is done about them is not its business. */
export function weighinApp({ enqueue, self, unreadable, log }: AppParts): (app: Probot) => void {
  const take = (event: string, id: string, payload: unknown) => {
    try {
      for (const { repository, hints } of readDelivery(event, payload, self())) enqueue(repository, hints);
    } catch (error) {
      // It is signed, so GitHub sent it; asking for it again would bring the same.
      unreadable(event);
      log.warn(
        { event, delivery: id, error: error instanceof Error ? error.message : String(error) },
        'a delivery is not as GitHub documents it',
      );
    }
  };
  const subscriptions = [
    ...handlers.map(({ event, actions }) => ({ event, actions })),
    ...Object.entries(installationEvents).map(([event, actions]) => ({ event, actions })),
  ];
  return (app) => {
    // Probot knows every event by name as a type of its own; the table of handlers knows them as text.
    for (const { event, actions } of subscriptions)
      for (const name of actions.length === 0 ? [event] : actions.map((action) => `${event}.${action}`))
        app.on(name as Parameters<Probot['on']>[0], ({ id, payload }) => take(event, id, payload));
  };
}
