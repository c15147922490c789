import { z } from 'zod';
import { parseDuration } from '../../config/quantities.ts';
import type { RolloutConfig } from '../../config/rollout-schema.ts';
import type { DistributionReading, MetricReading, MetricSource, MissingReason, SourceRequest } from '../../rollout/engine/metric-source.ts';
import type { ArmCounts } from '../../rollout/judging/bucket.ts';
import { measuredMetrics } from '../../rollout/sources/measured-metrics.ts';
import { fillQuery, type QueriedMetric, queriedMetric } from '../../rollout/sources/prometheus-queries.ts';
import type { Problem } from '../../rollout/sources/read-counters.ts';
import { readBuckets, readEdges, readNumber, readPrometheusAnswer, readSeries } from '../../rollout/sources/read-prometheus-answer.ts';
import { readSourceAddress, type SourceAddress } from '../../rollout/sources/source-address.ts';
import { waitTogether } from '../../rollout/sources/take-pages.ts';
import { fetchBytes } from './fetch-bytes.ts';

export interface PrometheusSourceOptions {
  readonly url: string;
  readonly definition: RolloutConfig;
  /** Of `rollouts:`, for errors. */
  readonly rollout: string;
  /** Whose counts `weighin serve` is asked for by default. */
  readonly model: string;
  /** How late samples come: the scrape interval. A duration. */
  readonly delay: string;
  /** Bearer; null: none. */
  readonly token: string | null;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds that an answer may take. */
  readonly timeout?: number;
}

const TIMEOUT = 5000;
const LARGEST_ANSWER = 4 * 1024 * 1024;
/** So many scrapes must lie between two readings, or there is nothing new. */
const FEWEST_SCRAPES = 3;
const MINUTE = 60_000;

const stateSchema = z.strictObject({
  kind: z.literal('prometheus'),
  stable: z.string(),
  candidate: z.string(),
  /** End of the last window, milliseconds since 1970. */
  to: z.number(),
  /** Of metrics that are behind, since nothing came of them. */
  behind: z.record(z.string(), z.number()),
});

/**
 * Counts of Prometheus. Windows are adjacent and both arms are asked for the same one. A window of W is asked as `increase` over W and one
 * scrape more, times W / (W + scrape): the samples at both ends are then one window's end and the next one's beginning, what is extrapolated
 * beyond them cancels, and every event counts once, as a whole number.
 *
 * @throws UserError where the configuration can't be right
 */
