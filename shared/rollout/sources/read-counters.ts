import { UserError } from '../../errors.ts';
import type { MissingReason } from '../engine/metric-source.ts';
import { readEdge } from './check-points.ts';
import { type MeasuredMetric, servingErrors, servingRequests } from './measured-metrics.ts';
import { type Sample, seriesText } from './metrics-page.ts';
import type { PageIndex } from './page-index.ts';
import { fillSelector, parseSelector, type Selector, type SelectorTerm } from './selector.ts';

/** A metric whose selectors have been read. */
export type PageMetric =
  | { readonly is: 'counts'; readonly name: string; readonly bad: Selector; readonly total: Selector; readonly ofExperiment: boolean }
  | { readonly is: 'slow'; readonly name: string; readonly histogram: SelectorTerm; readonly le: number }
  | { readonly is: 'distribution'; readonly name: string; readonly histogram: SelectorTerm };

/** @throws UserError SELECTOR_INVALID */
export function pageMetric(metric: MeasuredMetric): PageMetric {
  const { name } = metric;
  if (metric.is === 'counts')
    return {
      is: 'counts',
      name,
      bad: parseSelector(metric.bad ?? servingErrors, `\`bad\` of ${name}`),
      total: parseSelector(metric.total ?? servingRequests, `\`total\` of ${name}`),
      ofExperiment: metric.ofExperiment,
    };
  const place = `\`histogram\` of ${name}`;
  const [histogram, ...more] = parseSelector(metric.histogram, place);
  if (more.length > 0)
    throw new UserError(
      'SELECTOR_INVALID',
      `${place}: it adds several histograms, which need not have the same edges.`,
      'Name one; with fewer labels more of its series are added.',
    );
  const bare = { ...histogram!, name: histogram!.name.replace(/_bucket$/, '') };
  return metric.is === 'slow' ? { is: 'slow', name, histogram: bare, le: metric.le } : { is: 'distribution', name, histogram: bare };
}

/** One cumulative count, as a page has it. */
export interface Counter {
  /** `bad` and `total`; `fast` and `total` of what is slow; the edge of a distribution. */
  readonly part: string;
  readonly value: number;
  /** When it began, milliseconds since 1970; null where the page does not say. */
  readonly created: number | null;
}

export interface ArmCounters {
  /** By part and series. */
  readonly counters: ReadonlyMap<string, Counter>;
  /** Whether the page has what the whole is counted by, and could have it. */
  readonly found: boolean;
  /** Names that the page does not know at all. */
  readonly unknown: readonly string[];
}
export interface Problem {
  readonly why: MissingReason;
  readonly detail: string;
}

/** A series of somebody's own clock that is older than this tells nothing of now. */
const STALE = 5 * 60_000;
/** So many of one arm; what is kept of them is recorded in Git. */
const MOST_SERIES = 2000;
const counted = new Set(['counter', 'histogram', 'summary', 'unknown']);

/** What one page counts of one metric for one version. */
export function readCounters(index: PageIndex, metric: PageMetric, version: string, now: number): ArmCounters | Problem {
  const counters = new Map<string, Counter>();
  let problem: Problem | null = null;
  const add = (part: string, sample: Sample) => {
    problem ??= problemOf(sample, index, now);
    counters.set(`${part} ${seriesText(sample.name, sample.labels)}`, { part, value: sample.value, created: createdOf(sample, index) });
  };
  let found = false;
  const names: string[] = [];
  if (metric.is === 'counts') {
    for (const part of ['bad', 'total'] as const)
      for (const term of fillSelector(metric[part], version)) {
        const samples = index.find(term);
        if (!index.declares(term.name)) names.push(term.name);
        if (part === 'total') found ||= samples.length > 0;
        for (const sample of samples) add(part, sample);
      }
  } else {
    const [term] = fillSelector([metric.histogram], version);
    const name = `${term!.name}_bucket`;
    const buckets = index.find({ ...term!, name });
    found = buckets.length > 0;
    if (!index.declares(name)) names.push(term!.name);
    const edges = [...new Set(buckets.map(({ labels }) => readEdge(labels.get('le'))))].sort((a, b) => a - b);
    if (found && metric.is === 'slow' && !edges.includes(metric.le))
      return {
        why: 'invalid',
        detail: `${metric.le} is no edge of ${term!.name}; its edges are ${edges.filter(Number.isFinite).join(', ')}`,
      };
    for (const sample of buckets) {
      const edge = readEdge(sample.labels.get('le'));
      if (metric.is === 'distribution') add(String(edge), sample);
      else if (edge === Number.POSITIVE_INFINITY) add('total', sample);
      else if (edge === metric.le) add('fast', sample);
    }
  }
  if (problem) return problem;
  if (counters.size > MOST_SERIES)
    return {
      why: 'invalid',
      detail: `${metric.name} adds up ${counters.size} series of ${version}, at most ${MOST_SERIES} are; name more labels`,
    };
  return { counters, found, unknown: names };
}

function problemOf({ name, labels, value, timestamp }: Sample, index: PageIndex, now: number): Problem | null {
  const series = seriesText(name, labels);
  const type = index.typeOf(name);
  if (!counted.has(type)) return { why: 'invalid', detail: `${name} is of type ${type}; counts that only grow are needed` };
  if (Number.isNaN(value)) return { why: 'not-a-number', detail: `${series} is NaN` };
  if (!Number.isFinite(value)) return { why: 'infinite', detail: `${series} is infinite` };
  if (!Number.isSafeInteger(value) || value < 0) return { why: 'invalid', detail: `${series} is ${value}, which is no count` };
  if (timestamp !== null && now - timestamp * 1000 > STALE)
    return { why: 'stale', detail: `${series} is of ${new Date(timestamp * 1000).toISOString()}` };
  return null;
}

/** OpenMetrics says when a counter began, beside it. */
function createdOf({ name, labels }: Sample, index: PageIndex): number | null {
  const base = /^(.+)_(?:total|bucket|count)$/.exec(name)?.[1];
  if (base === undefined) return null;
  const pairs = [...labels].filter(([label]) => label !== 'le');
  const created = index.find({ name: `${base}_created`, labels: pairs }).find((sample) => sample.labels.size === pairs.length)?.value;
  return created !== undefined && Number.isFinite(created) && created > 0 ? created * 1000 : null;
}
