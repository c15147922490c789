import { series } from './alert-rules.ts';
import type { MetricName } from './metric-specs.ts';
import type { MonitoredModel } from './monitored-model.ts';

/** As far as Grafana asks for it; it fills in the rest. */
interface Panel {
  readonly title: string;
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly unit?: string;
  readonly targets: readonly { readonly expr: string; readonly legend: string; readonly table?: true }[];
  /** Ascending; the first begins at the lowest value. */
  readonly steps?: readonly { readonly value: number | null; readonly color: string }[];
  /** Words for whole numbers. */
  readonly words?: Readonly<Record<number, string>>;
}

/** Chosen on the dashboard: one model at one stage. */
const chosen = (name: MetricName, labels: Readonly<Record<string, string>> = {}) =>
  series(name, { model: '$model', stage: '$stage', ...labels });

const levelWords = { 0: 'none', 1: 'shift', 2: 'drift' } as const;
const levelSteps = [
  { value: null, color: 'green' },
  { value: 1, color: 'yellow' },
  { value: 2, color: 'red' },
] as const;
const yesSteps = [levelSteps[0], { value: 1, color: 'red' }] as const;

/** A row of numbers, what moved, what is missing, and how good it is, top to bottom: from "is anything wrong" to "what". */
function panels(limits: { readonly shift: number; readonly alarm: number; readonly window: number }): readonly Panel[] {
  const effects = [
    { value: null, color: 'green' },
    { value: limits.shift, color: 'yellow' },
    { value: limits.alarm, color: 'red' },
  ];
  const late = [levelSteps[0], { value: (2 * limits.window) / 1000, color: 'yellow' }, { value: (3 * limits.window) / 1000, color: 'red' }];
  const stat = (title: string, description: string, expr: string, more: Partial<Panel> = {}): Panel => ({
    title,
    type: 'stat',
    description,
    width: 4,
    height: 4,
    targets: [{ expr, legend: '' }],
    ...more,
  });
  return [
    stat('Drift', 'Level of the newest window, once enough windows agree.', chosen('weighin_dataset_drift_level'), {
      steps: levelSteps,
      words: levelWords,
    }),
    stat('Drift episode', 'Whether an episode is going on.', chosen('weighin_episode_open', { kind: 'drift' }), {
      steps: yesSteps,
      words: { 0: 'no', 1: 'open' },
    }),
    stat('Performance episode', 'Whether labels show that it does worse.', chosen('weighin_episode_open', { kind: 'performance' }), {
      steps: yesSteps,
      words: { 0: 'no', 1: 'open' },
    }),
    stat('Columns that drifted', 'Of those that could be compared.', chosen('weighin_drifted_columns'), { steps: yesSteps }),
    stat('Rows', 'Of the newest whole window.', chosen('weighin_window_rows')),
    stat('Age of the newest window', 'Since its end.', `time() - ${chosen('weighin_window_end_timestamp_seconds')}`, {
      unit: 's',
      steps: late,
    }),
    {
      title: 'Share of rows that would have to move',
      type: 'timeseries',
      description: 'The ten columns that moved most. The lines are the limits of weighin.yaml.',
      width: 16,
      height: 9,
      unit: 'percentunit',
      steps: effects,
      targets: [
        { expr: `topk(10, ${chosen('weighin_drift_effect_ratio')})`, legend: '{{column}}' },
        { expr: chosen('weighin_shift_limit_ratio'), legend: 'shift from' },
        { expr: chosen('weighin_alarm_limit_ratio'), legend: 'drift from' },
      ],
    },
    {
      title: 'Columns that moved',
      type: 'table',
      description: 'Level 1 is a shift, 2 is drift.',
      width: 8,
      height: 9,
      targets: [{ expr: `sort_desc(${chosen('weighin_drift_level')} > 0)`, legend: '{{column}}', table: true }],
      words: levelWords,
      steps: levelSteps,
    },
    {
      title: 'Realised performance',
      type: 'timeseries',
      description: 'With its interval, beside what it was when the version was judged. Empty until labels come.',
      width: 12,
      height: 8,
      targets: [
        { expr: chosen('weighin_performance'), legend: '{{metric}}' },
        { expr: chosen('weighin_performance_low'), legend: '{{metric}} low' },
        { expr: chosen('weighin_performance_high'), legend: '{{metric}} high' },
        { expr: chosen('weighin_performance_reference'), legend: '{{metric}} reference' },
      ],
    },
    {
      title: 'Missing values',
      type: 'timeseries',
      description: 'The ten columns with the largest share of rows without a value.',
      width: 12,
      height: 8,
      unit: 'percentunit',
      targets: [{ expr: `topk(10, ${chosen('weighin_missing_ratio')})`, legend: '{{column}}' }],
    },
    {
      title: 'Rows by window',
      type: 'timeseries',
      description: 'Rows of the newest window, and how many of them have a label.',
      width: 12,
      height: 6,
      targets: [
        { expr: chosen('weighin_window_rows'), legend: 'rows' },
        { expr: chosen('weighin_performance_rows'), legend: 'labelled' },
      ],
    },
    {
      title: 'Columns by level',
      type: 'timeseries',
      description: 'How many columns shifted, and how many drifted.',
      width: 12,
      height: 6,
      targets: [
        { expr: chosen('weighin_drifted_columns'), legend: 'drift' },
        { expr: chosen('weighin_shifted_columns'), legend: 'shift' },
        { expr: chosen('weighin_compared_columns'), legend: 'compared' },
      ],
    },
  ];
}

