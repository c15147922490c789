import { z } from 'zod';
import type { DistributionReading, MetricReading, MissingReason, Reading, SourceState } from '../engine/metric-source.ts';
import type { ArmCounts } from '../judging/bucket.ts';
import { type CounterGroup, counterGroupSchema, differenceCounters } from './difference-counters.ts';
import type { PageIndex } from './page-index.ts';
import { type PageMetric, type Problem, readCounters } from './read-counters.ts';

/** What a page answered, or why not. `name` is its address without credentials, and another for each. */
export type PageAnswer = { readonly name: string } & (
  | { readonly index: PageIndex }
  | { readonly why: MissingReason; readonly detail: string }
);

const stateSchema = z.strictObject({
  kind: z.literal('scrape'),
  stable: z.string(),
  candidate: z.string(),
  /** Milliseconds since 1970: of the first reading, and the end of the last. */
  began: z.number(),
  to: z.number(),
  pages: z.record(
    z.string(),
    z.strictObject({
      /** When it answered last. */
      at: z.number(),
      metrics: z.record(z.string(), z.strictObject({ stable: counterGroupSchema, candidate: counterGroupSchema })),
    }),
  ),
});
type ScrapeState = z.infer<typeof stateSchema>;
type PageState = ScrapeState['pages'][string];

/** A page that is silent for longer is taken for gone while others answer: a pod that was taken away. Milliseconds. */
const GONE_AFTER = 10 * 60_000;

export interface PagesRequest {
  readonly stable: string;
  readonly candidate: string;
  readonly state: SourceState | null;
  readonly now: number;
}

/**
 * Counts of both arms since the last reading, from all pages of the same moment. Where a page is missing nothing is counted, and every
 * counter stays as it was: the next whole reading brings everything, once. Pure: the same pages and state give the same reading.
 */
export function takePages(metrics: readonly PageMetric[], pages: readonly PageAnswer[], request: PagesRequest): Reading {
  const { stable, candidate, now } = request;
  const before = readState(request);
  const from = before?.to ?? null;
  if (before && now <= before.to) return everywhere(metrics, { from, to: now, state: before }, null);
  const answered = pages.flatMap((page) => ('index' in page ? [page] : []));
  const silent = pages.flatMap((page) => ('index' in page ? [] : [page]));
  const lastAnswer = (name: string) => before?.pages[name]?.at ?? before?.began ?? now;
  const isGone = (name: string) => answered.length > 0 && now - lastAnswer(name) > GONE_AFTER;
  const waited = silent.find(({ name }) => !isGone(name));
  const seen = Object.fromEntries(answered.map(({ name }) => [name, { at: now, metrics: before?.pages[name]?.metrics ?? {} }]));
  const kept = { kind: 'scrape', stable, candidate, began: before?.began ?? now, pages: { ...before?.pages, ...seen } } as const;
  if (waited) {
    const detail = answered.length > 0 ? `${answered.length} of ${pages.length} pages answered: ${waited.detail}` : waited.detail;
    const problem = { why: answered.length > 0 ? ('incomplete' as const) : waited.why, detail };
    // What answers at the first reading sets its beginning all the same.
    const state: ScrapeState = before ? { ...kept, to: before.to } : { ...kept, to: now, pages: beginnings(metrics, answered, request) };
    return everywhere(metrics, { from, to: now, state }, problem);
  }
  const readings: Record<string, MetricReading> = {};
  const distributions: Record<string, DistributionReading | MissingReason> = {};
  const next: Record<string, PageState> = { ...kept.pages };
  for (const metric of metrics) {
    const taken = takeMetric(metric, answered, before, request);
    const problem =
      'why' in taken
        ? taken
        : problemOfArms(
            metric,
            taken,
            silent.map(({ name }) => name),
            before,
          );
    if (problem || 'why' in taken) {
      const { why, detail } = problem ?? (taken as Problem);
      if (metric.is === 'distribution') distributions[metric.name] = why;
      else readings[metric.name] = { is: 'missing', why, detail };
      continue;
    }
    for (const { name } of answered)
      next[name] = { ...next[name]!, metrics: { ...next[name]!.metrics, [metric.name]: taken.groups[name]! } };
    if (!before) {
      if (metric.is !== 'distribution') readings[metric.name] = { is: 'nothing-new' };
    } else if (metric.is === 'distribution') distributions[metric.name] = distributionOf(taken);
    else readings[metric.name] = countsOf(metric, taken);
  }
  waitTogether(metrics, readings);
  // Where nothing could be judged of what came, the counters of that metric are still those of the last reading that could.
  for (const metric of metrics) {
    const reading = metric.is === 'distribution' ? distributions[metric.name] : readings[metric.name];
    if (before && (typeof reading === 'string' || (reading && 'is' in reading && reading.is === 'missing')))
      for (const { name } of answered) next[name] = withOld(next[name]!, before.pages[name], metric.name);
  }
  return { from, to: now, metrics: readings, distributions, state: { ...kept, to: now, pages: next } satisfies ScrapeState };
}

