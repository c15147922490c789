import { openDuckDB } from '../shared/adapters/duckdb/open-duckdb.ts';
import { evaluateMetrics } from '../shared/evaluation/evaluate-metrics.ts';
import { metricValue } from '../shared/evaluation/metric-value.ts';
import { findMetric } from '../shared/evaluation/metrics.ts';
import { sampleOf } from '../shared/evaluation/sample.ts';
import type { ScoredRows } from '../shared/evaluation/scored-rows.ts';

/** One paired bootstrap of roc_auc in a process of its own. usage: bootstrap-one PREDICTIONS.parquet RESAMPLES */
const [file = '', resamples = '2000'] = process.argv.slice(2);
const engine = await openDuckDB();
const { rowCount, columns } = await engine.columns(
  `SELECT y::DOUBLE y, candidate::DOUBLE candidate, baseline::DOUBLE baseline FROM '${file.replaceAll("'", "''")}'`,
);
await engine.close();
const column = (name: string): Float64Array => {
  const found = columns[name];
  if (found?.kind !== 'number') throw new Error(`${file} has no numbers in ${name}`);
  return found.values;
};
const rows: ScoredRows = {
  task: 'binary',
  n: rowCount,
  labels: column('y'),
  candidate: column('candidate'),
  baseline: column('baseline'),
  dtype: 'float64',
  slices: {},
  clusters: null,
  rowNumbers: null,
};
const sample = sampleOf(rows);
const metrics = Object.fromEntries(
  ['roc_auc', 'average_precision', 'log_loss', 'brier'].map((name) => {
    const metric = findMetric('binary', name);
    if (!metric || !sample.baseline) throw new Error(`no ${name}`);
    return [name, [sample.candidate, sample.baseline].map((model) => metricValue(sample, model, metric, 0.5).value)];
  }),
);
const begun = performance.now();
const processor = process.cpuUsage();
const [result] = evaluateMetrics(rows, {
  metrics: ['roc_auc'],
  slices: [],
  ci: { method: 'percentile', level: 0.95, resamples: Number(resamples), seed: 7 },
  threshold: 0.5,
});
const used = process.cpuUsage(processor);
console.log(
  JSON.stringify({
    metrics,
    interval: [result?.interval?.low, result?.interval?.high],
    bootstrap: performance.now() - begun,
    processor: (used.user + used.system) / 1000,
  }),
);
