import { newEvent } from './event-data.ts';
import type { NewEvent, Person } from './forge.ts';
import { activeHolds } from './holds.ts';
import type { LiveDocument } from './live-document.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface LiftRequest {
  /** Only holds of these bytes; null lifts every hold of the stage. */
  readonly digest: string | null;
  readonly by: Person;
  readonly now: Date;
  readonly cause: string;
}

/** The live state without the holds, and the event that names them; a refusal where nothing is held. */
export function liftHold(
  live: LiveDocument | null,
  { digest, by, now, cause }: LiftRequest,
): { readonly allowed: true; readonly live: LiveDocument; readonly event: NewEvent } | Refusal {
  const lifted = activeHolds(live, now).filter((hold) => digest === null || hold.digest === digest);
  if (!live || lifted.length === 0) return refuse('NOT_HELD', 'Nothing is held there.', '`/weighin status` lists the holds.');
  const ids = new Set(lifted.map(({ id }) => id));
  return {
    allowed: true,
    live: { ...live, revision: live.revision + 1, holds: live.holds.filter(({ id }) => !ids.has(id)) },
    event: newEvent('hold.lifted', by, cause, { holds: [...ids] }),
  };
}
