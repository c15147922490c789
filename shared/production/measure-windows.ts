import { UserError } from '../errors.ts';
import { estimateMetric } from '../evaluation/estimate.ts';
import { requireMetric } from '../evaluation/evaluate-metrics.ts';
import type { MetricDefinition } from '../evaluation/metric-definition.ts';
import { resampleTogether } from '../evaluation/resampled-estimate.ts';
import { sampleOf } from '../evaluation/sample.ts';
import type { IntervalOptions } from '../evaluation/uncertainty.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Notice } from '../verdict/notice.ts';
import { calibrationOf } from './calibration-of.ts';
import { type AnswerRequest, type LabelledAnswers, readLabelledAnswers, scoredRowsOf, type Task } from './labelled-answers.ts';
import { type PredictionLog, sliceCondition } from './open-prediction-log.ts';
import type { PerformanceWindow, WindowMetric } from './performance.ts';

export interface MeasureRequest extends AnswerRequest {
  /** The first decides; the usual ones of the task where left out. */
  readonly metrics?: readonly string[];
  readonly threshold?: number;
  readonly milliseconds: number;
  readonly ci?: IntervalOptions;
}

export interface MeasuredWindows {
  readonly task: Task;
  readonly windows: readonly PerformanceWindow[];
  readonly confidence: number;
  readonly notices: readonly Notice[];
}

const week = 604_800_000;
/** 1969-12-29, the Monday before 1970: windows are a profile's. */
const monday = -259_200_000;
/** So many windows of the metrics that resample take a minute at most. */
export const productionIntervals: IntervalOptions = { method: 'auto', level: 0.9, resamples: 500, seed: 7 };

const usual: Readonly<Record<Task, readonly string[]>> = {
  binary: ['roc_auc', 'log_loss', 'brier', 'ece', 'accuracy', 'precision', 'recall'],
  multiclass: ['accuracy', 'balanced_accuracy', 'f1_macro'],
  regression: ['mae', 'rmse', 'r2'],
};
const usualLabels: readonly string[] = ['accuracy', 'balanced_accuracy', 'precision', 'recall', 'f1'];

/**
 * The model's metrics in each window of its answers, with the interval that the metric has everywhere in Weighin. Fallbacks' and shadows'
 * answers are not the model's: the former are counted, the latter left out. Windows without answers are none.
 *
 * @throws UserError `METRIC_NEEDS_SCORES`, `GATE_UNKNOWN_METRIC`, and those of `readLabelledAnswers`
 */
export async function measureWindows(engine: QueryEngine, log: PredictionLog, request: MeasureRequest): Promise<MeasuredWindows> {
  const { task, milliseconds, ci = productionIntervals, threshold = 0.5 } = request;
  const slice = { ...request.slice, withoutShadow: request.slice.variant === undefined, withoutDegraded: true };
  const first = milliseconds % week === 0 ? monday : 0;
  const window = `CAST(floor((epoch_us(time) / 1000.0 - (${first})) / ${milliseconds}) AS DOUBLE)`;
  const counted = await engine.rows<{ w: number; rows: number; degraded: number }>(
    `SELECT ${window} AS w, count(*) FILTER (NOT degraded) AS rows, count(*) FILTER (degraded) AS degraded
     FROM ${log.relation} WHERE ${sliceCondition({ ...slice, withoutDegraded: false })} GROUP BY 1 ORDER BY 1`,
  );
  const answers = await readLabelledAnswers(engine, log, { ...request, slice }, window);
  const metrics = chooseMetrics(request, answers);
  const instant = (index: number) => new Date(first + index * milliseconds).toISOString();
  let from = 0;
  const windows = counted.map(({ w, rows, degraded }): PerformanceWindow => {
    let to = from;
    while (to < answers.windows.length && answers.windows[to] === w) to++;
    const measured = measure(answers, task, [from, to], metrics, ci, threshold);
    from = to;
    return { start: instant(w), end: instant(w + 1), rows, degraded, ...measured };
  });
  return { task, windows, confidence: ci.level, notices: answers.notices };
}

function measure(
  answers: LabelledAnswers,
  task: Task,
  [from, to]: readonly [number, number],
  metrics: readonly MetricDefinition[],
  ci: IntervalOptions,
  threshold: number,
): Pick<PerformanceWindow, 'labelled' | 'metrics' | 'calibration'> {
  const rows = scoredRowsOf(answers, task, from, to);
  if (rows.n === 0) return { labelled: 0, metrics: [], calibration: null };
  const sample = sampleOf(rows);
  resampleTogether(sample, metrics, threshold, ci, false);
  return {
    labelled: rows.n,
    metrics: metrics.map((metric): WindowMetric => {
      const { value, uncertainty, n, positives } = estimateMetric(sample, metric, { threshold, ci, paired: false });
      const { low = null, high = null } = uncertainty ?? {};
      return {
        name: metric.name,
        value: value.value,
        interval: low === null || high === null ? null : { low, high },
        method: uncertainty?.method ?? null,
        n,
        positives: task === 'binary' ? positives : null,
        greaterIsBetter: metric.greaterIsBetter,
        unit: metric.unit,
        reference: null,
        delta: null,
        deltaInterval: null,
        level: 'none',
        windowLevel: 'none',
        note: value.note ?? null,
      };
    }),
    calibration: task === 'binary' && answers.basis === 'score' ? calibrationOf(rows.candidate, rows.labels, ci.level) : null,
  };
}

function chooseMetrics({ task, metrics }: MeasureRequest, { basis }: LabelledAnswers): readonly MetricDefinition[] {
  const names = metrics ?? (task === 'binary' && basis === 'prediction' ? usualLabels : usual[task]);
  const found = [...new Set(names)].map((name) => requireMetric(task, name));
  const needy = basis === 'prediction' ? found.find(({ ingredients }) => ingredients.kind !== 'confusion') : undefined;
  if (needy)
    throw new UserError(
      'METRIC_NEEDS_SCORES',
      `${needy.name} needs ${task === 'multiclass' ? 'a probability of every class, which a prediction log does not hold' : 'scores, and the log has none'}.`,
      task === 'multiclass' ? 'Watch accuracy, balanced_accuracy or f1_macro.' : 'Log the probability of the positive class as `score`.',
    );
  return found;
}
