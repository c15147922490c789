import { checkBuckets, readEdge } from './check-points.ts';
import { eachLine } from './each-line.ts';
import { metricsError, type PagePlace, quoteText } from './metrics-error.ts';
import { labelsText, type MetricFamily, type MetricsPage, type MetricType, type Sample, seriesText } from './metrics-page.ts';
import { type PageLimits, tooManySamples } from './page-limits.ts';
import { readSampleLine, unescapeText } from './read-sample-line.ts';

const types = { counter: 'counter', gauge: 'gauge', histogram: 'histogram', summary: 'summary', untyped: 'unknown' } as const;
/** Here a counter's sample is called as its family is. */
const suffixes: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const metadata = /^#[ \t]+(TYPE|HELP)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+([\s\S]*))?$/;

interface Draft {
  readonly name: string;
  readonly line: number;
  type: MetricType | null;
  help: string | null;
  readonly samples: Sample[];
  readonly series: Set<string>;
}

/**
 * Prometheus' text format 0.0.4, what `text/plain` answers with: no `# EOF`, any other comment is one, blanks between parts are free,
 * timestamps are milliseconds. Counts are held to what they must be to be counted with; the rest is as the format has it.
 *
 * @throws UserError METRICS_INVALID with the line of the first thing that is wrong
 */
export function parsePrometheusText(text: string, file: string, limits: PageLimits): MetricsPage {
  const families: MetricFamily[] = [];
  const taken = new Map<string, number>();
  let draft: Draft | null = null;
  let samples = 0;
  const begin = (name: string, place: PagePlace): Draft => {
    if (draft) families.push(finish(draft, file));
    const before = taken.get(name);
    if (before !== undefined)
      throw metricsError(
        place,
        `${quoteText(name)} goes on here and began in line ${before}.`,
        'All lines of a metric stand together, HELP and TYPE first.',
      );
    taken.set(name, place.line);
    return { name, line: place.line, type: null, help: null, samples: [], series: new Set() };
  };
  for (const { text: raw, number } of eachLine(text, file, limits)) {
    const place = { file, line: number };
    const line = raw.replace(/^[ \t]+|[ \t\r]+$/g, '');
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, kind, name = '', rest = ''] = metadata.exec(line) ?? [];
      if (kind === undefined) {
        if (/^#[ \t]+(?:TYPE|HELP)(?:[ \t]|$)/.test(line))
          throw metricsError(place, `${quoteText(line)} names no metric.`, 'Write `# TYPE name type` or `# HELP name text`.');
        continue;
      }
      if (draft?.name !== name) draft = begin(name, place);
      if (kind === 'TYPE') setType(draft, rest, place);
      else {
        if (draft.help !== null) throw metricsError(place, `${quoteText(name)} has a second HELP.`, 'Keep one.');
        draft.help = unescapeText(rest);
      }
      continue;
    }
    if (++samples > limits.samples) throw tooManySamples(place, limits);
    const sample = readSampleLine(line, place, { loose: true });
    if (!draft || !isOf(draft, sample.name)) draft = begin(sample.name, place);
    take(draft, sample, place);
  }
  if (draft) families.push(finish(draft, file));
  if (text !== '' && !text.endsWith('\n'))
    throw metricsError(
      { file, line: text.split('\n').length },
      'the page does not end with a line break, so it may have been cut.',
      'The last line ends with a line break too.',
    );
  return { format: 'prometheus', families };
}

const isOf = ({ name, type }: Draft, sample: string) =>
  sample === name
    ? type !== 'histogram'
    : sample.startsWith(name) && (suffixes[type ?? 'unknown']?.includes(sample.slice(name.length)) ?? false);

function setType(draft: Draft, text: string, place: PagePlace): void {
  const { name } = draft;
  if (draft.type !== null) throw metricsError(place, `${quoteText(name)} has a second TYPE.`, 'Keep one.');
  if (draft.samples.length > 0) throw metricsError(place, `TYPE of ${quoteText(name)} stands behind its samples.`, 'Put it before them.');
  if (!Object.hasOwn(types, text))
    throw metricsError(place, `${quoteText(name)} is of type ${quoteText(text)}.`, `Write one of ${Object.keys(types).join(', ')}.`);
  draft.type = types[text as keyof typeof types];
}

function take(draft: Draft, sample: Sample, place: PagePlace): void {
  const { value, labels } = sample;
  const shown = quoteText(sample.name);
  const suffix = sample.name.slice(draft.name.length);
  const isCount = draft.type === 'counter' || suffix === '_bucket' || suffix === '_count';
  if (draft.type !== null && isCount && !(value >= 0))
    throw metricsError(place, `${shown} is ${value}; counts are never negative and always numbers.`, 'Use a gauge for what can fall.');
  if (suffix === '_bucket' && Number.isNaN(readEdge(labels.get('le'))))
    throw metricsError(place, `${shown} has no edge.`, 'le is the upper edge of the bucket: a number, `+Inf` for the last.');
  if (draft.type === 'summary' && suffix === '' && !(readEdge(labels.get('quantile')) >= 0 && readEdge(labels.get('quantile')) <= 1))
    throw metricsError(
      place,
      `${shown} has no quantile of 0 … 1.`,
      'Lines of a summary are `name{quantile="0.5"}`, `name_sum`, `name_count`.',
    );
  const series = seriesText(sample.name, labels) + (sample.timestamp === null ? '' : `@${sample.timestamp}`);
  if (draft.series.has(series)) throw metricsError(place, `${quoteText(series)} stands there twice.`, 'Each set of labels has one value.');
  draft.series.add(series);
  draft.samples.push(sample);
}

function finish({ name, line, type, help, samples }: Draft, file: string): MetricFamily {
  if (type === 'histogram') checkHistograms(name, samples, file);
  return { name, type: type ?? 'unknown', unit: '', help: help ?? '', samples, line };
}

/** Buckets may stand in any order here. */
function checkHistograms(name: string, samples: readonly Sample[], file: string): void {
  const metrics = new Map<string, Sample[]>();
  for (const sample of samples) {
    const labels = labelsText(sample.labels, sample.name === `${name}_bucket` ? 'le' : undefined);
    const own = metrics.get(labels);
    if (own) own.push(sample);
    else metrics.set(labels, [sample]);
  }
  for (const [labels, own] of metrics) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const sorted = buckets.toSorted((a, b) => readEdge(a.labels.get('le')) - readEdge(b.labels.get('le')));
    const whole = checkBuckets(sorted, (message, hint, at) =>
      metricsError({ file, line: at ?? own[0]!.line }, `the histogram ${quoteText(name + labels)} ${message}.`, hint),
    );
    const count = own.find((sample) => sample.name === `${name}_count`);
    if (count && count.value !== whole)
      throw metricsError(
        { file, line: count.line },
        `the histogram ${quoteText(name + labels)} counts ${count.value} and has ${whole} in its +Inf bucket.`,
        '_count equals the last bucket.',
      );
  }
}
