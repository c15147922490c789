/**
 * Numbers as the report, the comment, the card and the terminal write them: a real minus, `.846` for shares, thousands in groups,
 * units beside values. Every reader of a report takes them from here, so that one number looks the same everywhere.
 */

export type Unit = 'share' | 'ms' | 'bytes' | 'count' | 'target' | 'none';

const minus = '−';
const signed = (value: number, text: string) => (value > 0 && /[1-9]/.test(text) ? `+${text}` : text);
const isZero = (text: string) => !/[1-9]/.test(text);

/** `21,340`. */
export const formatCount = (value: number) => grouped(Math.round(value).toString());

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.replace('-', '').split('.');
  const text = `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction === undefined ? '' : `.${fraction}`}`;
  return digits.startsWith('-') && !isZero(text) ? minus + text : text;
}

/** `.846`, `−.061`, `1.000`: without the zero that says nothing. */
export function formatFixed(value: number, digits: number): string {
  const text = grouped(value.toFixed(digits));
  return isZero(text) ? '0' : text.replace(/^(−?)0\./, '$1.');
}

/** Digits after the point with which `width` (an interval, a margin) still shows; three at least, six at most. */
export function digitsFor(...widths: readonly (number | null)[]): number {
  const smallest = Math.min(...widths.flatMap((width) => (width !== null && Math.abs(width) > 1e-12 ? [Math.abs(width)] : [])));
  return Number.isFinite(smallest) ? Math.min(6, Math.max(3, Math.ceil(-Math.log10(smallest)))) : 3;
}

/** Four significant digits for quantities of the target's own scale, thousands grouped. */
function formatQuantity(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-6) return value.toExponential(2).replace(/-/g, minus);
  return grouped(size >= 1000 ? value.toFixed(size < 10_000 ? 1 : 0) : String(Number(value.toPrecision(4))));
}

/** A metric's value with its unit: `.846`, `4.1 ms`, `12.4 MB`, `1,204`. `digits` counts for shares alone. */
export function formatValue(value: number | null, unit: Unit, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return '–';
  switch (unit) {
    case 'share':
      return formatFixed(value, digits);
    case 'ms':
      return formatMilliseconds(value);
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return formatCount(value);
    case 'target':
      return formatQuantity(value);
    case 'none':
      return Math.abs(value) <= 1 ? formatFixed(value, digits) : formatQuantity(value);
  }
}

/** A difference: like `formatValue`, with its sign. */
export function formatDifference(value: number | null, unit: Unit, digits = 3): string {
  return value === null ? '–' : signed(value, formatValue(value, unit, digits));
}

/** `11.0 %` of a share of .11; more digits where that would read as 0. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  const digits = percent !== 0 && Math.abs(percent) < 0.05 ? 3 : 1;
  return `${grouped(percent.toFixed(digits))} %`;
}

/** `+46 %` of a relative difference of .46. */
export function formatRelative(share: number): string {
  const percent = share * 100;
  return `${signed(percent, grouped(percent.toFixed(Math.abs(percent) < 10 && Math.abs(percent % 1) > 0.05 ? 1 : 0)))} %`;
}

/** `6.1 points` of a difference of −.061: the size alone, since the verb says where to. */
export function formatPoints(difference: number): string {
  const size = Math.abs(difference) * 100;
  const text = grouped(size.toFixed(size !== 0 && size < 0.05 ? 2 : 1));
  return `${text} ${text === '1.0' ? 'point' : 'points'}`;
}

/** Decimal sizes, as `max: 50MB` is written. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)));
  const text = (bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1).replace(/\.0$/, '');
  return `${grouped(text)} ${units[step]}`;
}

/** `4.1 ms`, `.082 ms`, `1,204 ms`. */
export function formatMilliseconds(value: number): string {
  const size = Math.abs(value);
  const text = size >= 100 || size === 0 ? grouped(value.toFixed(0)) : size >= 1 ? grouped(value.toFixed(1)) : formatFixed(value, 3);
  return `${text} ms`;
}

/** `0.4 s`, `38 s`, `4 min 10 s`, `1 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** `today`, `1 day old`, `38 days old`. */
export function formatAge(days: number): string {
  const whole = Math.floor(days);
  return whole <= 0 ? 'born today' : whole === 1 ? '1 day old' : `${formatCount(whole)} days old`;
}

/** `1 row`, `312 rows`. */
export const formatMany = (count: number, one: string, many = `${one}s`) => `${formatCount(count)} ${count === 1 ? one : many}`;

/** First eight hex digits of `sha256:…`, first seven of a commit. */
export const shortDigest = (digest: string) => digest.replace(/^sha256:/, '').slice(0, 8);
export const shortCommit = (commit: string) => commit.slice(0, 7);
