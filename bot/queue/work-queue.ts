import PQueue from 'p-queue';
import type { Hint, Log } from '../bot-context.ts';
import { afterFailure } from './after-failure.ts';
import { hintName } from './hint-name.ts';
import { type Schedule, timer } from './schedule.ts';

export interface WorkQueueOptions {
  /** The work of one repository. Never called twice at once for the same key. */
  readonly handle: (key: string, hints: readonly Hint[]) => Promise<void>;
  readonly log: Log;
  /** Repositories worked on at once. */
  readonly concurrency?: number;
  /** Hints that wait for one repository before they become one `sweep`, which finds all that they would have. */
  readonly hintsPerRepository?: number;
  /** Characters of comments that wait, of all repositories together: the one part of a hint whose size a stranger chooses. */
  readonly textLimit?: number;
  readonly schedule?: Schedule;
  /** 0 to 1. */
  readonly random?: () => number;
  readonly now?: () => number;
  readonly observe?: QueueObserver;
}

export interface QueueObserver {
  worked(seconds: number, outcome: 'done' | 'failed'): void;
  failed(code: string): void;
}

export interface WorkQueue {
  /** Returns at once; the work is done later. After `drain` was called nothing more is taken. */
  add(key: string, hints: readonly Hint[]): void;
  status(): QueueStatus;
  /** Works on what waits, until nothing does or the time is over; true where nothing was left. What is left the next sweep finds. */
  drain(milliseconds: number): Promise<boolean>;
}

export interface QueueStatus {
  readonly hints: number;
  readonly repositories: number;
  readonly running: number;
  /** How long the oldest work that runs has been running. */
  readonly oldestMilliseconds: number;
}

interface Lane {
  readonly waiting: Map<string, Hint>;
  running: boolean;
  startedAt: number;
  queued: boolean;
  /** Failures in a row. */
  failures: number;
  /** Gives up the wait for the next try. */
  cancelWait: (() => void) | null;
}

/**
 * Deliveries become work here: one repository's after another, never two at once; equal ones once; in bounded memory. Nothing is lost
 * that a sweep would not find, so an overflow, a crash or a stop costs time and no more.
 */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { handle, log, hintsPerRepository = 200, textLimit = 16_000_000, random = Math.random, now = Date.now, observe } = options;
  const schedule = options.schedule ?? timer;
  const pool = new PQueue({ concurrency: options.concurrency ?? 8 });
  const lanes = new Map<string, Lane>();
  let text = 0;
  let closed = false;
  let over = false;
  let idle: (() => void) | null = null;

  const laneOf = (key: string): Lane => {
    const found = lanes.get(key);
    if (found) return found;
    const made: Lane = { waiting: new Map(), running: false, startedAt: 0, queued: false, failures: 0, cancelWait: null };
    lanes.set(key, made);
    return made;
  };

  const take = (lane: Lane): Hint[] => {
    const hints = [...lane.waiting.values()];
    for (const hint of hints) text -= textOf(hint);
    lane.waiting.clear();
    return hints;
  };

  /** Newer hints win over older ones of the same name; `again` gives back hints whose work failed, which win over nothing. */
  const put = (lane: Lane, hints: readonly Hint[], again = false) => {
    for (const hint of hints) {
      const name = hintName(hint);
      const before = lane.waiting.get(name);
      if (before && again) continue;
      if (before) text -= textOf(before);
      lane.waiting.set(name, hint);
      text += textOf(hint);
    }
    if (lane.waiting.size > hintsPerRepository || text > textLimit) {
      log.warn({ hints: lane.waiting.size }, 'too many hints wait for one repository: it is swept instead');
      take(lane);
      lane.waiting.set('sweep', { kind: 'sweep' });
    }
  };

  const start = (key: string, lane: Lane) => {
    if (over || lane.queued || lane.running || lane.cancelWait || lane.waiting.size === 0) return;
    lane.queued = true;
    void pool.add(() => work(key, lane));
  };

  const work = async (key: string, lane: Lane) => {
    const hints = take(lane);
    Object.assign(lane, { queued: false, running: true, startedAt: now() });
    let outcome: 'done' | 'failed' = 'done';
    try {
      await handle(key, hints);
      lane.failures = 0;
    } catch (error) {
      outcome = 'failed';
      lane.failures++;
      const next = afterFailure(error, hints, lane.failures, random);
      observe?.failed(next.code);
      log[next.again.length > 0 ? 'warn' : 'error'](
        {
          repository: key,
          code: next.code,
          failures: lane.failures,
          ...(next.again.length > 0 && { againInSeconds: Math.ceil(next.milliseconds / 1000) }),
        },
        `work failed: ${next.says}`,
      );
      put(lane, next.again, true);
      if (next.again.length > 0 && !closed)
        lane.cancelWait = schedule(() => {
          lane.cancelWait = null;
          start(key, lane);
        }, next.milliseconds);
      // Whoever waits for the queue to empty must not wait for a retry that will not come.
      if (closed) take(lane);
    } finally {
      lane.running = false;
      observe?.worked((now() - lane.startedAt) / 1000, outcome);
      if (lane.waiting.size > 0) start(key, lane);
      else if (!lane.cancelWait) lanes.delete(key);
      if (lanes.size === 0) idle?.();
    }
  };

  return {
    add(key, hints) {
      if (closed || hints.length === 0) return;
      const lane = laneOf(key);
      put(lane, hints);
      start(key, lane);
    },

    status() {
      const all = [...lanes.values()];
      const running = all.filter((lane) => lane.running);
      return {
        hints: all.reduce((sum, lane) => sum + lane.waiting.size, 0),
        repositories: all.length,
        running: running.length,
        oldestMilliseconds: Math.max(0, ...running.map((lane) => now() - lane.startedAt)),
      };
    },

    async drain(milliseconds) {
      closed = true;
      for (const [key, lane] of lanes) {
        if (!lane.cancelWait) continue;
        // It was told to wait: asking again now would be refused.
        lane.cancelWait();
        lanes.delete(key);
      }
      if (lanes.size === 0) return true;
      return new Promise((resolve) => {
        const giveUp = schedule(() => {
          over = true;
          pool.clear();
          resolve(false);
        }, milliseconds);
        idle = () => {
          giveUp();
          resolve(true);
        };
      });
    },
  };
}

const textOf = (hint: Hint) => (hint.kind === 'comment' ? hint.comment.body.length : 0);
