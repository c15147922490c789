/** What a page of metrics says, whichever of the two formats it was written in. */
export interface MetricsPage {
  readonly format: MetricsFormat;
  /** In the order of the page. */
  readonly families: readonly MetricFamily[];
}

export const metricsFormats = ['openmetrics', 'prometheus'] as const;
export type MetricsFormat = (typeof metricsFormats)[number];
export const formatNames = { openmetrics: 'OpenMetrics 1.0', prometheus: 'Prometheus text 0.0.4' } as const;

export const openMetricsTypes = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'stateset', 'info', 'summary', 'unknown'] as const;
/** `unknown` is also what the older format calls untyped, and what has no TYPE. */
export type MetricType = (typeof openMetricsTypes)[number];

export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly Sample[];
  /** Of the page, where it begins. */
  readonly line: number;
}

export type Labels = ReadonlyMap<string, string>;

export interface Sample {
  /** With its suffix: `requests_total`, `latency_seconds_bucket`. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since 1970 in both formats; null: it is of now. */
  readonly timestamp: number | null;
  readonly exemplar: Exemplar | null;
  readonly line: number;
}

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestamp: number | null;
}

export const noLabels: Labels = new Map();

/** One text of a label set, whatever its order; a label without a value is no label. */
export function labelsText(labels: Labels, without?: string): string {
  if (labels.size === 0) return '';
  const pairs: string[] = [];
  for (const [name, value] of labels) if (value !== '' && name !== without) pairs.push(`${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.sort().join(',')}}`;
}

/** What names a series on a page: the same for the same name and labels. */
export const seriesText = (name: string, labels: Labels) => `${name}${labelsText(labels)}`;
