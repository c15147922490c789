import type { RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import type { MetricSource, Reading } from '../../rollout/engine/metric-source.ts';
import type { ArmCounts } from '../../rollout/judging/bucket.ts';
import { measuredMetrics } from '../../rollout/sources/measured-metrics.ts';
import { indexPage } from '../../rollout/sources/page-index.ts';
import { pageLimits } from '../../rollout/sources/page-limits.ts';
import { pageMetric } from '../../rollout/sources/read-counters.ts';
import { metricsAccept, readMetricsPage } from '../../rollout/sources/read-metrics-page.ts';
import { readSourceAddress, type SourceAddress } from '../../rollout/sources/source-address.ts';
import { type PageAnswer, takePages } from '../../rollout/sources/take-pages.ts';
import { fetchBytes } from './fetch-bytes.ts';

export interface ScrapeSourceOptions {
  /** Pages of metrics, one of each pod. */
  readonly pages: readonly string[];
  readonly definition: RolloutConfig;
  /** Of `rollouts:`, for errors. */
  readonly rollout: string;
  /** Bearer; null: none. */
  readonly token: string | null;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds that a page may take. */
  readonly timeout?: number;
}

const TIMEOUT = 5000;
const MINUTE = 60_000;
/** A stretch that is longer than this can't stand for the last minute. */
const LONGEST_STRETCH = 90_000;

/** Counts of pages of metrics, read directly. @throws UserError where the configuration can't be right */
export function openScrapeSource(options: ScrapeSourceOptions): MetricSource {
  const { definition, rollout, token, fetch = globalThis.fetch, timeout = TIMEOUT } = options;
  const metrics = measuredMetrics(definition, rollout).map(pageMetric);
  const addresses = named(options.pages.map(readSourceAddress));
  /** Of this process alone: what was read last, and the candidate's counts of the last minute. */
  let last: Reading | null = null;
  let recent: readonly Stretch[] = [];

  const scrape = async ({ name, address }: (typeof addresses)[number]): Promise<PageAnswer> => {
    const got = await fetchBytes(address, { accept: metricsAccept, token, timeout, limit: pageLimits.bytes, fetch });
    if (got.is === 'too-large') return { name, why: 'invalid', detail: got.detail };
    if (got.is !== 'answer') return { name, why: got.is, detail: got.detail };
    if (got.status !== 200) return { name, why: 'unreachable', detail: `${name} answers ${got.status}` };
    try {
      return { name, index: indexPage(readMetricsPage(got.bytes, { file: name, contentType: got.contentType ?? 'text/plain' })) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const line = error.location?.line === undefined ? '' : `, line ${error.location.line}`;
      return { name, why: 'invalid', detail: `${name}${line}: ${error.message}` };
    }
  };

  return {
    async read(request) {
      const pages = await Promise.all(addresses.map(scrape));
      const reading = takePages(metrics, pages, request);
      const own = takePages(metrics, pages, { ...request, state: last?.state ?? null });
      // Of other versions than before.
      if (own.from === null) recent = [];
      recent = [...recent.filter(({ to }) => to > request.now - MINUTE && to < request.now), stretchOf(own)].slice(-120);
      last = own;
      return withLastMinute(reading, recent, request.now);
    },
    // A page knows no past.
    history: async () => ({}),
    close: async () => undefined,
  };
}

/** The candidate's counts between two readings of this process. */
interface Stretch {
  readonly from: number | null;
  readonly to: number;
  readonly counts: Readonly<Record<string, ArmCounts>>;
}

const stretchOf = ({ from, to, metrics }: Reading): Stretch => ({
  from,
  to,
  counts: Object.fromEntries(Object.entries(metrics).flatMap(([name, found]) => (found.is === 'counts' ? [[name, found.candidate]] : []))),
});

/** Adds what the candidate answered within about the last minute, where every stretch of it is known and short. */
function withLastMinute(reading: Reading, recent: readonly Stretch[], now: number): Reading {
  const lately = recent.filter(({ from }) => from !== null);
  const metrics = Object.entries(reading.metrics).map(([name, found]) => {
    const own = lately.flatMap(({ from, to, counts }) => (Object.hasOwn(counts, name) ? [{ from: from!, to, counts: counts[name]! }] : []));
    const isKnown = own.length > 0 && own.every(({ from, to }) => to - from <= LONGEST_STRETCH) && own.at(-1)!.to === now;
    if (found.is !== 'counts' || !isKnown) return [name, found] as const;
    const lastMinute = own.reduce((sum, { counts }) => ({ bad: sum.bad + counts.bad, total: sum.total + counts.total }), {
      bad: 0,
      total: 0,
    });
    return [name, { ...found, lastMinute }] as const;
  });
  return { ...reading, metrics: Object.fromEntries(metrics) };
}

/** Addresses with a name each: what is shown of two may be the same. */
function named(addresses: readonly SourceAddress[]): readonly { readonly name: string; readonly address: SourceAddress }[] {
  const seen = new Map<string, number>();
  return addresses.map((address) => {
    const times = (seen.get(address.shown) ?? 0) + 1;
    seen.set(address.shown, times);
    return { name: times === 1 ? address.shown : `${address.shown} (${times})`, address };
  });
}
