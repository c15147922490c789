import type { Guard, GuardTick } from './guard-parts.ts';

export interface WatchParts {
  readonly guard: Guard;
  /** Milliseconds between two ticks, counted from beginning to beginning; less where a rollout's `maxSilence` wants it. */
  readonly every: number;
  /** Milliseconds after which somebody else goes on; null: never. */
  readonly lasts: number | null;
  /** Ends it when there is nothing to guard: a job costs money while it waits. */
  readonly endsWhenIdle: boolean;
  /** Settles when it is told to stop. */
  readonly stopped: Promise<unknown>;
  /** Milliseconds; only differences count. */
  readonly clock: () => number;
  readonly sleep: (milliseconds: number, wake: Promise<unknown>) => Promise<unknown>;
  readonly onTick: (tick: GuardTick) => void;
  readonly onFault: (error: unknown) => void;
}

/** `told`: by a signal. `time`: `lasts` is over, and rollouts are under way. `idle`: nothing is. */
export type WatchEnd = 'told' | 'time' | 'idle';

/** So many ticks in a row that found nothing: the dispatch that started this may be quicker than the state that it is about. */
const idleTicks = 6;
const shortestWait = 100;

/** Ticks until it is told to stop. The tick under way is always finished; the guard is stopped, which records and hands over. */
export async function keepWatch(parts: WatchParts): Promise<WatchEnd> {
  const { guard, every, lasts, stopped, clock } = parts;
  const began = clock();
  let told = false;
  void stopped.then(() => {
    told = true;
  });
  let idle = 0;
  let end: WatchEnd | null = null;
  try {
    while (end === null) {
      const since = clock();
      let next = every;
      try {
        const tick = await guard.tick();
        parts.onTick(tick);
        idle = tick.rollouts.length === 0 && tick.away === null ? idle + 1 : 0;
        next = Math.min(every, tick.nextWithin ?? every);
      } catch (error) {
        // A fault of our own must not leave traffic alone: the next tick tries again.
        parts.onFault(error);
      }
      const left = lasts === null ? Number.POSITIVE_INFINITY : began + lasts - clock();
      if (told) end = 'told';
      else if (parts.endsWhenIdle && idle >= idleTicks) end = 'idle';
      else if (left <= 0) end = idle > 0 ? 'idle' : 'time';
      else await parts.sleep(Math.min(left, Math.max(shortestWait, next - (clock() - since))), stopped);
    }
  } finally {
    await guard.stop();
  }
  return end;
}
