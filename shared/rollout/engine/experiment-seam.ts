import { addToExperimentRecord, beginExperimentRecord, type ExperimentRecord, experimentRecordSchema } from '../ab/experiment-record.ts';
import { judgeRolloutExperiment } from '../ab/rollout-experiment.ts';
import type { EngineState } from './engine-state.ts';
import type { Reading } from './metric-source.ts';
import { inEngine, type MovingRollout, type Turn } from './moving-rollout.ts';
import { readingOf } from './reading-of.ts';

/**
 * Strategy ab, between readings and `shared/rollout/ab`: the counts of the experiment's metric and guardrails come as metrics of those
 * names, `bad` being units that converted and `total` units that were assigned.
 */
export function addExperimentReading(rollout: MovingRollout, reading: Reading, { plan, now }: Turn): MovingRollout {
  const [primary] = plan.experimentMetrics;
  if (primary === undefined || rollout.engine.promoted) return rollout;
  const counts = plan.experimentMetrics.map((name) => ({ name, found: readingOf(reading, name, true) }));
  const first = counts[0]?.found;
  if (first?.is !== 'counts') return rollout;
  const arm = (of: 'candidate' | 'stable') => ({
    units: first[of].total,
    metrics: Object.fromEntries(counts.flatMap(({ name, found }) => (found.is === 'counts' ? [[name, found[of].bad]] : []))),
  });
  const before = recordOf(rollout.engine) ?? beginExperimentRecord(new Date(rollout.live.stepStartedAt ?? now));
  return inEngine(rollout, { experiment: addToExperimentRecord(before, { control: arm('stable'), treatment: arm('candidate') }, now) });
}

/** null before the first reading, and where it is none: then it begins anew. */
function recordOf({ experiment }: EngineState): ExperimentRecord | null {
  if (experiment === null || experiment === undefined) return null;
  return experimentRecordSchema.safeParse(experiment).data ?? null;
}

/** What an A/B test says by now; null while it goes on. */
export function outcomeOfExperiment({ engine }: MovingRollout, { plan }: Turn, isTimeUp: boolean): EngineState['outcome'] {
  const { experiment } = engine.definition;
  const record = recordOf(engine);
  if (!experiment) return null;
  if (!record) return isTimeUp ? { recommends: 'keep', why: 'no unit was counted' } : null;
  const [step] = plan.steps;
  const { recommendation } = judgeRolloutExperiment(experiment, engine.name, record, {
    shareOfTreatment: (step?.weight ?? 50) / 100,
    duration: step?.hold ?? 0,
    isTimeUp,
  });
  return recommendation && { recommends: recommendation.recommends, why: recommendation.why };
}

/** How many whole days are recorded: it is judged when there is one more. */
export const daysOfExperiment = ({ engine }: MovingRollout): number => recordOf(engine)?.days.length ?? 0;
