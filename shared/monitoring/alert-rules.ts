import { stringify } from 'yaml';
import type { MetricName } from './metric-specs.ts';
import type { MonitoredModel } from './monitored-model.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const hour = 3_600_000;
/** A run is late after one more window, and after two hours more than that: schedules of Actions are not punctual. */
const lateness = (window: number) => 2 * window + 2 * hour;
/** Rows are missing when two whole windows more than the newest one should be there. */
const silence = (window: number) => 3 * window + 2 * hour;

/** Names are checked here and labels are written as PromQL does: every expression of rules and dashboards is made by this. */
export const series = (name: MetricName, labels: Readonly<Record<string, string>> = {}): string => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
};

/** What to be told of, for each model: an episode begins, nobody measures any more, no rows come. The limits are the configuration's. */
export function alertRules(models: readonly MonitoredModel[]): readonly { readonly name: string; readonly rules: readonly AlertRule[] }[] {
  return models.map(({ model, stage, window }) => {
    const of = { model, stage };
    return {
      name: `weighin ${model} ${stage}`,
      rules: [
        {
          alert: 'WeighinDrift',
          expr: `${series('weighin_episode_open', { ...of, kind: 'drift' })} == 1`,
          for: '0m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `${model} ${stage}: drift`,
            description:
              'Enough windows agree that inputs or predictions are not what the model was trained on. The issue of the episode says which.',
          },
        },
        {
          alert: 'WeighinPerformanceDegraded',
          expr: `${series('weighin_episode_open', { ...of, kind: 'performance' })} == 1`,
          for: '0m',
          labels: { severity: 'critical' },
          annotations: {
            summary: `${model} ${stage}: worse than when it was judged`,
            description:
              'Labels that came show that the model does worse than its reference. Look at the issue of the episode, and retrain or roll back.',
          },
        },
        {
          alert: 'WeighinMissingValues',
          expr: `${series('weighin_missing_ratio', of)} - ${series('weighin_missing_reference_ratio', of)} >= on(model, stage) group_left() ${series('weighin_alarm_limit_ratio', of)}`,
          for: '0m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `${model} ${stage}: values of {{ $labels.column }} are missing`,
            description: 'Far more rows lack a value than in the reference. Something upstream stopped to deliver.',
          },
        },
        {
          alert: 'WeighinNotMonitored',
          expr: `time() - ${series('weighin_last_run_timestamp_seconds', of)} > ${lateness(window) / 1000}`,
          for: '5m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `${model} ${stage}: nobody measures it`,
            description: 'The scheduled run of weighin-monitor did not come, or it failed.',
          },
        },
        {
          alert: 'WeighinNoRows',
          expr: `time() - ${series('weighin_window_end_timestamp_seconds', of)} > ${silence(window) / 1000}`,
          for: '5m',
          labels: { severity: 'warning' },
          annotations: {
            summary: `${model} ${stage}: no rows`,
            description: 'The newest window with rows is old: nobody asks the model, or its prediction log is not written.',
          },
        },
      ],
    };
  });
}

/** As Prometheus reads it from `rule_files`. */
export const renderAlertRules = (models: readonly MonitoredModel[]): string =>
  `# Written by \`weighin dashboard\` from weighin.yaml: change it there.\n${stringify({ groups: alertRules(models) }, { lineWidth: 0 })}`;
