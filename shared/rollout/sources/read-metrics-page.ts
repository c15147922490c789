import { UserError } from '../../errors.ts';
import { formatBytes } from '../../words/format-number.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import type { MetricsFormat, MetricsPage } from './metrics-page.ts';
import { type PageLimits, pageLimits } from './page-limits.ts';
import { parseOpenMetrics } from './parse-openmetrics.ts';
import { parsePrometheusText } from './parse-prometheus-text.ts';

/** What to ask a page for: OpenMetrics, else the older text. */
export const metricsAccept = 'application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5';

/**
 * A page of metrics, whole or not at all. `contentType` says the format; without one (a file) a page that ends with `# EOF` is OpenMetrics.
 *
 * @param file what errors call it: a path, or an address without credentials
 * @throws UserError METRICS_INVALID, METRICS_TOO_LARGE, METRICS_FORMAT
 */
export function readMetricsPage(
  bytes: Uint8Array,
  { file, contentType, limits = pageLimits }: { readonly file: string; readonly contentType: string | null; readonly limits?: PageLimits },
): MetricsPage {
  if (bytes.byteLength > limits.bytes) throw pageTooLarge(file, limits);
  const text = decode(bytes, file);
  switch (contentType === null ? guessFormat(text) : formatOf(contentType, file)) {
    case 'openmetrics':
      return parseOpenMetrics(text, file, limits);
    case 'prometheus':
      return parsePrometheusText(text, file, limits);
  }
}

export const pageTooLarge = (file: string, { bytes }: PageLimits) =>
  new UserError(
    'METRICS_TOO_LARGE',
    `The page is larger than ${formatBytes(bytes)}.`,
    'Serve the metrics of the model on a page of their own.',
    { file },
  );

const guessFormat = (text: string): MetricsFormat => (/(?:^|\n)# EOF\n?$/.test(text) ? 'openmetrics' : 'prometheus');

function formatOf(contentType: string, file: string): MetricsFormat {
  const [kind = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const versionOf = parameters.find((part) => part.startsWith('version='))?.slice('version='.length);
  if (kind === 'application/openmetrics-text' && (versionOf === undefined || versionOf === '1.0.0' || versionOf === '0.0.1'))
    return 'openmetrics';
  if (kind === 'text/plain' && (versionOf === undefined || versionOf === '0.0.4')) return 'prometheus';
  throw new UserError(
    'METRICS_FORMAT',
    `The answer is ${clipText(visibleText(contentType), 80)}, which is no page of metrics.`,
    'Name the address of a page of metrics, often /metrics: application/openmetrics-text or text/plain; version=0.0.4.',
    { file },
  );
}

function decode(bytes: Uint8Array, file: string): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new UserError('METRICS_INVALID', 'The page begins with a byte order mark.', 'Write UTF-8 without one.', {
      file,
      line: 1,
      column: 1,
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError('METRICS_INVALID', 'The page is no UTF-8.', 'Write labels and HELP in UTF-8.', {
      file,
      line: lineOfBrokenText(bytes),
    });
  }
}

/** The first line that is no UTF-8 by itself. */
function lineOfBrokenText(bytes: Uint8Array): number {
  let [line, start] = [1, 0];
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    line++;
    start = end + 1;
  }
}
