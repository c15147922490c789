import { binaryMetrics } from './binary-metrics.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { multiclassMetrics, topAccuracyMetric } from './multiclass-metrics.ts';
import { pinballMetric, regressionMetrics } from './regression-metrics.ts';
import type { ScoredRows } from './scored-rows.ts';

type Task = ScoredRows['task'];

const registry: Readonly<Record<Task, readonly MetricDefinition[]>> = {
  binary: binaryMetrics,
  multiclass: multiclassMetrics,
  regression: regressionMetrics,
};

/** Metrics of what a run measured besides scores; gates know them by these names for every task. */
export const measuredMetricNames = ['latency_p50', 'latency_p95', 'latency_p99', 'model_bytes'] as const;
export type MeasuredMetricName = (typeof measuredMetricNames)[number];
export const isMeasuredMetric = (name: string): name is MeasuredMetricName => measuredMetricNames.some((known) => known === name);

/** The metric of this name for the task, also `pinball_0.9` and `top_2_accuracy`; undefined where there is none. */
export function findMetric(task: Task, name: string): MetricDefinition | undefined {
  const found = registry[task].find((metric) => metric.name === name);
  if (found) return found;
  const pinball = task === 'regression' && /^pinball_(0?\.\d+)$/.exec(name);
  if (pinball) return pinballMetric(name, Number(pinball[1]));
  const top = task === 'multiclass' && /^top_(\d+)_accuracy$/.exec(name);
  if (top) return topAccuracyMetric(name, Number(top[1]));
  return undefined;
}

/** Every fixed name of the task, for messages and completion. */
export const metricNames = (task: Task): readonly string[] => [...registry[task].map(({ name }) => name), ...measuredMetricNames];

/** What a report shows when nobody chose. */
export const defaultMetrics = (task: Task): readonly string[] =>
  task === 'binary'
    ? ['roc_auc', 'average_precision', 'log_loss', 'brier', 'ece', 'accuracy', 'balanced_accuracy', 'precision', 'recall', 'f1', 'mcc']
    : task === 'multiclass'
      ? ['accuracy', 'balanced_accuracy', 'f1_macro', 'log_loss', 'roc_auc_ovr_macro', 'mcc']
      : ['rmse', 'mae', 'r2', 'mape'];
