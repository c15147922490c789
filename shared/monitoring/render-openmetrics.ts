import { type MetricName, type MetricSample, type MetricSpec, metricSpecs } from './metric-specs.ts';

/**
 * The text of a page in OpenMetrics 1.0 that Prometheus' older text format takes as well: gauges without timestamps, each family in one
 * piece, `# EOF` at its end. A textfile collector and a push gateway read it as it is.
 */
export function renderOpenMetrics(samples: readonly MetricSample[]): string {
  const names = Object.keys(metricSpecs) as MetricName[];
  const families = names.flatMap((name) => {
    const own = samples.filter((sample) => sample.name === name);
    if (own.length === 0) return [];
    const { help, unit }: MetricSpec = metricSpecs[name];
    return [
      `# TYPE ${name} gauge`,
      ...(unit ? [`# UNIT ${name} ${unit}`] : []),
      `# HELP ${name} ${escapeText(help)}`,
      // Of two columns whose names differ in what can't be shown, the first: a series that stands twice spoils the whole page.
      ...firstOfEach(own).map(([labels, value]) => `${name}${labels} ${numberText(value)}`),
    ];
  });
  return `${[...families, '# EOF'].join('\n')}\n`;
}

function firstOfEach(samples: readonly MetricSample[]): readonly (readonly [labels: string, value: number])[] {
  const found = new Map<string, number>();
  for (const { labels, value } of samples) {
    const text = labelText(labels);
    if (!found.has(text)) found.set(text, value);
  }
  return [...found];
}

const labelText = (labels: Readonly<Record<string, string>>) => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeText(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

/** Backslash, quote and line feed, as the format has it; what else can't be seen has no place on a page of text. */
const escapeText = (text: string) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, '�');

const numberText = (value: number) => {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
};
