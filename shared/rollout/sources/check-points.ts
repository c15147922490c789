import { metricsError, quoteText } from './metrics-error.ts';
import { labelsText, type MetricType, type Sample } from './metrics-page.ts';

/** Names of samples that a family of a type has, behind its own. */
export const suffixesOf: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  stateset: [''],
  info: ['_info'],
  summary: ['', '_sum', '_count', '_created'],
  unknown: [''],
};

export interface FamilyHead {
  readonly file: string;
  readonly name: string;
  readonly type: MetricType;
}

/** Which of its family's metrics a sample is of: its labels without those that its type adds. */
export const metricOf = ({ name, labels }: Sample, head: FamilyHead): string => {
  switch (head.type) {
    case 'histogram':
    case 'gaugehistogram':
      return labelsText(labels, name === `${head.name}_bucket` ? 'le' : undefined);
    case 'summary':
      return labelsText(labels, name === head.name ? 'quantile' : undefined);
    case 'stateset':
      return labelsText(labels, head.name);
    default:
      return labelsText(labels);
  }
};

const counts = new Set(['_total', '_sum', '_count', '_bucket', '_gcount']);
const integers = new Set(['_bucket', '_count', '_gcount']);
const neverNaN = new Set([...counts, '_gsum', '_created']);

/** What a sample must be by itself, for the type of its family. @throws UserError METRICS_INVALID */
export function checkSample(sample: Sample, head: FamilyHead): void {
  const { file, name, type } = head;
  const { value, labels, exemplar, line } = sample;
  const fails = (message: string, hint: string) => metricsError({ file, line }, message, hint);
  const suffix = sample.name.slice(name.length);
  const shown = quoteText(sample.name);
  if (type === 'stateset') {
    if (!labels.has(name)) throw fails(`${shown} has no label ${name} with its state.`, `Write \`${name}{${name}="state"} 1\`.`);
    if (value !== 0 && value !== 1) throw fails(`${shown} is ${value}; a state is 0 or 1.`, 'Write 1 for the state that it is in.');
  }
  if (type === 'info' && value !== 1) throw fails(`${shown} is ${value}; an info is always 1.`, 'Put what it says into labels.');
  if (type === 'summary' && suffix === '') {
    const text = labels.get('quantile');
    const quantile = readEdge(text);
    if (!(quantile >= 0 && quantile <= 1))
      throw fails(
        text === undefined ? `${shown} has no label quantile.` : `${shown} is of quantile ${quoteText(text)}.`,
        'A quantile is a number of 0 … 1.',
      );
    if (value < 0) throw fails(`${shown} is ${value}; a quantile is never negative.`, 'Use a gauge for values below zero.');
  }
  if (suffix === '_bucket' && Number.isNaN(readEdge(labels.get('le'))))
    throw fails(
      labels.has('le') ? `${shown} has the edge ${quoteText(labels.get('le')!)}.` : `${shown} has no label le.`,
      'le is the upper edge of the bucket: a number, `+Inf` for the last.',
    );
  if (suffix !== '' && type !== 'info') {
    if (neverNaN.has(suffix) && (Number.isNaN(value) || (suffix === '_created' && !Number.isFinite(value))))
      throw fails(`${shown} is ${value}; ${suffix === '_created' ? 'a time' : 'a count'} is a number.`, 'Leave out what is not known.');
    if (counts.has(suffix) && value < 0) throw fails(`${shown} is ${value}; counts are never negative.`, 'Use a gauge for what can fall.');
    if (integers.has(suffix) && !Number.isInteger(value))
      throw fails(`${shown} is ${value}; a count is a whole number.`, 'Count events; a sum of values belongs into _sum.');
  }
  if (exemplar) {
    if (suffix !== '_bucket' && suffix !== '_total')
      throw fails(`${shown} has an exemplar.`, 'Only counters (_total) and buckets of histograms have exemplars.');
    if (suffix === '_bucket' && exemplar.value > readEdge(labels.get('le')))
      throw fails(
        `${shown} has an exemplar of ${exemplar.value}, beyond its edge ${labels.get('le')}.`,
        'An exemplar lies within its bucket.',
      );
  }
}

