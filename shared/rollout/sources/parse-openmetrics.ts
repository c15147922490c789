import { checkPoint, checkSample, type FamilyHead, metricOf, suffixesOf } from './check-points.ts';
import { eachLine } from './each-line.ts';
import { metricsError, quoteText } from './metrics-error.ts';
import { labelsText, type MetricFamily, type MetricsPage, type MetricType, openMetricsTypes, type Sample } from './metrics-page.ts';
import { type PageLimits, tooManySamples } from './page-limits.ts';
import { readSampleLine, unescapeText } from './read-sample-line.ts';

const metadata = /^# (TYPE|HELP|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) ([\s\S]*)$/;
const unitText = /^[a-zA-Z0-9_:]*$/;
const isType = (text: string): text is MetricType => (openMetricsTypes as readonly string[]).includes(text);

/** A family while it is read. */
interface Draft {
  readonly name: string;
  readonly line: number;
  type: MetricType | null;
  unit: string | null;
  help: string | null;
  readonly samples: Sample[];
  /** Metrics that have begun, so that none begins again behind another. */
  readonly metrics: Set<string>;
  metric: string | null;
  /** Samples of the point that is read: same metric, same timestamp. */
  point: Sample[];
  readonly inPoint: Set<string>;
}

/**
 * OpenMetrics 1.0 (the specification's text format), strictly: everything or nothing. One leniency, as its reference parser has it: a bare
 * quote within HELP. Of points that differ in less than their timestamps show, the first counts.
 *
 * @throws UserError METRICS_INVALID with the line of the first thing that is wrong
 */
export function parseOpenMetrics(text: string, file: string, limits: PageLimits): MetricsPage {
  const families: MetricFamily[] = [];
  /** Names that families take, their samples' among them, with the line of the family. */
  const taken = new Map<string, { readonly family: string; readonly type: MetricType; readonly line: number }>();
  let draft: Draft | null = null;
  let ended = false;
  let samples = 0;

  const finish = () => {
    if (!draft) return;
    endPoint(draft, file);
    const { name, line, unit, help, samples: own } = draft;
    const type = draft.type ?? 'unknown';
    const place = { file, line };
    if (unit) {
      if (type === 'info' || type === 'stateset')
        throw metricsError(place, `${quoteText(name)} is of type ${type} and has a unit.`, 'Leave UNIT out.');
      if (!name.endsWith(`_${unit}`))
        throw metricsError(
          place,
          `${quoteText(name)} has the unit ${quoteText(unit)} and does not end with it.`,
          `Call it ${name}_${unit}, or leave UNIT out.`,
        );
    }
    for (const suffix of new Set([...suffixesOf[type], ''])) {
      const clash = taken.get(name + suffix);
      if (clash)
        throw metricsError(
          place,
          `${quoteText(name + suffix)} belongs to ${clash.family} of line ${clash.line} (${clash.type}) already.`,
          clash.family !== name || draft.type !== null || suffixesOf[clash.type].includes('')
            ? 'A family stands in one place, its metadata first and its samples together.'
            : `Samples of a ${clash.type} end with ${suffixesOf[clash.type].join(', ')}.`,
        );
      taken.set(name + suffix, { family: name, type, line });
    }
    families.push({ name, type, unit: unit ?? '', help: help ?? '', samples: own, line });
    draft = null;
  };

  for (const { text: line, number } of eachLine(text, file, limits)) {
    const place = { file, line: number };
    if (ended) throw metricsError(place, 'something follows `# EOF`.', 'End the page with that line.');
    if (line === '# EOF') {
      finish();
      ended = true;
      continue;
    }
    if (line.startsWith('#')) {
      const { kind, name, rest } = readMetadata(line, place);
      if (draft?.name !== name) {
        finish();
        draft = createDraft(name, number);
      }
      describe(draft, kind, rest, place);
      continue;
    }
    if (line === '') throw metricsError(place, 'a line is empty.', 'Leave empty lines out.');
    if (++samples > limits.samples) throw tooManySamples(place, limits);
    const sample = readSampleLine(line, place, { loose: false });
    if (!draft || !isOf(draft, sample.name)) {
      finish();
      draft = createDraft(sample.name, number);
    }
    take(draft, sample, file);
  }
  if (!ended)
    throw metricsError(
      { file, line: lastLine(text) },
      'the page does not end with `# EOF`, so it may have been cut.',
      'OpenMetrics ends with the line `# EOF`; the older format is asked for with text/plain.',
    );
  return { format: 'openmetrics', families };
}

