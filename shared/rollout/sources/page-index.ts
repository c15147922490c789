import { suffixesOf } from './check-points.ts';
import type { MetricFamily, MetricsPage, MetricType, Sample } from './metrics-page.ts';
import type { SelectorTerm } from './selector.ts';

/** A page, to be looked into by name of a series. */
export interface PageIndex {
  /** Series that a term means; empty where there are none. */
  find(term: SelectorTerm): readonly Sample[];
  /** Whether such a series could be on the page: its family is there, if only by its TYPE. */
  declares(name: string): boolean;
  typeOf(name: string): MetricType;
  /** When its process started, milliseconds since 1970; null where the page does not say. */
  readonly startedAt: number | null;
  /** It is of `weighin serve`, which says nothing of versions that nobody asked yet. */
  readonly isServing: boolean;
}

export function indexPage({ families, format }: MetricsPage): PageIndex {
  const byName = new Map<string, Sample[]>();
  const owner = new Map<string, MetricFamily>();
  for (const family of families) {
    // In the older format a counter's series is called as the family is.
    const names = format === 'openmetrics' ? suffixesOf[family.type] : family.type === 'counter' ? [''] : suffixesOf[family.type];
    for (const suffix of names) owner.set(family.name + suffix, family);
    for (const sample of family.samples) {
      const own = byName.get(sample.name);
      if (own) own.push(sample);
      else byName.set(sample.name, [sample]);
      owner.set(sample.name, family);
    }
  }
  const started = byName.get('process_start_time_seconds')?.[0]?.value;
  const isServing = byName.has('weighin_serving_info');
  return {
    find: ({ name, labels }) =>
      (byName.get(name) ?? []).filter((sample) => labels.every(([label, value]) => (sample.labels.get(label) ?? '') === value)),
    declares: (name) => owner.has(name) || (isServing && name.startsWith('weighin_serving_')),
    typeOf: (name) => owner.get(name)?.type ?? 'unknown',
    startedAt: started !== undefined && Number.isFinite(started) && started > 0 ? started * 1000 : null,
    isServing,
  };
}