/** Metrics of an experiment are counted together or not at all: those that have counts wait for the one that has none. */
export function waitTogether(
  metrics: readonly { readonly name: string; readonly is: string; readonly ofExperiment?: boolean }[],
  readings: Record<string, MetricReading>,
): void {
  const own = metrics.filter(({ ofExperiment }) => ofExperiment === true);
  const waited = own.find(({ name }) => readings[name]?.is === 'missing');
  if (!waited) return;
  for (const { name } of own)
    if (readings[name]?.is === 'counts')
      readings[name] = { is: 'missing', why: 'incomplete', detail: `${name} of the experiment waits for ${waited.name}, which is missing` };
}

function readState({ state, stable, candidate }: PagesRequest): ScrapeState | null {
  const parsed = state === null ? null : stateSchema.safeParse(state);
  // What is of other versions, or no state, says nothing of these: it begins anew.
  return parsed?.success && parsed.data.stable === stable && parsed.data.candidate === candidate ? parsed.data : null;
}

/** The same of every metric: nothing new, or one thing that is missing. */
function everywhere(
  metrics: readonly PageMetric[],
  { from, to, state }: { readonly from: number | null; readonly to: number; readonly state: ScrapeState },
  problem: Problem | null,
): Reading {
  const readings = metrics.flatMap((metric): [string, MetricReading][] =>
    metric.is === 'distribution' ? [] : [[metric.name, problem ? { is: 'missing', ...problem } : { is: 'nothing-new' }]],
  );
  const distributions = metrics.flatMap((metric): [string, MissingReason][] =>
    metric.is === 'distribution' && problem ? [[metric.name, problem.why]] : [],
  );
  return { from, to, metrics: Object.fromEntries(readings), distributions: Object.fromEntries(distributions), state };
}

function withOld(page: PageState, old: PageState | undefined, metric: string): PageState {
  const { [metric]: _, ...others } = page.metrics;
  const group = old && Object.hasOwn(old.metrics, metric) ? old.metrics[metric] : undefined;
  return { ...page, metrics: group ? { ...others, [metric]: group } : others };
}

type Answered = { readonly name: string; readonly index: PageIndex };

function beginnings(metrics: readonly PageMetric[], answered: readonly Answered[], request: PagesRequest): ScrapeState['pages'] {
  const groups = metrics.flatMap((metric) => {
    const taken = takeMetric(metric, answered, null, request);
    return 'why' in taken ? [] : [[metric.name, taken.groups] as const];
  });
  return Object.fromEntries(
    answered.map(({ name }) => [name, { at: request.now, metrics: Object.fromEntries(groups.map(([metric, of]) => [metric, of[name]!])) }]),
  );
}

interface TakenArm {
  readonly parts: ReadonlyMap<string, number>;
  readonly found: boolean;
}
interface Taken {
  readonly stable: TakenArm;
  readonly candidate: TakenArm;
  readonly groups: Readonly<Record<string, { readonly stable: CounterGroup; readonly candidate: CounterGroup }>>;
  /** Names that no page knows. */
  readonly unknown: readonly string[];
  /** All pages are of `weighin serve`, which says nothing of versions that nobody asked yet. */
  readonly isServing: boolean;
}

