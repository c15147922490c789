import { late, type RowScore } from './batch-rows.ts';
import type { FleetMember } from './fleet.ts';

/** Why a model gave no answer. `open`: it was not asked, since it failed too often just now. */
export type FailureReason = 'late' | 'failed' | 'open';

export type Asked<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly reason: FailureReason; readonly error: unknown };

/** Asks a model through its breaker, and waits no longer than `timeoutMs`. What comes later is dropped. */
export async function askModel<Result = readonly RowScore[]>(
  member: FleetMember,
  ask: () => Promise<Result>,
  timeoutMs: number,
): Promise<Asked<Result>> {
  const { breaker } = member;
  if (!breaker.allows()) return { ok: false, reason: 'open', error: null };
  member.inFlight++;
  let timer: NodeJS.Timeout | undefined;
  try {
    const work = ask();
    // In the server's own thread no timer could fire before the answer is there: what waits too long in the queue is dropped by the batcher.
    const result =
      member.model.threads === 0
        ? await work
        : await new Promise<Result>((resolve, reject) => {
            timer = setTimeout(() => reject(late), timeoutMs);
            work.then(resolve, reject);
          });
    breaker.succeeded();
    return { ok: true, result };
  } catch (error) {
    breaker.failed();
    return { ok: false, reason: error === late ? 'late' : 'failed', error };
  } finally {
    clearTimeout(timer);
    member.inFlight--;
  }
}
