import { eventId } from './event-chain.ts';
import { newEvent } from './event-data.ts';
import type { NewEvent, Person } from './forge.ts';
import type { Hold, LiveDocument } from './live-document.ts';

export interface HoldRequest {
  /** Only these model bytes; null holds the stage. */
  readonly digest: string | null;
  readonly reason: string;
  readonly by: Person;
  /** ISO 8601 in UTC, as `until`. */
  readonly at: string;
  readonly until: string | null;
  readonly cause: string;
}

/** The live state with one hold more, and the event; the same live state where this cause placed it before. */
export function placeHold(live: LiveDocument, request: HoldRequest): { readonly live: LiveDocument; readonly event: NewEvent } {
  const { cause, by, digest, reason, at, until } = request;
  const hold: Hold = { id: eventId('hold.placed', cause), digest, reason, by: { id: by.id, login: by.login, type: by.type }, at, until };
  const event = newEvent('hold.placed', by, cause, { hold });
  if (live.holds.some(({ id }) => id === hold.id)) return { live, event };
  // Holds that ended by themselves are in the events; here they would pile up.
  const holds = live.holds.filter((one) => one.until === null || one.until > at);
  return { live: { ...live, revision: live.revision + 1, holds: [...holds, hold] }, event };
}
