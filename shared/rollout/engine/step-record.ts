import type { ArmCounts } from '../judging/bucket.ts';
import type { StepRecord } from './engine-state.ts';
import { inEngine, type MovingRollout } from './moving-rollout.ts';

/** A rollout that people set back and forth all day is not written down for ever. */
const KEPT = 100;

export const beginStepRecord = (rollout: MovingRollout, record: Pick<StepRecord, 'step' | 'weight' | 'from'>): MovingRollout =>
  inEngine(rollout, {
    steps: [...rollout.engine.steps, { ...record, to: null, guardedSeconds: 0, metrics: {}, unproven: false }].slice(-KEPT),
  });

export function endStepRecord(rollout: MovingRollout, at: string, unproven = false): MovingRollout {
  return inLastRecord(rollout, (record) => (record.to === null ? { ...record, to: at, unproven } : record));
}

export function inLastRecord(rollout: MovingRollout, change: (record: StepRecord) => StepRecord): MovingRollout {
  const last = rollout.engine.steps.at(-1);
  if (!last) return rollout;
  const changed = change(last);
  return changed === last ? rollout : inEngine(rollout, { steps: [...rollout.engine.steps.slice(0, -1), changed] });
}

export const addCounts = (a: ArmCounts, b: ArmCounts): ArmCounts => ({ bad: a.bad + b.bad, total: a.total + b.total });

/** Of the candidate in the step under way: those of the metric that counted most, since each counts the same ones. */
export const requestsOfStep = ({ engine }: MovingRollout): number =>
  Math.max(0, ...Object.values(engine.steps.at(-1)?.metrics ?? {}).map(({ candidate }) => candidate.total));

/** Of the whole rollout so far. */
export function countsOfRollout({ engine }: MovingRollout, metric: string): { readonly candidate: ArmCounts; readonly stable: ArmCounts } {
  const nothing = { bad: 0, total: 0 };
  const found = engine.steps.flatMap(({ metrics }) => (Object.hasOwn(metrics, metric) ? [metrics[metric]!] : []));
  return {
    candidate: found.reduce((sum, { candidate }) => addCounts(sum, candidate), nothing),
    stable: found.reduce((sum, { stable }) => addCounts(sum, stable), nothing),
  };
}
