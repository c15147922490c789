import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { RolloutPlan } from '../../shared/rollout/engine/rollout-plan.ts';

/** A guard writes a look down this often, whatever it sees. */
const recordEvery = 5 * 60_000;

/** Minutes since the last recorded look where that is longer than any guard leaves it; null where all is well or nothing is to guard. */
export function silentMinutes(live: LiveDocument, { maxSilence }: Pick<RolloutPlan, 'maxSilence'>, now: Date): number | null {
  if (terminalPhases.includes(live.phase)) return null;
  const last = live.guard?.lastAt ?? live.stepStartedAt;
  if (!last) return null;
  const silent = now.getTime() - Date.parse(last);
  // Whole steps of five minutes, so that a sweep does not write the comment anew each time.
  return silent > recordEvery + 2 * maxSilence ? Math.floor(silent / recordEvery) * 5 : null;
}