export function openPrometheusSource(options: PrometheusSourceOptions): MetricSource {
  const { definition, rollout, token, fetch = globalThis.fetch, timeout = TIMEOUT } = options;
  const delay = Math.max(1000, parseDuration(options.delay));
  const metrics = measuredMetrics(definition, rollout).map((metric) => queriedMetric(metric, options.model));
  const base = readSourceAddress(options.url);

  const ask = async (path: string, form: Readonly<Record<string, string>>) => {
    const address = below(base, path);
    const got = await fetchBytes(address, {
      accept: 'application/json',
      token,
      timeout,
      limit: LARGEST_ANSWER,
      form: new URLSearchParams({ ...form, timeout: `${Math.ceil(timeout / 1000)}s` }),
      fetch,
    });
    if (got.is === 'too-large') return { why: 'invalid', detail: got.detail } as const;
    if (got.is !== 'answer') return { why: got.is, detail: got.detail } as const;
    return readPrometheusAnswer(got.status, got.bytes, base.shown);
  };
  const askAt = (query: string, at: number) => ask('query', { query, time: (at / 1000).toFixed(3) });

  /** Of a window of `length` milliseconds that ends at `to`. */
  const windowOf = (version: string, to: number, length: number) => {
    const seconds = (length + delay) / 1000;
    return {
      ask: (query: string) => askAt(fillQuery(query, version, seconds), to),
      scale: length / 1000 / Math.max(1, Math.round(seconds)),
    };
  };

  /** `absent`: no series of that version counts the whole, which is no traffic where the other version has one. */
  async function countArm(metric: QueriedMetric, version: string, to: number, length: number): Promise<ArmCounts | Problem | 'absent'> {
    if (metric.is === 'distribution') throw new RangeError('a distribution has no counts of bad answers');
    const window = windowOf(version, to, length);
    const [first, all] = await Promise.all([window.ask(metric.is === 'counts' ? metric.bad : metric.fast), window.ask(metric.total)]);
    const what = (key: string) => `${key} of ${metric.name} (${version})`;
    const total = readNumber(all, what('total'));
    if (typeof total !== 'number') return total.why === 'empty' ? 'absent' : total;
    let part = readNumber(first, what(metric.is === 'counts' ? 'bad' : `le ${metric.le}`));
    if (typeof part !== 'number' && part.why === 'empty') {
      if (metric.is === 'slow') return noEdge(metric, version, to);
      // What is counted is there, and none of it is bad so far: `code=~"5.."` has no series before the first.
      if (await isKnown(metric, to)) part = 0;
    }
    if (typeof part !== 'number') return part;
    const whole = Math.round(total * window.scale);
    const bad = Math.round((metric.is === 'slow' ? total - part : part) * window.scale);
    if (metric.is === 'counts' && metric.ofExperiment) return { bad, total: whole };
    // Two counters are never read at the same instant.
    const most = whole + 1 + whole / 100;
    if (bad > most || bad < whole - most) return { why: 'invalid', detail: `${metric.name} (${version}) counts ${bad} bad of ${whole}` };
    return { bad: Math.min(whole, Math.max(0, bad)), total: whole };
  }

  /** Whether there is any series of what is counted as bad, of whatever version and kind. */
  const isKnown = async ({ badName }: { readonly badName: string | null }, at: number) =>
    badName !== null && typeof readNumber(await askAt(`count(${badName})`, at), badName) === 'number';

  async function noEdge(metric: QueriedMetric & { readonly is: 'slow' }, version: string, to: number): Promise<Problem> {
    const edges = readEdges(await askAt(fillQuery(metric.edges, version, delay / 1000), to));
    return { why: 'invalid', detail: `${metric.le} is no edge of ${metric.histogram}; its edges are ${edges.join(', ') || 'not known'}` };
  }

  /** Whether the newest sample is too old to speak of now. null: it is fresh, or can't be told. */
  async function staleness(metric: QueriedMetric, version: string, to: number): Promise<Problem | null> {
    if (metric.series === null) return null;
    const newest = readNumber(await askAt(`max(timestamp(${fillQuery(metric.series, version, delay / 1000)}))`, to), metric.name);
    const stale = (since: string): Problem => ({ why: 'stale', detail: `${metric.name} (${version}): ${since}` });
    if (typeof newest !== 'number') {
      if (newest.why !== 'empty') return null;
      // Never there is no traffic so far; there and gone is a pod that died.
      const before = await askAt(`count(count_over_time(${fillQuery(metric.series, version, delay / 1000)}[1h]))`, to);
      return typeof readNumber(before, metric.name) === 'number' ? stale('no sample is of now; its pods are not scraped any more') : null;
    }
    const age = to / 1000 - newest;
    return age * 1000 > Math.max(4 * delay, MINUTE) ? stale(`its newest sample is ${Math.round(age)} s old`) : null;
  }

  async function readMetric(metric: QueriedMetric, { stable, candidate }: SourceRequest, to: number, length: number) {
    const arms = [candidate, stable] as const;
    if (metric.is === 'distribution') {
      const found = await Promise.all(arms.map((version) => distributionOf(metric, version, to, length)));
      return joinDistributions(found[0]!, found[1]!);
    }
    const [counts, old, minute] = await Promise.all([
      Promise.all(arms.map((version) => countArm(metric, version, to, length))),
      Promise.all(arms.map((version) => staleness(metric, version, to))),
      delay <= MINUTE / 2 ? countArm(metric, candidate, to, MINUTE) : null,
    ]);
    const [of, against] = [counts[0]!, counts[1]!];
    const isEmpty = of === 'absent' && against === 'absent';
    // What is wrong with an answer says more than how old it is.
    const problem = [of, against].find((each) => each !== 'absent' && 'why' in each) ?? old.find((each) => each !== null);
    if (isEmpty)
      return {
        is: 'missing',
        why: 'empty',
        detail: `total of ${metric.name} finds no series, neither of ${candidate} nor of ${stable}`,
      } as const;
    if (problem) return { is: 'missing', ...problem } as const;
    const countsOf = (arm: typeof of): ArmCounts => (arm === 'absent' || 'why' in arm ? { bad: 0, total: 0 } : arm);
    const lastMinute = minute && (minute === 'absent' || !('why' in minute)) ? countsOf(minute) : null;
    return { is: 'counts', candidate: countsOf(of), stable: countsOf(against), lastMinute } as const;
  }

  async function distributionOf(metric: QueriedMetric & { readonly is: 'distribution' }, version: string, to: number, length: number) {
    const window = windowOf(version, to, length);
    const buckets = readBuckets(await window.ask(metric.buckets), metric.name);
    if ('why' in buckets) return buckets.why;
    return buckets.map(
      ([edge, count], at) => [edge, Math.max(0, Math.round((count - (buckets[at - 1]?.[1] ?? 0)) * window.scale))] as const,
    );
  }

  return {
    async read(request) {
      const { stable, candidate, now } = request;
      const parsed = stateSchema.safeParse(request.state);
      const before = parsed.success && parsed.data.stable === stable && parsed.data.candidate === candidate ? parsed.data : null;
      const latest = now - delay;
      const metricsOf = (reading: MetricReading) =>
        Object.fromEntries(metrics.filter(({ is }) => is !== 'distribution').map(({ name }) => [name, reading]));
      if (!before) {
        // Nothing is counted yet, and who can't be asked should be known before traffic moves.
        const up = await askAt('vector(1)', latest);
        const reading: MetricReading = 'why' in up ? { is: 'missing', ...up } : { is: 'nothing-new' };
        const state = { kind: 'prometheus', stable, candidate, to: latest, behind: {} } as const;
        return { from: null, to: latest, metrics: metricsOf(reading), distributions: {}, state };
      }
      // Whole scrapes: the same number of samples in every window.
      const to = before.to + Math.floor((latest - before.to) / delay) * delay;
      if (to - before.to < FEWEST_SCRAPES * delay)
        return { from: before.to, to: before.to, metrics: metricsOf({ is: 'nothing-new' }), distributions: {}, state: before };
      const fromOf = (name: string) => (Object.hasOwn(before.behind, name) ? before.behind[name]! : before.to);
      const found = await Promise.all(
        metrics.map(async (metric) => [metric.name, await readMetric(metric, request, to, to - fromOf(metric.name))] as const),
      );
      const readings: Record<string, MetricReading> = {};
      const distributions: [string, DistributionReading | MissingReason][] = [];
      const behind: [string, number][] = [];
      for (const [name, reading] of found) {
        if (typeof reading === 'string' || !('is' in reading)) distributions.push([name, reading]);
        else readings[name] = reading;
      }
      waitTogether(metrics, readings);
      for (const [name, reading] of found)
        if (typeof reading === 'string' || readings[name]?.is === 'missing') behind.push([name, fromOf(name)]);
      const state = { kind: 'prometheus', stable, candidate, to, behind: Object.fromEntries(behind) } as const;
      return { from: before.to, to, metrics: readings, distributions: Object.fromEntries(distributions), state };
    },

    async history({ stable, until, buckets, bucketSeconds }) {
      const seconds = bucketSeconds + delay / 1000;
      const end = until - delay;
      const times = {
        start: ((end - (buckets - 1) * bucketSeconds * 1000) / 1000).toFixed(3),
        end: (end / 1000).toFixed(3),
        step: `${bucketSeconds}`,
      };
      const scale = bucketSeconds / Math.max(1, Math.round(seconds));
      const past = async (metric: QueriedMetric): Promise<readonly ArmCounts[]> => {
        if (metric.is === 'distribution') return [];
        const range = async (query: string) => readSeries(await ask('query_range', { query: fillQuery(query, stable, seconds), ...times }));
        const [first, all] = await Promise.all([range(metric.is === 'counts' ? metric.bad : metric.fast), range(metric.total)]);
        // Before the first bad answer there is no series of bad ones, where there is one of answers.
        const begins = first.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...first.keys());
        const none = metric.is === 'counts' && all.size > 0 && (await isKnown(metric, end)) ? 0 : undefined;
        return [...all]
          .sort(([a], [b]) => a - b)
          .flatMap(([at, total]) => {
            const part = first.get(at) ?? (at < begins ? none : undefined);
            if (part === undefined) return [];
            const whole = Math.round(total * scale);
            const bad = Math.round((metric.is === 'slow' ? total - part : part) * scale);
            return bad >= 0 && bad <= whole ? [{ bad, total: whole }] : [];
          });
      };
      const found = await Promise.all(metrics.map(async (metric) => [metric.name, await past(metric)] as const));
      return Object.fromEntries(found.filter(([, counts]) => counts.length > 0));
    },
    close: async () => undefined,
  };
}

type Buckets = readonly (readonly [edge: number, count: number])[];

/** Buckets of the same edges; an arm without any has answered nothing where the other has some. */
function joinDistributions(of: Buckets | MissingReason, against: Buckets | MissingReason): DistributionReading | MissingReason {
  const nothing = (other: Buckets | MissingReason) => (typeof other === 'string' ? other : other.map(([edge]) => [edge, 0] as const));
  const [candidate, stable] = [of === 'empty' ? nothing(against) : of, against === 'empty' ? nothing(of) : against];
  if (typeof stable === 'string') return stable;
  if (typeof candidate === 'string') return candidate;
  const isSame = candidate.length === stable.length && candidate.every(([edge], at) => edge === stable[at]![0]);
  return isSame ? { candidate: candidate.map(([, count]) => count), stable: stable.map(([, count]) => count) } : 'invalid';
}

function below({ url, ...rest }: SourceAddress, path: string): SourceAddress {
  const full = new URL(url);
  full.pathname = `${full.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
  return { ...rest, url: full.href };
}
