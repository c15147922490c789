import { levels } from '../drift/drift-report.ts';

/** A metric as pages, dashboard and alert rules know it: declared once, everything else is generated. */
export interface MetricSpec {
  readonly help: string;
  /** Ends the name, as OpenMetrics asks. */
  readonly unit?: 'ratio' | 'seconds';
  /** Besides `model` and `stage`. */
  readonly labels: readonly string[];
}

const levelWords = levels.map((level, index) => `${index} ${level}`).join(', ');

/** All are gauges: a run says how things are now, and the page is written anew. */
export const metricSpecs = {
  weighin_last_run_timestamp_seconds: { help: 'When the model was monitored last.', unit: 'seconds', labels: [] },
  weighin_version_info: { help: 'Version that is monitored; the value is always 1.', labels: ['version'] },
  weighin_window_start_timestamp_seconds: { help: 'Where the newest whole window begins.', unit: 'seconds', labels: [] },
  weighin_window_end_timestamp_seconds: { help: 'Where the newest whole window with rows ends.', unit: 'seconds', labels: [] },
  weighin_window_rows: { help: 'Rows of the newest whole window.', labels: [] },
  weighin_dataset_drift_level: { help: `Level of the newest window, once enough windows agree: ${levelWords}.`, labels: [] },
  weighin_drifted_columns: { help: 'Columns of the newest window that drifted.', labels: [] },
  weighin_shifted_columns: { help: 'Columns of the newest window that shifted a little.', labels: [] },
  weighin_compared_columns: { help: 'Columns of the newest window that could be compared.', labels: [] },
  weighin_drift_effect_ratio: {
    help: 'Share of rows that would have to move for the column to be as in the reference.',
    unit: 'ratio',
    labels: ['column'],
  },
  weighin_drift_level: { help: `Level of the column: ${levelWords}.`, labels: ['column'] },
  weighin_missing_ratio: { help: 'Share of rows without a value in the newest window.', unit: 'ratio', labels: ['column'] },
  weighin_missing_reference_ratio: { help: 'Share of rows without a value in the reference.', unit: 'ratio', labels: ['column'] },
  weighin_shift_limit_ratio: { help: 'Effect from which on a change is told.', unit: 'ratio', labels: [] },
  weighin_alarm_limit_ratio: { help: 'Effect from which on it is drift.', unit: 'ratio', labels: [] },
  weighin_performance: { help: 'Realised metric of the newest window with labels.', labels: ['metric'] },
  weighin_performance_low: { help: 'Lower bound of the realised metric.', labels: ['metric'] },
  weighin_performance_high: { help: 'Upper bound of the realised metric.', labels: ['metric'] },
  weighin_performance_reference: { help: 'The metric when the version was judged.', labels: ['metric'] },
  weighin_performance_rows: { help: 'Labelled rows of the window.', labels: ['metric'] },
  weighin_episode_open: { help: 'Whether an episode is going on: 1 yes, 0 no.', labels: ['kind'] },
  weighin_retrain_wanted: { help: 'Whether retraining is asked for: 1 yes, 0 no.', labels: ['cause'] },
} as const satisfies Readonly<Record<`weighin_${string}`, MetricSpec>>;

export type MetricName = keyof typeof metricSpecs;

/** One value of a page. */
export interface MetricSample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
