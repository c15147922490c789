import { z } from 'zod';
import { readEdge } from './check-points.ts';
import { judgeableMetrics } from './judgeable-metrics.ts';
import {
  type Labels,
  labelsText,
  type MetricFamily,
  type MetricsPage,
  metricsFormats,
  openMetricsTypes,
  type Sample,
} from './metrics-page.ts';

const number = z.union([z.number(), z.enum(['NaN', '+Inf', '-Inf'])]);
const describedSeries = z.strictObject({
  labels: z.record(z.string(), z.string()),
  value: number.optional().meta({ description: 'Of counters, gauges, states, infos and what is unknown.' }),
  timestamp: z.number().optional().meta({ description: 'Seconds since 1970, where the page says so.' }),
  created: number.optional().meta({ description: 'Seconds since 1970: when the count began.' }),
  edges: z.array(number).readonly().optional().meta({ description: 'Of histograms: upper edges, the last +Inf.' }),
  counts: z.array(number).readonly().optional().meta({ description: 'Of histograms: how many fell between an edge and the one before.' }),
  count: number.optional(),
  sum: number.optional(),
  quantiles: z
    .array(z.strictObject({ quantile: number, value: number }))
    .readonly()
    .optional()
    .meta({ description: 'Of summaries.' }),
});
const describedFamily = z.strictObject({
  name: z.string(),
  type: z.enum(openMetricsTypes),
  unit: z.string(),
  help: z.string(),
  line: z.int().positive(),
  series: z.array(describedSeries).readonly(),
});
const versions = z.array(z.string()).readonly().meta({ description: 'That it was seen of.' });
const judgeable = z.union([
  z.strictObject({ name: z.string(), versions, bad: z.string(), total: z.string() }),
  z.strictObject({ name: z.string(), versions, histogram: z.string(), le: z.number(), edges: z.array(z.number()).readonly() }),
  z.strictObject({ name: z.string(), versions, histogram: z.string(), test: z.literal('distribution') }),
]);

/** `weighin rollout scrape --json`: what was understood of a page. JSON has no NaN and no infinity, so they are texts there. */
export const metricsPageSchema = z.strictObject({
  schema: z.literal('weighin/metrics-page@1'),
  from: z.string().meta({ description: 'A path, or an address without credentials.' }),
  format: z.enum(metricsFormats),
  families: z.int().nonnegative(),
  series: z.int().nonnegative(),
  metrics: z.array(describedFamily).readonly(),
  judgeable: z.array(judgeable).readonly().meta({ description: 'Entries of `metrics:` of a rollout that this page has counts for.' }),
});
export type MetricsPageDocument = z.infer<typeof metricsPageSchema>;
export type JsonNumber = z.infer<typeof number>;
export type DescribedFamily = z.infer<typeof describedFamily>;
export type DescribedSeries = z.infer<typeof describedSeries>;

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
