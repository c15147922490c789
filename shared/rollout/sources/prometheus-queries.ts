import { UserError } from '../../errors.ts';
import type { MeasuredMetric } from './measured-metrics.ts';
import { quoteText } from './metrics-error.ts';
import { fillVersion } from './selector.ts';

/** A metric as expressions of PromQL; `$version`, `$number` and `$window` are filled in when it is asked. */
export type QueriedMetric = {
  readonly name: string;
  /** A series that the whole is counted by, for how old its newest sample is; null where none can be told from the expression. */
  readonly series: string | null;
} /** `badName`: the series that bad counts, whatever its labels; null where it can't be told. */ & (
  | { readonly is: 'counts'; readonly bad: string; readonly total: string; readonly badName: string | null; readonly ofExperiment: boolean }
  /** Slow is what is not fast. `edges`: what `le` could be, for an error. */
  | {
      readonly is: 'slow';
      readonly fast: string;
      readonly total: string;
      readonly edges: string;
      readonly le: number;
      readonly histogram: string;
    }
  | { readonly is: 'distribution'; readonly buckets: string }
);

const windowed = /([a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?)\s*\[\$window\]/;
const histogramText = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\})?\s*$/;

/**
 * Expressions of a metric. What is written by hand is a count over `$window`: `sum(increase(errors_total{version="$version"}[$window]))`.
 *
 * @param model whose counts `weighin serve` is asked for by default; one Prometheus may know many
 * @throws UserError QUERY_INVALID
 */
export function queriedMetric(metric: MeasuredMetric, model: string): QueriedMetric {
  const { name } = metric;
  if (metric.is === 'counts') {
    const serving = (series: string) => `sum(increase(${series}{model=${JSON.stringify(model)},version="$version"}[$window]))`;
    const total = metric.total ?? serving('weighin_serving_requests_total');
    const bad = metric.bad ?? serving('weighin_serving_errors_total');
    for (const [key, text] of Object.entries({ bad, total }))
      if (!text.includes('$window'))
        throw new UserError(
          'QUERY_INVALID',
          `\`${key}\` of ${name} counts over no \`$window\`.`,
          'Write a count of the time since the last look: sum(increase(errors_total{version="$version"}[$window])).',
        );
    const badName = /^[a-zA-Z0-9_:]+/.exec(windowed.exec(bad)?.[1] ?? '')?.[0] ?? null;
    return { is: 'counts', name, bad, total, series: windowed.exec(total)?.[1] ?? null, badName, ofExperiment: metric.ofExperiment };
  }
  const [, bare, matchers = ''] = histogramText.exec(metric.histogram) ?? [];
  if (bare === undefined)
    throw new UserError(
      'QUERY_INVALID',
      `\`histogram\` of ${name} is ${quoteText(metric.histogram)}.`,
      'Write the name of a classic histogram and its labels: http_request_duration_seconds{version="$version"}.',
    );
  const isServing = bare.startsWith('weighin_serving_') && !/\bmodel\s*=/.test(matchers);
  const labels = [matchers.trim().replace(/,$/, ''), ...(isServing ? [`model=${JSON.stringify(model)}`] : [])].filter(
    (part) => part !== '',
  );
  const histogram = bare.replace(/_bucket$/, '');
  const bucket = (...more: readonly string[]) => `${histogram}_bucket{${[...labels, ...more].join(',')}}`;
  const series = bucket('le="+Inf"');
  if (metric.is === 'distribution') return { is: 'distribution', name, series, buckets: `sum by (le) (increase(${bucket()}[$window]))` };
  const fast = `sum(increase(${bucket(`le=~${JSON.stringify(edgeTexts(metric.le).map(escapePattern).join('|'))}`)}[$window]))`;
  const total = `sum(increase(${series}[$window]))`;
  return { is: 'slow', name, series, fast, total, edges: `count by (le) (${bucket()})`, le: metric.le, histogram };
}

/** How exporters write an edge: 1 is `1` or `1.0`, 0.00001 is `1e-05`. */
export function edgeTexts(le: number): readonly string[] {
  const plain = String(le);
  const exponent = le.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const texts = [plain, exponent, le.toExponential(), ...(Number.isInteger(le) ? [`${plain}.0`, le.toFixed(1)] : [])];
  return [...new Set(Math.abs(le) >= 1e-7 && Math.abs(le) < 1 ? [...texts, le.toFixed(20).replace(/0+$/, '')] : texts)].filter(
    (text) => Number(text) === le,
  );
}
const escapePattern = (text: string) => text.replace(/[.+]/g, '\\$&');

/** @param seconds of the window */
export const fillQuery = (query: string, version: string, seconds: number) =>
  fillVersion(query, version).replaceAll('$window', `${Math.max(1, Math.round(seconds))}s`);
