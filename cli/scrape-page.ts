import { InfrastructureError, UserError } from '../shared/errors.ts';
import type { DescribedFamily, DescribedSeries, JsonNumber, MetricsPageDocument } from '../shared/rollout/sources/describe-page.ts';
import type { JudgeableMetric } from '../shared/rollout/sources/judgeable-metrics.ts';
import { formatNames } from '../shared/rollout/sources/metrics-page.ts';
import { formatCount, formatMany } from '../shared/words/format-number.ts';
import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo, ExitCode } from './command.ts';

/** `weighin rollout scrape URL|FILE`: what is understood of a page of metrics. */
export async function scrapePage(
  { page: where, all }: { readonly page: string | undefined; readonly all: boolean | undefined },
  io: CommandIo,
): Promise<ExitCode> {
  if (where === undefined)
    throw new UserError(
      'PAGE_MISSING',
      'No page of metrics is named.',
      'Write `weighin rollout scrape http://host:9102/metrics`, a file, or `-` for standard input.',
    );
  const [{ readMetricsPage }, { describePage }] = await Promise.all([
    import('../shared/rollout/sources/read-metrics-page.ts'),
    import('../shared/rollout/sources/describe-page.ts'),
  ]);
  const { bytes, contentType, from, file } = await bytesOf(where, io);
  const document = describePage(readMetricsPage(bytes, { file, contentType }), from);
  await io.writeJson(document);
  printPage(document, all === true, io);
  return 0;
}

interface PageBytes {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** For people. */
  readonly from: string;
  /** What errors name, so that a file's line can be shown. */
  readonly file: string;
}

async function bytesOf(where: string, { cwd }: CommandIo): Promise<PageBytes> {
  const { pageLimits } = await import('../shared/rollout/sources/page-limits.ts');
  if (/^https?:\/\//i.test(where)) return fetchPage(where, pageLimits.bytes);
  if (where === '-') return { bytes: await readInput(pageLimits.bytes), contentType: null, from: 'standard input', file: 'standard input' };
  const { readTextFile } = await import('./read-text-file.ts');
  const { readFile } = await import('node:fs/promises');
  const { resolve } = await import('node:path');
  // Says what is wrong with the file; the bytes are what is read, so that broken text is seen.
  await readTextFile(where, cwd, 'PAGE');
  return { bytes: await readFile(resolve(cwd, where)), contentType: null, from: visibleText(where), file: where };
}

async function fetchPage(where: string, limit: number): Promise<PageBytes> {
  const [{ readSourceAddress }, { fetchBytes }, { metricsAccept }] = await Promise.all([
    import('../shared/rollout/sources/source-address.ts'),
    import('../shared/adapters/metric-sources/fetch-bytes.ts'),
    import('../shared/rollout/sources/read-metrics-page.ts'),
  ]);
  const address = readSourceAddress(where);
  const answer = await fetchBytes(address, { accept: metricsAccept, token: null, timeout: 10_000, limit });
  if (answer.is === 'too-large')
    throw new UserError('METRICS_TOO_LARGE', `${answer.detail}.`, 'Serve the metrics of the model on a page of their own.');
  if (answer.is !== 'answer') throw new InfrastructureError('PAGE_UNREACHABLE', `${answer.detail}.`);
  if (answer.status !== 200)
    throw new InfrastructureError('PAGE_UNREACHABLE', `${address.shown} answers ${answer.status}, no page of metrics.`);
  return { bytes: answer.bytes, contentType: answer.contentType ?? 'text/plain', from: address.shown, file: address.shown };
}

async function readInput(limit: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.byteLength;
    // One byte beyond is enough to be refused.
    if (size > limit) break;
  }
  return Buffer.concat(parts);
}

/** So many series of a family are shown unless all are asked for. */
const SHOWN = 4;

function printPage(document: MetricsPageDocument, all: boolean, { colors, print }: CommandIo): void {
  const { format, families, series, from, metrics, judgeable } = document;
  const name = formatNames[format];
  const counted = `${formatMany(families, 'family', 'families')}, ${formatMany(series, 'series', 'series')}`;
  print(`${colors.green('✓')} ${colors.bold(name)}: ${counted}`);
  print(`  ${colors.dim(from)}`);
  const width = Math.min(60, Math.max(0, ...metrics.map((family) => family.name.length)));
  for (const family of metrics) {
    print('');
    const facts = [family.type, formatMany(family.series.length, 'series', 'series'), ...(family.unit ? [family.unit] : [])];
    print(`  ${colors.bold(family.name.padEnd(width))}  ${colors.dim(facts.join(', '))}`);
    if (family.help) print(`    ${colors.dim(clipText(visibleText(family.help), 120))}`);
    const shown = all ? family.series : family.series.slice(0, SHOWN);
    for (const each of shown) for (const line of linesOf(family, each)) print(`    ${line}`);
    const left = family.series.length - shown.length;
    if (left > 0) print(`    ${colors.dim(`… and ${formatCount(left)} more; --all prints them`)}`);
  }
  print('');
  if (judgeable.length === 0) {
    print(
      `  ${colors.yellow('!')} no counts here tell versions apart: a rollout needs counters or histograms with a label such as version="v12"`,
    );
    return;
  }
  print('  A rollout could be judged by:');
  for (const metric of judgeable) {
    print(`    ${entryOf(metric)}`);
    const edges = 'edges' in metric ? `; edges ${metric.edges.join(', ')}` : '';
    print(`      ${colors.dim(`seen of ${metric.versions.map(visibleText).join(', ')}${edges}`)}`);
  }
}

/** As weighin.yaml has it; limits are for whoever writes it. */
function entryOf(metric: JudgeableMetric): string {
  if ('bad' in metric) return `- {name: ${metric.name}, bad: '${metric.bad}', total: '${metric.total}', max: 0.01}`;
  if ('le' in metric) return `- {name: ${metric.name}, histogram: '${metric.histogram}', le: ${metric.le}, max: 0.01}`;
  return `- {name: ${metric.name}, histogram: '${metric.histogram}', test: distribution, max: 0.1}`;
}

function linesOf({ type }: DescribedFamily, { labels, value, edges, counts, count, sum, quantiles }: DescribedSeries): readonly string[] {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${clipText(visibleText(text), 60)}"`);
  const of = pairs.length > 0 ? `{${pairs.join(',')}}  ` : '';
  if (edges && counts) {
    const whole = counts.reduce<number>((total, each) => total + (typeof each === 'number' ? each : 0), 0);
    const filled = edges.flatMap((edge, at) => (counts[at] === 0 ? [] : [`≤ ${edge}: ${numberText(counts[at]!)}`]));
    return [
      `${of}${formatMany(whole, type === 'histogram' ? 'observation' : 'value')}, ${formatMany(edges.length, 'bucket')} up to ${edges.at(-2) ?? '+Inf'}`,
      ...(filled.length > 0 ? [`  ${filled.join(' · ')}`] : []),
    ];
  }
  if (quantiles) {
    const parts = [
      ...quantiles.map((each) => `q${each.quantile}: ${numberText(each.value)}`),
      ...(count === undefined ? [] : [`count ${numberText(count)}`]),
      ...(sum === undefined ? [] : [`sum ${numberText(sum)}`]),
    ];
    return [`${of}${parts.join(' · ')}`];
  }
  return [`${of}${value === undefined ? '' : numberText(value)}`];
}

const numberText = (value: JsonNumber) => (typeof value === 'number' && Number.isInteger(value) ? formatCount(value) : String(value));