const edge = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Of `le` and `quantile`: texts that stand for numbers; +Inf is written one way. NaN where it is none. */
export const readEdge = (text: string | undefined): number =>
  text === undefined ? Number.NaN : text === '+Inf' ? Number.POSITIVE_INFINITY : edge.test(text) ? Number(text) : Number.NaN;

/** What the samples of one point of a metric must be together. @throws UserError METRICS_INVALID */
export function checkPoint(samples: readonly Sample[], head: FamilyHead): void {
  const { file, name, type } = head;
  const first = samples[0]!;
  const fails = (message: string, hint: string, line = first.line) => metricsError({ file, line }, message, hint);
  const find = (suffix: string) => samples.find((sample) => sample.name === name + suffix);
  const of = `${quoteText(name + metricOf(first, head))}`;
  if (type === 'counter' && !find('_total')) throw fails(`the counter ${of} has no ${name}_total.`, 'Give its count, 0 at first.');
  if (type !== 'histogram' && type !== 'gaugehistogram') return;
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const whole = checkBuckets(buckets, (message, hint, line) => fails(`the histogram ${of} ${message}.`, hint, line));
  const [sum, count] = type === 'histogram' ? [find('_sum'), find('_count')] : [find('_gsum'), find('_gcount')];
  const [sumName, countName] = type === 'histogram' ? ['_sum', '_count'] : ['_gsum', '_gcount'];
  if (count && count.value !== whole)
    throw fails(`${of} counts ${count.value} and has ${whole} in its +Inf bucket.`, `${countName} equals the last bucket.`, count.line);
  if (Boolean(sum) !== Boolean(count))
    throw fails(
      `the histogram ${of} has ${sum ? sumName : countName} and no ${sum ? countName : sumName}.`,
      'Give both or neither.',
      (sum ?? count)!.line,
    );
  const hasNegative = buckets.some(({ labels }) => readEdge(labels.get('le')) < 0);
  if (sum && hasNegative && type === 'histogram')
    throw fails(`the histogram ${of} has a bucket below zero and a _sum.`, 'Leave _sum and _count out: it can fall.', sum.line);
  if (sum && !hasNegative && sum.value < 0)
    throw fails(
      `the histogram ${of} has a ${sumName} of ${sum.value} and no bucket below zero.`,
      'A sum of such values is not negative.',
      sum.line,
    );
}

/** Edges rise, counts do not fall, the last is +Inf. Answers how many fell into all of them. */
export function checkBuckets(buckets: readonly Sample[], fails: (message: string, hint: string, line?: number) => Error): number {
  let [edgeBefore, countBefore] = [Number.NEGATIVE_INFINITY, 0];
  for (const { labels, value, line } of buckets) {
    const le = readEdge(labels.get('le'));
    if (le <= edgeBefore && edgeBefore !== Number.NEGATIVE_INFINITY)
      throw fails(`has the edge ${labels.get('le')} behind ${edgeText(edgeBefore)}`, 'Edges rise and each stands there once.', line);
    if (value < countBefore)
      throw fails(
        `counts ${value} up to ${labels.get('le')} and ${countBefore} up to ${edgeText(edgeBefore)}`,
        'Buckets are cumulative: each holds those below it too.',
        line,
      );
    [edgeBefore, countBefore] = [le, value];
  }
  if (edgeBefore !== Number.POSITIVE_INFINITY)
    throw fails('has no bucket with le="+Inf"', 'The last bucket holds everything: `le="+Inf"`.', buckets.at(-1)?.line);
  return countBefore;
}

const edgeText = (value: number) => (value === Number.POSITIVE_INFINITY ? '+Inf' : String(value));
