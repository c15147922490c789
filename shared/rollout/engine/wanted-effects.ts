import { terminalPhases } from '../../promotion/live-document.ts';
import { isSettled, isTaken, observedWeight, phaseBelow, trafficKey, wishOf } from './desired-traffic.ts';
import { type MovingRollout, pastTime } from './moving-rollout.ts';
import type { Effect } from './reduced.ts';
import { checksOf } from './run-checks.ts';
import type { DesiredTraffic, ObservedTraffic } from './traffic.ts';

/** What is to be done in the world for this state, again and again until it is so. `observed` null: nobody has looked, or it did not answer. */
export function wantedEffects(rollout: MovingRollout, observed: ObservedTraffic | null, now: Date): readonly Effect[] {
  const { live, engine } = rollout;
  const phase = phaseBelow(live, engine);
  if (phase === 'pending' || terminalPhases.includes(live.phase)) return [];
  const checks =
    live.phase === 'verifying'
      ? checksOf(rollout)
          .filter(({ key }) => !Object.hasOwn(engine.checks, key))
          .map(({ key, check }): Effect => ({ is: 'check', key, check }))
      : [];
  const desired = wishOf(live, engine);
  if (!desired) return checks;
  const settled = observed ? isSettled(live, engine, desired, observed) : live.phase !== 'rolling-back' && isTaken(live, desired);
  const renews = settled && desired.leaseSeconds !== null && isLeaseDue(rollout, desired.leaseSeconds, now);
  if (settled && !renews) return checks;
  if (live.phase === 'verifying' && !settled)
    return [{ is: 'traffic', key: trafficKey(desired), desired, toward: towardOf(rollout, desired, observed), renews }];
  // What happened in a silence is judged first; until then nothing is given, and a lease that ended stays so.
  const toward = settled ? 'stable' : towardOf(rollout, desired, observed);
  if (engine.gap && !engine.gap.judgedAt && !engine.promoted && (toward === 'candidate' || !observed)) return checks;
  return [...checks, { is: 'traffic', key: trafficKey(desired), desired, toward, renews }];
}

/** A third of the lease: two renewals may fail before it ends. */
function isLeaseDue({ engine }: MovingRollout, seconds: number, now: Date): boolean {
  if (engine.leasedAt === null) return true;
  return now.getTime() - pastTime(engine.leasedAt, now) >= (seconds * 1000) / 3;
}

/** Whether it gives the candidate more than it is known to have. Going back is never that, whatever the target says. */
function towardOf({ live, engine }: MovingRollout, desired: DesiredTraffic, observed: ObservedTraffic | null): 'stable' | 'candidate' {
  if (live.phase === 'rolling-back') return 'stable';
  if (engine.promoted) return 'candidate';
  const has = observed ? observedWeight(live, observed) : (live.weight?.observed ?? null);
  return desired.mirror || has === null || desired.percent > has ? 'candidate' : 'stable';
}
