import type { ArmCounts, Histogram } from './arm-counts.ts';
import { type ServingEngine, variantOf } from './serving-engine.ts';

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export const plainMetricsType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The page of metrics: OpenMetrics where the reader asked for it, else Prometheus' older text. Counts only, with the buckets they fell in:
 * shares and quantiles are for whoever adds the pods up. A degraded answer is an error too.
 */
export function renderMetrics(
  engine: ServingEngine,
  facts: {
    readonly open: boolean;
    readonly version: string;
    readonly ready: boolean;
    /** When the process started, seconds since 1970: by it a reader tells a restart from counts that only grew. */
    readonly started?: number;
  },
): string {
  const lines: string[] = [];
  const { settings, fleet, traffic, totals, log } = engine;
  const arms = [...fleet.arms()];
  const model = { model: settings.model };
  const labels = (arm: ArmCounts) => ({ ...model, version: arm.version, variant: arm.variant });

  const family = (
    name: string,
    type: 'counter' | 'gauge' | 'histogram',
    help: string,
    samples: readonly (readonly [string, Labels, number])[],
  ) => {
    if (samples.length === 0) return;
    const full = type === 'counter' && !facts.open ? `${name}_total` : name;
    lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`);
    for (const [suffix, own, value] of samples) lines.push(`${name}${suffix}${labelText(own)} ${numberText(value)}`);
  };
  const counter = (name: string, help: string, samples: readonly (readonly [Labels, number])[]) =>
    family(
      name,
      'counter',
      help,
      samples.map(([own, value]) => ['_total', own, value]),
    );
  const gauge = (name: string, help: string, samples: readonly (readonly [Labels, number])[]) =>
    family(
      name,
      'gauge',
      help,
      samples.map(([own, value]) => ['', own, value]),
    );
  const histogram = (name: string, help: string, found: readonly (readonly [Labels, Histogram])[]) =>
    family(
      name,
      'histogram',
      help,
      found.flatMap(([own, counts]) => histogramSamples(own, counts)),
    );

  counter(
    'weighin_serving_requests',
    'Requests that a version was to answer.',
    arms.map((arm) => [labels(arm), arm.requests]),
  );
  counter(
    'weighin_serving_rows',
    'Rows that a version was to answer.',
    arms.map((arm) => [labels(arm), arm.rows]),
  );
  counter(
    'weighin_serving_errors',
    'Requests that the version did not answer, those that a fallback answered among them.',
    arms.map((arm) => [labels(arm), [...arm.errors].reduce((sum, [reason, count]) => sum + (reason === 'refused' ? 0 : count), 0)]),
  );
  counter(
    'weighin_serving_failures',
    'The same by reason; refused is the request itself, by the fields of the version.',
    arms.flatMap((arm) => [...arm.errors].map(([reason, count]) => [{ ...labels(arm), reason }, count] as const)),
  );
  counter(
    'weighin_serving_degraded',
    'Requests that a fallback answered.',
    arms.map((arm) => [labels(arm), arm.degraded]),
  );
  counter(
    'weighin_serving_refused',
    'Requests that were refused, by code.',
    [...totals.refused].map(([code, count]) => [{ ...model, code }, count] as const),
  );
  histogram(
    'weighin_serving_latency_seconds',
    'From the arrival of a request to its answer.',
    arms.map((arm) => [labels(arm), arm.latency]),
  );
  histogram(
    'weighin_serving_score',
    'Scores that were answered.',
    arms.filter((arm) => arm.scores.counts.some((count) => count > 0)).map((arm) => [labels(arm), arm.scores]),
  );
  counter(
    'weighin_serving_predictions',
    'Answers by label.',
    arms.flatMap((arm) => [...arm.labels].map(([prediction, count]) => [{ ...labels(arm), prediction }, count] as const)),
  );
  const members = [...fleet.members()];
  gauge(
    'weighin_serving_version_info',
    'Versions that are loaded.',
    members.map(({ model: { version, digest } }) => [{ ...model, version, digest, variant: variantOf(engine, version) ?? '' }, 1]),
  );
  gauge(
    'weighin_serving_weight',
    'Share of the traffic, 0 … 1.',
    members.map(({ model: { version } }) => [{ ...model, version }, (traffic.current().get(version) ?? 0) / 100]),
  );
  gauge(
    'weighin_serving_breaker_open',
    '1 while a version rests after failures, 0.5 while it is tried again.',
    members.map(({ model: { version }, breaker }) => [{ ...model, version }, { closed: 0, 'half-open': 0.5, open: 1 }[breaker.state()]]),
  );
  gauge(
    'weighin_serving_version_alive',
    '0 while every thread of a version is gone or hangs.',
    members.map(({ model: served }) => [{ ...model, version: served.version }, served.isAlive() ? 1 : 0]),
  );
  gauge('weighin_serving_in_flight', 'Requests that are being answered.', [[model, totals.requestsInFlight]]);
  gauge('weighin_serving_ready', '1 while requests are welcome.', [[model, facts.ready ? 1 : 0]]);
  const lease = traffic.leaseLeft();
  if (lease !== null)
    gauge('weighin_serving_lease_seconds', 'Until all traffic goes to stable, unless the weights are renewed.', [[model, lease / 1000]]);
  const shadows = [...fleet.shadows()];
  const versionOf = ({ version }: { readonly version: string }) => ({ ...model, version });
  counter(
    'weighin_serving_shadow_compared',
    'Rows that a shadow and the version whose turn it was have both answered.',
    shadows.map((counts) => [versionOf(counts), counts.compared]),
  );
  counter(
    'weighin_serving_shadow_disagreed',
    'Of those, rows with another label or decision, or with a score more than 0.05 away.',
    shadows.map((counts) => [versionOf(counts), counts.disagreed]),
  );
  histogram(
    'weighin_serving_shadow_score_difference',
    'How far the score of a shadow was from the answered one.',
    shadows.map((counts) => [versionOf(counts), counts.difference]),
  );
  counter('weighin_serving_shadow_dropped', 'Requests that a shadow was too far behind to see.', [[model, totals.shadowDropped]]);
  if (log) {
    counter('weighin_serving_log_lines', 'Lines of the prediction log that were written.', [[model, log.written]]);
    counter('weighin_serving_log_dropped', 'Lines that were dropped, since the disk was too slow or failed.', [[model, log.dropped]]);
  }
  if (facts.started !== undefined)
    gauge('process_start_time_seconds', 'When the process started, seconds since 1970.', [[{}, facts.started]]);
  gauge('weighin_serving_info', 'The server.', [[{ ...model, weighin: facts.version }, 1]]);
  if (facts.open) lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

type Labels = Readonly<Record<string, string>>;

function* edgesOf({ edges, counts }: Histogram): Iterable<readonly [string, number]> {
  let sum = 0;
  for (let at = 0; at < edges.length; at++) {
    sum += counts[at]!;
    yield [edgeText(edges[at]!), sum];
  }
  yield ['+Inf', sum + counts[edges.length]!];
}

function histogramSamples(labels: Labels, histogram: Histogram): (readonly [string, Labels, number])[] {
  const count = histogram.counts.reduce((sum, one) => sum + one, 0);
  // A histogram with a bucket below zero has no sum in OpenMetrics.
  const sum = histogram.edges[0]! < 0 ? [] : [['_sum', labels, histogram.sum] as const];
  return [
    ...[...edgesOf(histogram)].map(([le, below]) => ['_bucket', { ...labels, le }, below] as const),
    ...sum,
    ['_count', labels, count] as const,
  ];
}

const labelText = (labels: Labels) => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeText(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escapeText = (text: string) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, '\ufffd');

/** Counts are whole numbers; edges are floats, so that 1 is written 1.0. */
const numberText = (value: number) => String(value);
const edgeText = (value: number) => (Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value));
