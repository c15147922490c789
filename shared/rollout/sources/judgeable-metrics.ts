import { readEdge } from './check-points.ts';
import type { MetricsPageDocument } from './describe-page.ts';
import type { MetricFamily, MetricsPage } from './metrics-page.ts';

/** An entry of `metrics:` that a page has counts for, and the versions that it was seen of. `le` is one of `edges`. */
export type JudgeableMetric = MetricsPageDocument['judgeable'][number];

/** Labels that name a version, likeliest first. */
const versionLabels = ['version', 'model_version', 'app_version', 'revision', 'variant'];
/** Limit of latency that the older rule has: 100 ms. */
const USUAL_LIMIT = 0.1;
const isAll = /(?:^|_)(?:requests?|predictions?|calls|handled|responses?)(?:_|$)/;
const isBad = /(?:^|_)(?:errors?|failed|failures?|exceptions?)(?:_|$)/;
const isLatency = /(?:latency|duration|_seconds$|_time$)/;
const isScore = /(?:score|prediction|probability|output)/;
const statusLabels = ['code', 'status', 'status_code'];

/** What of a page Weighin could judge a rollout by: errors of requests, slow answers and scores, each with a label for the version. */
export function judgeableMetrics({ families, format }: MetricsPage): readonly JudgeableMetric[] {
  const sampleOf = ({ name }: MetricFamily) => (format === 'openmetrics' ? `${name}_total` : name);
  const counters = families.filter(({ type }) => type === 'counter').flatMap((family) => withVersion(family));
  const totals = counters.filter(({ family }) => isAll.test(bare(family)));
  const found: JudgeableMetric[] = [];
  for (const { family: total, label, versions } of totals) {
    const at = `{${label}}`;
    const bad = counters.find(
      ({ family }) => isBad.test(bare(family)) && bare(family).replace(isBad, '_') === bare(total).replace(isAll, '_'),
    );
    const near = bad ?? counters.find(({ family }) => isBad.test(bare(family)));
    const status = statusLabels.find((name) => total.samples.some(({ labels }) => /^[1-5](?:xx|\d\d)$/i.test(labels.get(name) ?? '')));
    if (near)
      found.push({ name: 'error_rate', bad: `${sampleOf(near.family)}{${near.label}}`, total: `${sampleOf(total)}${at}`, versions });
    else if (status) {
      const codes = [...new Set(total.samples.map(({ labels }) => labels.get(status) ?? '').filter((code) => /^5/.test(code)))].sort();
      if (codes.length === 0) codes.push('500');
      const bads = codes.map((code) => `${sampleOf(total)}{${label},${status}="${code}"}`);
      found.push({ name: 'error_rate', bad: bads.join(' + '), total: `${sampleOf(total)}${at}`, versions });
    }
    if (found.length > 0) break;
  }
  for (const { family, label, versions } of families.filter(({ type }) => type === 'histogram').flatMap((each) => withVersion(each))) {
    const histogram = `${family.name}{${label}}`;
    const edges = edgesOf(family);
    if (isLatency.test(family.name) && edges.length > 0 && !found.some((each) => 'le' in each)) {
      const le = edges.reduce((best, edge) => (Math.abs(edge - USUAL_LIMIT) < Math.abs(best - USUAL_LIMIT) ? edge : best));
      found.push({ name: 'slow_share', histogram, le, edges, versions });
    } else if (isScore.test(family.name) && !found.some((each) => 'test' in each))
      found.push({ name: 'predictions', histogram, test: 'distribution', versions });
  }
  return found;
}

const bare = ({ name }: MetricFamily) => name.replace(/_total$/, '');

/** A family whose series tell versions apart, with the label as a selector has it. */
function withVersion(
  family: MetricFamily,
): readonly { readonly family: MetricFamily; readonly label: string; readonly versions: readonly string[] }[] {
  for (const name of versionLabels) {
    const versions = [...new Set(family.samples.map(({ labels }) => labels.get(name) ?? ''))].filter((value) => value !== '').sort();
    if (versions.length === 0) continue;
    if (versions.every((value) => /^v\d+$/.test(value))) return [{ family, label: `${name}="$version"`, versions }];
    if (versions.every((value) => /^\d+$/.test(value))) return [{ family, label: `${name}="$number"`, versions }];
  }
  return [];
}

export const edgesOf = ({ name, samples }: MetricFamily): readonly number[] =>
  [...new Set(samples.filter((sample) => sample.name === `${name}_bucket`).map(({ labels }) => readEdge(labels.get('le'))))]
    .filter((edge) => Number.isFinite(edge))
    .sort((a, b) => a - b);
