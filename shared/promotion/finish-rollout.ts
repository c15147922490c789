import { newEvent } from './event-data.ts';
import { withRolledBack, withVerified } from './first-live.ts';
import type { NewEvent, Person } from './forge.ts';
import { type LiveDocument, terminalPhases } from './live-document.ts';
import { placeHold } from './place-hold.ts';

export interface RolloutEnd {
  readonly outcome: 'succeeded' | 'failed';
  readonly why: string;
  readonly by: Person;
  readonly at: string;
  readonly cause: string;
}

/**
 * The live state after a rollout that was handed over has ended: its version is stable and verified, or it is held and what ran before
 * goes on. null where no rollout is under way: an end that is told twice changes nothing.
 */
export function finishRollout(
  live: LiveDocument,
  { outcome, why, by, at, cause }: RolloutEnd,
): { readonly live: LiveDocument; readonly events: readonly NewEvent[] } | null {
  if (terminalPhases.includes(live.phase)) return null;
  const revision = live.revision + 1;
  if (live.phase === 'rolling-back')
    return {
      live: { ...live, revision, phase: 'rolled-back', candidate: null, weight: live.weight && { ...live.weight, observed: 0, at } },
      events: [],
    };
  const version = live.candidate;
  if (!version) return null;
  if (outcome === 'succeeded')
    return {
      live: {
        ...live,
        revision,
        phase: 'succeeded',
        stable: version,
        candidate: null,
        weight: null,
        verified: withVerified(live, { ...version, generation: live.generation, at }),
      },
      events: [newEvent('rollout.succeeded', by, cause, { version })],
    };
  const failed: LiveDocument = {
    ...live,
    revision,
    phase: 'failed',
    candidate: null,
    weight: live.weight && { desired: 0, observed: 0, at },
    rolledBack: withRolledBack(live, version.digest, at),
  };
  const held = placeHold(failed, { digest: version.digest, reason: `its rollout failed: ${why}`, by, at, until: null, cause });
  return { live: held.live, events: [newEvent('rollout.failed', by, cause, { version, why }), held.event] };
}