function takeMetric(metric: PageMetric, pages: readonly Answered[], before: ScrapeState | null, request: PagesRequest): Taken | Problem {
  const groups: Record<string, { stable: CounterGroup; candidate: CounterGroup }> = {};
  const arms = {
    stable: { parts: new Map<string, number>(), found: false },
    candidate: { parts: new Map<string, number>(), found: false },
  };
  let unknown: readonly string[] | null = null;
  let edges: string | null = null;
  for (const { name, index } of pages) {
    const old = before?.pages[name]?.metrics;
    const group = old && Object.hasOwn(old, metric.name) ? old[metric.name]! : null;
    const own: Partial<Record<'stable' | 'candidate', CounterGroup>> = {};
    for (const arm of ['stable', 'candidate'] as const) {
      const read = readCounters(index, metric, request[arm], request.now);
      if ('why' in read) return { ...read, detail: `${name}: ${read.detail}` };
      if (metric.is === 'distribution' && read.found) {
        const own = [...new Set([...read.counters.values()].map(({ part }) => part))].sort().join(' ');
        edges ??= own;
        if (own !== edges) return { why: 'invalid', detail: `${name}: other edges of ${metric.histogram.name} than elsewhere` };
      }
      const differences = differenceCounters(group?.[arm] ?? null, read.counters, { start: index.startedAt, since: before?.to ?? null });
      if (!differences) return { why: 'invalid', detail: `${name}: several processes answer there in turn; name the page of each pod` };
      own[arm] = differences.group;
      arms[arm].found ||= read.found;
      for (const [part, count] of differences.parts) arms[arm].parts.set(part, (arms[arm].parts.get(part) ?? 0) + count);
      unknown = unknown === null ? read.unknown : unknown.filter((each) => read.unknown.includes(each));
    }
    groups[name] = own as Required<typeof own>;
  }
  return { ...arms, groups, unknown: unknown ?? [], isServing: pages.every(({ index }) => index.isServing) };
}

/** Whether what was found can be counts of both arms. */
function problemOfArms(metric: PageMetric, taken: Taken, silent: readonly string[], before: ScrapeState | null): Problem | null {
  const { stable, candidate, unknown, isServing } = taken;
  if (unknown.length > 0) return { why: 'empty', detail: `no page has ${unknown.join(', ')}` };
  if (!stable.found && !candidate.found && !isServing)
    return { why: 'empty', detail: `no page has a series that ${metric.name} names, neither of stable nor of the candidate` };
  for (const arm of ['stable', 'candidate'] as const) {
    const counted = (name: string) => {
      const metrics = before?.pages[name]?.metrics;
      return metrics && Object.hasOwn(metrics, metric.name) && Object.keys(metrics[metric.name]![arm].counters).length > 0;
    };
    if (!taken[arm].found && silent.some(counted))
      return {
        why: 'incomplete',
        detail: `every page that counted ${metric.name} of ${arm === 'stable' ? 'stable' : 'the candidate'} is gone`,
      };
  }
  return null;
}

function countsOf(metric: PageMetric, taken: Taken): MetricReading {
  const arms: Partial<Record<'stable' | 'candidate', ArmCounts>> = {};
  for (const arm of ['stable', 'candidate'] as const) {
    const part = (name: string) => taken[arm].parts.get(name) ?? 0;
    const total = part('total');
    const bad = metric.is === 'slow' ? total - part('fast') : part('bad');
    const most = metric.is === 'counts' && metric.ofExperiment ? Number.POSITIVE_INFINITY : total;
    if (!(bad >= 0 && bad <= most && Number.isSafeInteger(total)))
      return {
        is: 'missing',
        why: 'invalid',
        detail: `${metric.name} of ${arm === 'stable' ? 'stable' : 'the candidate'} counts ${bad} bad of ${total}`,
      };
    arms[arm] = { bad, total };
  }
  return { is: 'counts', stable: arms.stable!, candidate: arms.candidate!, lastMinute: null };
}

function distributionOf({ stable, candidate }: Taken): DistributionReading | MissingReason {
  const edges = [...new Set([...stable.parts.keys(), ...candidate.parts.keys()])].sort((a, b) => Number(a) - Number(b));
  const counts = ({ parts, found }: TakenArm): readonly number[] | null => {
    // Without any bucket of its own nothing was answered; with other edges nothing can be compared.
    if (found && edges.some((edge) => !parts.has(edge))) return null;
    const below = edges.map((edge) => parts.get(edge) ?? 0);
    const own = below.map((count, at) => count - (below[at - 1] ?? 0));
    return own.every((count) => count >= 0 && Number.isSafeInteger(count)) ? own : null;
  };
  const [of, against] = [counts(candidate), counts(stable)];
  return of && against ? { candidate: of, stable: against } : 'invalid';
}