/**
 * A dashboard for Grafana 9 and later, of every model: which one is chosen on it. Limits are drawn where all models share them, else those
 * of the first; the two lines of the effects come from the page itself and are always the chosen model's own.
 */
export function dashboard(models: readonly MonitoredModel[]): object {
  const [first] = models;
  const limits = first ?? { shift: 0.03, alarm: 0.1, window: 86_400_000 };
  let [x, y, rowHeight] = [0, 0, 0];
  const placed = panels(limits).map((panel, index) => {
    if (x + panel.width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: panel.width, h: panel.height };
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
    return drawPanel(panel, index + 1, gridPos);
  });
  const datasource = { type: 'prometheus', uid: '$' + '{datasource}' };
  const choice = (name: 'model' | 'stage', query: string, current: string | undefined) => ({
    name,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    ...(current !== undefined && { current: { text: current, value: current } }),
  });
  return {
    title: 'Models in production',
    uid: 'weighin',
    tags: ['weighin'],
    schemaVersion: 39,
    editable: true,
    refresh: '5m',
    time: { from: 'now-30d', to: 'now' },
    timezone: 'utc',
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        choice('model', 'label_values(weighin_last_run_timestamp_seconds, model)', first?.model),
        choice('stage', 'label_values(weighin_last_run_timestamp_seconds{model="$model"}, stage)', first?.stage),
      ],
    },
    panels: placed,
  };
}

function drawPanel(panel: Panel, id: number, gridPos: object): object {
  const { title, type, description, unit, targets, steps, words } = panel;
  const mappings = words
    ? [{ type: 'value', options: Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }])) }]
    : [];
  return {
    id,
    type,
    title,
    description,
    gridPos,
    datasource: { type: 'prometheus', uid: '$' + '{datasource}' },
    targets: targets.map(({ expr, legend, table }, index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat: legend,
      ...(table ? { instant: true, format: 'table' } : type === 'stat' ? { instant: true } : {}),
    })),
    fieldConfig: {
      defaults: {
        ...(unit && { unit }),
        mappings,
        ...(steps && {
          thresholds: { mode: 'absolute', steps },
          color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
        }),
      },
      overrides: [],
    },
    options:
      type === 'stat'
        ? { colorMode: steps ? 'value' : 'none', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } }
        : type === 'timeseries'
          ? { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } }
          : {},
  };
}

/** As Grafana imports it. */
export const renderDashboard = (models: readonly MonitoredModel[]): string => `${JSON.stringify(dashboard(models), null, 2)}\n`;