const createDraft = (name: string, line: number): Draft => ({
  name,
  line,
  type: null,
  unit: null,
  help: null,
  samples: [],
  metrics: new Set(),
  metric: null,
  point: [],
  inPoint: new Set(),
});

const isOf = ({ name, type }: Draft, sample: string) =>
  sample.startsWith(name) && suffixesOf[type ?? 'unknown'].includes(sample.slice(name.length));

const lastLine = (text: string) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

function readMetadata(line: string, place: { readonly file: string; readonly line: number }) {
  const [, kind, name = '', rest = ''] = metadata.exec(line) ?? [];
  if (kind === 'TYPE' || kind === 'HELP' || kind === 'UNIT') return { kind, name, rest } as const;
  throw metricsError(
    place,
    `${quoteText(line)} is no line of OpenMetrics.`,
    'Behind `#` stands ` TYPE name type`, ` HELP name text`, ` UNIT name unit`, or ` EOF` as the last line; single spaces.',
  );
}

function describe(
  draft: Draft,
  kind: 'TYPE' | 'HELP' | 'UNIT',
  rest: string,
  place: { readonly file: string; readonly line: number },
): void {
  const { name } = draft;
  if (draft.samples.length > 0)
    throw metricsError(place, `${kind} of ${quoteText(name)} stands behind its samples.`, 'Put metadata before the samples.');
  const field = ({ TYPE: 'type', HELP: 'help', UNIT: 'unit' } as const)[kind];
  if (draft[field] !== null) throw metricsError(place, `${quoteText(name)} has a second ${kind}.`, 'Keep one.');
  if (kind === 'TYPE') {
    if (!isType(rest))
      throw metricsError(
        place,
        `${quoteText(name)} is of type ${quoteText(rest)}.`,
        `Write one of ${openMetricsTypes.join(', ')}, with nothing behind it.`,
      );
    draft.type = rest;
  } else if (kind === 'UNIT') {
    if (!unitText.test(rest))
      throw metricsError(place, `the unit of ${quoteText(name)} is ${quoteText(rest)}.`, 'A unit is letters, digits and `_`: seconds.');
    draft.unit = rest;
  } else draft.help = unescapeText(rest);
}

function take(draft: Draft, sample: Sample, file: string): void {
  const head: FamilyHead = { file, name: draft.name, type: draft.type ?? 'unknown' };
  const place = { file, line: sample.line };
  checkSample(sample, head);
  const metric = metricOf(sample, head);
  const before = draft.point[0];
  if (metric !== draft.metric) {
    endPoint(draft, file);
    if (draft.metrics.has(metric))
      throw metricsError(
        place,
        `${quoteText(draft.name + metric)} goes on behind another metric of its family.`,
        'Keep all samples of one set of labels together.',
      );
    draft.metrics.add(metric);
    draft.metric = metric;
  } else if (before && before.timestamp !== sample.timestamp) {
    if (before.timestamp === null || sample.timestamp === null)
      throw metricsError(place, `${quoteText(draft.name + metric)} has a timestamp in some lines only.`, 'Give all of them one, or none.');
    if (sample.timestamp < before.timestamp)
      throw metricsError(
        place,
        `${quoteText(draft.name + metric)} is of ${sample.timestamp} s, behind ${before.timestamp} s.`,
        'Points of a metric are sorted by time, each with all of its samples.',
      );
    endPoint(draft, file);
  }
  const series = sample.name + labelsText(sample.labels);
  if (draft.inPoint.has(series)) {
    if (sample.timestamp !== null) return;
    throw metricsError(place, `${quoteText(series)} stands there twice.`, 'Each set of labels has one value.');
  }
  draft.inPoint.add(series);
  draft.point.push(sample);
  draft.samples.push(sample);
}

function endPoint(draft: Draft, file: string): void {
  if (draft.point.length > 0) checkPoint(draft.point, { file, name: draft.name, type: draft.type ?? 'unknown' });
  draft.point = [];
  draft.inPoint.clear();
}
