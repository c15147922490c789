import type { AppConnection } from '../../shared/adapters/github-app/connect-app.ts';
import type { Hint, Log } from '../bot-context.ts';
import type { RepositoryAddress } from '../handlers/read-delivery.ts';
import { type Schedule, timer } from '../queue/schedule.ts';

export interface SweepTimerParts {
  readonly app: Pick<AppConnection, 'installations' | 'repositories'>;
  readonly enqueue: (repository: RepositoryAddress, hints: readonly Hint[]) => void;
  /** Asked on every round, after the sweeps are on their way. */
  readonly readMissed: () => Promise<number>;
  readonly log: Log;
  readonly onSwept?: (missed: number) => void;
  readonly milliseconds?: number;
  readonly schedule?: Schedule;
}

const sweep: readonly Hint[] = [{ kind: 'sweep' }];

/**
 * On start and every five minutes: a sweep of every repository that the App reaches, then the deliveries that never arrived. One
 * installation that can't be asked keeps no other from being swept.
 */
export function createSweepTimer(parts: SweepTimerParts) {
  const { app, enqueue, readMissed, log, onSwept, milliseconds = 5 * 60_000 } = parts;
  const schedule = parts.schedule ?? timer;
  let cancel: (() => void) | null = null;
  let stopped = false;

  const round = async () => {
    const attempt = async <Found>(what: string, work: () => Promise<Found>, instead: Found): Promise<Found> => {
      try {
        return await work();
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, `${what} failed; the next round tries again`);
        return instead;
      }
    };
    const installations = await attempt('listing the installations', () => app.installations(), null);
    for (const { id, suspended } of installations ?? []) {
      if (suspended) continue;
      for (const { owner, name } of await attempt(`listing the repositories of installation ${id}`, () => app.repositories(id), []))
        enqueue({ installation: id, owner, name }, sweep);
    }
    const missed = await attempt('reading missed deliveries', readMissed, 0);
    if (installations) onSwept?.(missed);
    if (!stopped) cancel = schedule(() => void round(), milliseconds);
  };

  return {
    /** Resolves when the first round is over. */
    start: round,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
