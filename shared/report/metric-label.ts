/** Metrics that have a name in plain words; the others keep the one that teams log. */
const plainNames: Readonly<Record<string, string>> = {
  model_bytes: 'model size',
  balanced_accuracy: 'balanced accuracy',
  latency_p50: 'latency p50',
  latency_p95: 'latency p95',
  latency_p99: 'latency p99',
};

export const metricLabel = (metric: string) => plainNames[metric] ?? metric;

/** As a sentence begins: `Recall`, `Latency p99`, but `roc_auc`, which is an identifier. */
export function metricAtStart(metric: string): string {
  const label = metricLabel(metric);
  return /^(?:accuracy|balanced accuracy|precision|recall|specificity|sensitivity|latency|model size)/.test(label)
    ? label[0]?.toUpperCase() + label.slice(1)
    : label;
}

/** Shares of rows, whose differences read as points. */
const proportions = new Set(['accuracy', 'balanced_accuracy', 'precision', 'recall', 'specificity', 'sensitivity']);
export const isProportion = (metric: string) => proportions.has(metric);

/** Only for a metric that the evaluation does not list, such as the size of a model: the metric's definition has the word. */
export const moreIsBetter = (metric: string) => !/loss|brier|ece|latency|bytes|error|rmse|mae|mse|mape|difference/.test(metric);
