import { levels } from '../drift/drift-report.ts';
import type { MetricName, MetricSample } from './metric-specs.ts';
import { type MonitoringReport, retrainCauses } from './monitoring-report.ts';

/** The values of a page, from the report of a run. What is not known is not there: Prometheus marks it stale. */
export function collectMetrics(report: MonitoringReport): readonly MetricSample[] {
  const { model, stage, drift, performance, window, episodes } = report;
  const samples: MetricSample[] = [];
  const add = (name: MetricName, value: number | null | undefined, labels: Readonly<Record<string, string>> = {}) => {
    if (value !== null && value !== undefined) samples.push({ name, value, labels: { model, stage, ...labels } });
  };
  const seconds = (moment: string | undefined) => moment && Date.parse(moment) / 1000;
  add('weighin_last_run_timestamp_seconds', Date.parse(report.createdAt) / 1000);
  if (report.version !== null) add('weighin_version_info', 1, { version: report.version });
  add('weighin_window_start_timestamp_seconds', numberOf(seconds(window?.start)));
  add('weighin_window_end_timestamp_seconds', numberOf(seconds(window?.end)));
  add('weighin_window_rows', window?.rows);
  if (drift) {
    const { columns, level } = drift.dataset;
    add('weighin_dataset_drift_level', levels.indexOf(level));
    add('weighin_drifted_columns', columns.drift);
    add('weighin_shifted_columns', columns.shift);
    add('weighin_compared_columns', columns.compared);
    add('weighin_shift_limit_ratio', drift.limits.shift);
    add('weighin_alarm_limit_ratio', drift.limits.alarm);
    for (const column of drift.columns) {
      const labels = { column: column.column };
      add('weighin_drift_effect_ratio', column.effect, labels);
      add('weighin_drift_level', levels.indexOf(column.level), labels);
      add('weighin_missing_ratio', column.shown['missingCurrent'], labels);
      add('weighin_missing_reference_ratio', column.shown['missingReference'], labels);
    }
  }
  if (performance) {
    const labels = { metric: performance.metric };
    add('weighin_performance', performance.value, labels);
    add('weighin_performance_low', performance.interval?.[0], labels);
    add('weighin_performance_high', performance.interval?.[1], labels);
    add('weighin_performance_reference', performance.reference, labels);
    add('weighin_performance_rows', performance.n, labels);
  }
  for (const kind of ['drift', 'performance'] as const)
    add('weighin_episode_open', episodes.some((episode) => episode.kind === kind && episode.until === null) ? 1 : 0, { kind });
  for (const cause of retrainCauses) add('weighin_retrain_wanted', report.retrain?.cause === cause ? 1 : 0, { cause });
  return samples;
}

const numberOf = (value: number | string | undefined) => (typeof value === 'number' ? value : undefined);
