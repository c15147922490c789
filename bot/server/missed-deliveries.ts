import type { AppConnection, Delivery } from '../../shared/adapters/github-app/connect-app.ts';
import type { Hint, Log } from '../bot-context.ts';
import type { BotSelf } from '../handlers/event-handler.ts';
import { type RepositoryAddress, readDelivery } from '../handlers/read-delivery.ts';

export interface MissedDeliveriesParts {
  readonly app: Pick<AppConnection, 'deliveries' | 'deliveredPayload'>;
  readonly enqueue: (repository: RepositoryAddress, hints: readonly Hint[]) => void;
  readonly self: () => BotSelf;
  readonly log: Log;
  readonly now?: () => number;
}

/** A command is a wish of the moment: one that nobody saw for longer is not carried out any more. The sweep finds the rest. */
const oldest = 60 * 60_000;
const pages = 10;

/**
 * GitHub does not send a failed delivery again; its list of them is read instead. Where reading stopped is kept in memory only: a hint
 * that comes twice makes the bot look twice. @returns how many were missed
 */
export function createMissedDeliveries({ app, enqueue, self, log, now = Date.now }: MissedDeliveriesParts): () => Promise<number> {
  let newestSeen: string | null = null;
  const done = new Map<string, number>();

  return async () => {
    const since = now() - oldest;
    const found: Delivery[] = [];
    let cursor: string | null = null;
    read: for (let page = 0; page < pages; page++) {
      const { deliveries, next } = await app.deliveries(cursor);
      for (const delivery of deliveries) {
        if (delivery.id === newestSeen || Date.parse(delivery.deliveredAt) < since) break read;
        found.push(delivery);
      }
      cursor = next;
      if (cursor === null) break;
    }

    const arrived = new Set(found.filter(({ statusCode }) => statusCode >= 200 && statusCode < 300).map(({ guid }) => guid));
    // A delivery that was tried again and failed again counts once.
    const missed = new Map(found.filter(({ guid }) => !arrived.has(guid) && !done.has(guid)).map((delivery) => [delivery.guid, delivery]));
    // Oldest first, as they would have come.
    for (const { id, guid, event } of [...missed.values()].reverse()) {
      const payload = await app.deliveredPayload(id);
      try {
        for (const { repository, hints } of readDelivery(event, payload, self())) enqueue(repository, hints);
      } catch (error) {
        log.warn(
          { event, delivery: id, error: error instanceof Error ? error.message : String(error) },
          'a missed delivery could not be read',
        );
      }
      done.set(guid, now());
    }
    newestSeen = found[0]?.id ?? newestSeen;
    for (const [guid, at] of done) if (at < since) done.delete(guid);
    if (missed.size > 0) log.info({ deliveries: missed.size }, 'read deliveries that never arrived');
    return missed.size;
  };
}
