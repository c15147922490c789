import { newEvent } from '../../promotion/event-data.ts';
import { isHeld } from '../../promotion/holds.ts';
import { createMetricJudge } from '../judging/judge-metric.ts';
import { enterBefore } from './change-phase.ts';
import type { EngineMetric } from './engine-state.ts';
import { inEngine, type MovingRollout, personOf, type Turn, told, withLive } from './moving-rollout.ts';
import type { RolloutEvent } from './rollout-event.ts';

type Begin = Extract<RolloutEvent, { readonly is: 'begin' }>;
const HOUR_SECONDS = 3600;

/**
 * A rollout that was handed over starts, and its rules are fixed from stable's past. While it is held it stays handed over. A first
 * version, with no stable beside it, has no steps: after its checks it gets everything.
 */
export function beginRollout(rollout: MovingRollout, begin: Begin, turn: Turn): MovingRollout {
  const { live } = rollout;
  const { plan, at, now } = turn;
  if (live.phase !== 'pending' || !live.candidate || isHeld(live, now, live.candidate.digest)) return rollout;
  const metrics = Object.fromEntries([
    ...plan.policy.metrics.map((metric): [string, EngineMetric] => {
      const history = Object.hasOwn(begin.history, metric.name) ? begin.history[metric.name]! : [];
      const total = history.reduce((sum, bucket) => sum + bucket.total, 0);
      const hours = (history.length * begin.historyBucketSeconds) / HOUR_SECONDS;
      const seen = total > 0 && hours > 0 ? total / hours : null;
      // In a shadow both arms answer every request.
      const requestsPerHour = seen === null ? null : seen * (plan.strategy === 'shadow' ? 2 : 1);
      const judge = createMetricJudge(plan.policy, metric, { history, requestsPerHour });
      const { phi, plannedInformation } = judge.settings;
      return [metric.name, { ...untouched, phi, plannedInformation, requestsPerHour, state: judge.begin() }];
    }),
    ...plan.distributions.map(({ name }): [string, EngineMetric] => [name, untouched]),
  ]);
  const guard = { driver: live.guard?.driver ?? 'server', owner: begin.owner, lastAt: at, maxSilenceS: plan.maxSilence / 1000 };
  const begun = withLive(inEngine(rollout, { metrics, lastDataAt: at }), {
    guard,
    step: 0,
    stepStartedAt: at,
    guardedSeconds: 0,
    looks: [],
  });
  const event = newEvent('rollout.began', personOf(turn.by), `guard:${live.rolloutId}:began`, {
    rollout: rollout.engine.name,
    strategy: plan.strategy,
    version: live.candidate,
    stable: live.stable,
  });
  return enterBefore(told(begun, event), turn);
}

const untouched: EngineMetric = {
  phi: 1,
  plannedInformation: null,
  requestsPerHour: null,
  state: null,
  open: null,
  minute: [],
  distribution: null,
  look: null,
};
