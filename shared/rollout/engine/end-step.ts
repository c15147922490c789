import { formatPercent } from '../../words/format-number.ts';
import { judgeDistribution } from '../judging/judge-distribution.ts';
import { judgeStepEnd } from '../judging/step-end.ts';
import { advance, pauseRollout } from './change-phase.ts';
import { describeVerdict } from './describe-stop.ts';
import type { EngineState, PauseReason } from './engine-state.ts';
import { daysOfExperiment, outcomeOfExperiment } from './experiment-seam.ts';
import { closeBuckets, isRolloutAssured } from './judge-bucket.ts';
import { causeOf, inEngine, type MovingRollout, type Turn } from './moving-rollout.ts';
import { countsOfRollout, requestsOfStep } from './step-record.ts';
import { stopRollout } from './stop-rollout.ts';
import type { MetricVerdict } from './take-reading.ts';

/** Whether the step that is analysed is over, and what follows. Only where no rule stops it and its weight has come about. */
export function endStep(
  rollout: MovingRollout,
  turn: Turn,
  { isFresh, daysBefore }: { readonly isFresh: boolean; readonly daysBefore: number },
): MovingRollout {
  const { plan } = turn;
  const { live } = rollout;
  const { hold } = plan.steps[live.step]!;
  // A test of people may end before its time, for harm at once: it is judged when another day is whole.
  if (plan.strategy === 'ab' && daysOfExperiment(rollout) > daysBefore) {
    const early = outcomeOfExperiment(rollout, turn, false);
    if (early) return decide(rollout, early, turn, false);
  }
  const requests = Math.max(requestsOfStep(rollout), unitsOf(rollout, turn));
  const end = judgeStepEnd({
    heldFor: live.guardedSeconds * 1000,
    hold,
    requests,
    minSamples: plan.policy.minSamples,
    lowTraffic: plan.policy.lowTraffic,
    isFresh,
    isAssured: isRolloutAssured(rollout, turn),
  });
  if (end.kind === 'hold' || end.kind === 'extend') return rollout;
  const closed = closeBuckets(rollout, turn, { isStepEnd: true });
  const next = closed.rollout;
  const worst =
    closed.verdicts.find(({ decision }) => decision === 'rollback') ?? closed.verdicts.find(({ reason }) => !isWaived(next, reason));
  if (worst) return obey(next, worst, turn);
  if (end.kind === 'pause') {
    const detail = {
      'low-traffic': `The step has ${requests} of the ${plan.policy.minSamples} requests that it needs, after three times its hold.`,
      'no-requests': 'The candidate has had no request in this step, after three times its hold.',
      'not-assured': 'The candidate is not shown to be below its limits, after three times the hold.',
    }[end.reason];
    return pauseRollout(next, { reason: end.reason, detail }, turn);
  }
  const differs = differenceOf(next, turn);
  if (differs !== null && !isWaived(next, 'distribution')) return pauseRollout(next, { reason: 'distribution', detail: differs }, turn);
  if (plan.strategy === 'canary' || plan.strategy === 'blue-green') return advance(next, turn, { unproven: end.unproven });
  const outcome = plan.strategy === 'ab' ? outcomeOfExperiment(next, turn, true) : outcomeOfShadow(next, turn, end.unproven);
  return decide(next, outcome ?? { recommends: 'keep', why: 'nothing was shown' }, turn, end.unproven);
}

/** What the worst metric says is done: back to stable, or a pause. */
export function obey(rollout: MovingRollout, verdict: MetricVerdict, turn: Turn): MovingRollout {
  const { metric, reason, decision } = verdict;
  const detail = `${describeVerdict(rollout, verdict, turn)}.`;
  // Only rules that the engine itself doesn't apply are left out of either list.
  if (decision === 'pause' || reason === 'no-data' || reason === 'not-assured')
    return pauseRollout(rollout, { reason: reason === 'both-arms' || reason === 'no-data' ? reason : 'not-assured', detail }, turn);
  return stopRollout(rollout, { ends: 'rolled-back', reason, metric, detail, cause: causeOf(rollout, `${metric}:${reason}`) }, turn);
}

export const isWaived = ({ engine }: MovingRollout, reason: string): boolean =>
  engine.waived.some((waived: PauseReason) => waived === reason);

/** The end of what only recommends: somebody decides, or the recommendation is done. */
function decide(rollout: MovingRollout, outcome: NonNullable<EngineState['outcome']>, turn: Turn, unproven: boolean): MovingRollout {
  const decided = inEngine(rollout, { outcome });
  const { recommends, why } = outcome;
  const detail = `${recommends === 'promote' ? 'Recommended: promote' : 'Recommended: keep stable'}. ${why}`.slice(0, 500);
  if (turn.plan.then === 'ask') return pauseRollout(decided, { reason: 'decision', detail }, turn);
  if (recommends === 'promote') return advance(decided, turn, { unproven });
  return stopRollout(
    decided,
    { ends: 'rolled-back', reason: 'recommended', metric: null, detail, cause: causeOf(decided, 'recommended') },
    turn,
  );
}

/** Where predictions of the arms are distributed otherwise by more than is allowed; null: nowhere. */
function differenceOf({ engine }: MovingRollout, { plan }: Turn): string | null {
  const looks = plan.steps.length * plan.distributions.length;
  for (const { name, limit } of plan.distributions) {
    const counts = engine.metrics[name]?.distribution;
    if (!counts) continue;
    const { differs, share, p } = judgeDistribution({ ...counts, limit, alpha: plan.policy.alpha / looks });
    if (differs)
      return `${name}: predictions of the arms differ by ${formatPercent(share)} of the rows, more than the ${formatPercent(limit)} allowed (p ${p < 0.0001 ? '< .0001' : p.toFixed(4)}).`;
  }
  return null;
}

/** A shadow answers nobody, so what it shows is that no rule stopped it. */
function outcomeOfShadow(rollout: MovingRollout, { plan }: Turn, unproven: boolean): NonNullable<EngineState['outcome']> {
  const requests = requestsOfStep(rollout);
  if (unproven)
    return {
      recommends: 'keep',
      why: `The shadow answered ${requests} requests, fewer than the ${plan.policy.minSamples} that show anything.`,
    };
  const counts = plan.policy.metrics.map(({ name }) => {
    const { candidate, stable } = countsOfRollout(rollout, name);
    return `${name} ${candidate.bad} of ${candidate.total} (stable ${stable.bad} of ${stable.total})`;
  });
  return {
    recommends: 'promote',
    why: `No rule stopped the shadow in ${requests} requests: ${counts.join(', ')}. \`weighin rollout compare\` compares the answers themselves.`,
  };
}

/** Of an A/B test, the units of the candidate. */
function unitsOf({ engine }: MovingRollout, { plan }: Turn): number {
  if (plan.strategy !== 'ab') return 0;
  const record = engine.experiment as { readonly total?: { readonly treatment?: { readonly units?: number } } } | null;
  return record?.total?.treatment?.units ?? 0;
}
