import { newEvent } from '../../promotion/event-data.ts';
import { withRolledBack } from '../../promotion/first-live.ts';
import { placeHold } from '../../promotion/place-hold.ts';
import { clipText } from '../../words/visible-text.ts';
import { phaseBelow } from './desired-traffic.ts';
import type { RolloutStop } from './engine-state.ts';
import { intoPhase, LONGEST_TEXT, type MovingRollout, personOf, type Turn, told, withLive } from './moving-rollout.ts';
import { endStepRecord } from './step-record.ts';

/**
 * Back to stable: decided, held and told in one, so that nobody starts the same bytes again while traffic is still going back. A newer
 * promotion's taking over holds nothing.
 *
 * A first version has nothing to go back to: its rollout fails, and what the target does is left as it is.
 */
export function stopRollout(rollout: MovingRollout, why: Omit<RolloutStop, 'at' | 'by'>, turn: Turn): MovingRollout {
  const stop = { ...why, detail: clipText(why.detail, LONGEST_TEXT) };
  const { candidate, stable } = rollout.live;
  // Nothing of it runs any more: told twice.
  if (!candidate) return rollout;
  const by = personOf(turn.by);
  const hadBegun = phaseBelow(rollout.live, rollout.engine) !== 'pending';
  const weight = rollout.live.weight && { ...rollout.live.weight, desired: 0 };
  const stopped = withLive(
    intoPhase(endStepRecord(rollout, turn.at), 'rolling-back', {
      stop: { ...stop, by, at: turn.at },
      override: null,
      gap: null,
      differsSince: turn.at,
    }),
    { weight },
  );
  if (stop.ends === 'superseded') {
    const event = newEvent('rollout.superseded', by, stop.cause, { why: stop.detail });
    return hadBegun && stable ? told(stopped, event) : endStop(told(stopped, event), turn);
  }
  const { reason } = stop;
  const { live, event: held } = placeHold(stopped.live, {
    digest: candidate.digest,
    reason: `its rollout was rolled back: ${stop.detail}`,
    by,
    at: turn.at,
    until: null,
    cause: stop.cause,
  });
  const event = stable
    ? newEvent('rollout.rolled-back', by, stop.cause, { from: candidate, to: stable, reason, detail: stop.detail })
    : newEvent('rollout.failed', by, stop.cause, { version: candidate, why: stop.detail });
  // The revision is the writer's to raise.
  const kept = told(withLive(stopped, { holds: live.holds }), event, held);
  return hadBegun && stable ? kept : endStop(kept, turn);
}

/** Stable serves alone again, or nothing ever moved. */
export function endStop(rollout: MovingRollout, { at }: Turn): MovingRollout {
  const { live, engine } = rollout;
  const isSuperseded = engine.stop?.ends === 'superseded';
  const failed = engine.stop !== null && !live.stable && !isSuperseded;
  const rolledBack = live.candidate && !isSuperseded ? withRolledBack(live, live.candidate.digest, at) : live.rolledBack;
  const phase = isSuperseded ? 'superseded' : failed ? 'failed' : 'rolled-back';
  return withLive(intoPhase(rollout, phase, { differsSince: null }), { candidate: null, weight: null, rolledBack });
}
