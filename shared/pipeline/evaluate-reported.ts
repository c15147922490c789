import type { EvaluationResult, GateResult, MetricResult } from '../evaluation/evaluation-result.ts';
import { judgeReported } from '../gate/judge-reported.ts';
import type { TrainingResult } from '../training/training-result.ts';
import type { FoundBaseline } from './find-baseline.ts';
import type { ModelRun } from './run-context.ts';

/**
 * `format: metrics`: the numbers are the training script's own. There are no rows to draw an interval from, so a gate decides on the
 * point, and everything that shows them says *reported*.
 */
export function evaluateReported(run: ModelRun, training: TrainingResult, found: FoundBaseline): EvaluationResult {
  const task = run.config.task === 'ranking' ? 'regression' : run.config.task;
  const before = found.report?.training?.reported ?? null;
  const metrics: MetricResult[] = Object.entries(training.reported).map(([name, value]) => {
    const baseline = before?.[name] ?? null;
    return {
      name,
      value,
      baseline,
      delta: baseline === null ? null : value - baseline,
      interval: null,
      slice: null,
      n: 0,
      positives: null,
      greaterIsBetter: null,
      unit: 'none',
      note: 'reported by the training script',
    };
  });
  const gates: readonly GateResult[] = judgeReported(task, training.reported, before, run.config.evaluation);
  return {
    task,
    baseline: found.baseline,
    rows: 0,
    positives: null,
    testDigest: null,
    looks: null,
    identical: false,
    metrics,
    gates: [...gates],
    plots: { roc: null, precisionRecall: null, calibration: null, scores: null },
    notices: [
      ...found.notices,
      {
        code: 'REPORTED_METRICS',
        message: 'The numbers are those that the training script reported of itself: they were not computed here, and stay claimed.',
      },
    ],
    scoring: null,
  };
}
