import type { Heartbeat } from '../../shared/rollout/guard/heartbeat.ts';

export type GuardedRollout = Heartbeat['rollouts'][number];
export interface Heard {
  readonly owner: string;
  /** When the guard looked, by its own clock, ISO 8601. */
  readonly at: string;
  readonly rollout: GuardedRollout;
}

const anHour = 3_600_000;
/** A clock that is further ahead than this would silence every guard whose clock is right. */
const ahead = 60_000;
/** Of one repository; a repository has a few at a time. */
const mostRollouts = 400;

/** What guards said last, in memory alone: for people to see, never to decide by. */
export interface Heartbeats {
  /** `known`: nothing newer than what was heard, so a repeated or late one changes nothing. */
  take(heartbeat: Heartbeat): 'taken' | 'known' | 'from-the-future';
  of(repository: string, rolloutId: string): Heard | null;
}

export function createHeartbeats(now: () => number = Date.now): Heartbeats {
  const repositories = new Map<string, Map<string, Heard>>();
  const isOld = ({ at }: Pick<Heard, 'at'>) => now() - Date.parse(at) > anHour;
  return {
    take({ repository, owner, at, rollouts }) {
      if (Date.parse(at) - now() > ahead) return 'from-the-future';
      if (isOld({ at })) return 'known';
      const kept = repositories.get(nameOf(repository)) ?? new Map<string, Heard>();
      let taken = rollouts.length === 0;
      for (const rollout of rollouts) {
        const before = kept.get(rollout.rolloutId);
        if (before && Date.parse(before.at) >= Date.parse(at)) continue;
        // What is put back last is dropped last.
        kept.delete(rollout.rolloutId);
        kept.set(rollout.rolloutId, { owner, at, rollout });
        taken = true;
      }
      for (const [id, heard] of kept) if (isOld(heard)) kept.delete(id);
      for (const id of kept.keys()) {
        if (kept.size <= mostRollouts) break;
        kept.delete(id);
      }
      if (kept.size > 0) repositories.set(nameOf(repository), kept);
      return taken ? 'taken' : 'known';
    },
    of(repository, rolloutId) {
      const heard = repositories.get(nameOf(repository))?.get(rolloutId);
      return heard && !isOld(heard) ? heard : null;
    },
  };
}

/** GitHub's names are the same whatever their case. */
const nameOf = (repository: string) => repository.toLowerCase();
