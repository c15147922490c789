import { readEdge } from './check-points.ts';
import { type JudgeableMetric, judgeableMetrics } from './judgeable-metrics.ts';
import type { Labels, MetricFamily, MetricsPage, Sample } from './metrics-page.ts';
import { formatNames, labelsText } from './metrics-page.ts';

/** `weighin rollout scrape --json`: what was understood of a page. JSON has no NaN and no infinity, so they are texts there. */
export interface MetricsPageDocument {
  readonly schema: 'weighin/metrics-page@1';
  /** A path, or an address without credentials. */
  readonly from: string;
  readonly format: MetricsPage['format'];
  readonly families: number;
  readonly series: number;
  readonly metrics: readonly DescribedFamily[];
  /** Entries of `metrics:` of a rollout that this page has counts for. */
  readonly judgeable: readonly JudgeableMetric[];
}

export type JsonNumber = number | 'NaN' | '+Inf' | '-Inf';

export interface DescribedFamily {
  readonly name: string;
  readonly type: MetricFamily['type'];
  readonly unit: string;
  readonly help: string;
  readonly line: number;
  readonly series: readonly DescribedSeries[];
}

export interface DescribedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Of counters, gauges, states, infos and what is unknown. */
  readonly value?: JsonNumber;
  /** Seconds since 1970, where the page says so. */
  readonly timestamp?: number;
  readonly created?: JsonNumber;
  /** Of histograms: upper edges, the last +Inf, and how many fell between two of them. */
  readonly edges?: readonly JsonNumber[];
  readonly counts?: readonly JsonNumber[];
  readonly count?: JsonNumber;
  readonly sum?: JsonNumber;
  /** Of summaries. */
  readonly quantiles?: readonly { readonly quantile: JsonNumber; readonly value: JsonNumber }[];
}

export function describePage(page: MetricsPage, from: string): MetricsPageDocument {
  return {
    schema: 'weighin/metrics-page@1',
    from,
    format: page.format,
    families: page.families.length,
    series: page.families.reduce((sum, { samples }) => sum + samples.length, 0),
    metrics: page.families.map((family) => {
      const { name, type, unit, help, line } = family;
      return { name, type, unit, help, line, series: describeSeries(family) };
    }),
    judgeable: judgeableMetrics(page),
  };
}

export const formatName = ({ format }: Pick<MetricsPage, 'format'>) => formatNames[format];

function describeSeries(family: MetricFamily): readonly DescribedSeries[] {
  const { name, type, samples } = family;
  const inner = type === 'histogram' || type === 'gaugehistogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${labelsText(sample.labels, inner)}@${sample.timestamp}`;
    const own = groups.get(key);
    if (own) own.push(sample);
    else groups.set(key, [sample]);
  }
  return [...groups.values()].flatMap((group): readonly DescribedSeries[] => {
    const find = (...suffixes: readonly string[]) => group.find((sample) => suffixes.some((suffix) => sample.name === name + suffix));
    const [first] = group;
    const timestamp = first!.timestamp === null ? {} : { timestamp: first!.timestamp };
    const created = find('_created');
    const shared = { ...timestamp, ...(created && { created: jsonNumber(created.value) }) };
    const [count, sum] = [find('_count', '_gcount'), find('_sum', '_gsum')];
    const facts = { ...shared, ...(count && { count: jsonNumber(count.value) }), ...(sum && { sum: jsonNumber(sum.value) }) };
    if (inner === 'le') {
      const buckets = group
        .filter((sample) => sample.name === `${name}_bucket`)
        .map((sample) => [readEdge(sample.labels.get('le')), sample.value] as const)
        .sort(([a], [b]) => a - b);
      return [
        {
          labels: labelsOf(first!.labels, inner),
          edges: buckets.map(([edge]) => jsonNumber(edge)),
          counts: buckets.map(([, below], at) => jsonNumber(below - (buckets[at - 1]?.[1] ?? 0))),
          ...facts,
        },
      ];
    }
    if (inner === 'quantile') {
      const quantiles = group
        .filter((sample) => sample.name === name)
        .map((sample) => ({ quantile: jsonNumber(readEdge(sample.labels.get('quantile'))), value: jsonNumber(sample.value) }));
      return [{ labels: labelsOf(first!.labels, inner), quantiles, ...facts }];
    }
    return group
      .filter((sample) => sample !== created)
      .map((sample) => ({ labels: labelsOf(sample.labels), value: jsonNumber(sample.value), ...shared }));
  });
}

const labelsOf = (labels: Labels, without?: string) => Object.fromEntries([...labels].filter(([label]) => label !== without));

export const jsonNumber = (value: number): JsonNumber =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
