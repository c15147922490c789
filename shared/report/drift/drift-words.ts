import type { DriftColumn, DriftReport, Level } from '../../drift/drift-report.ts';
import type { MonitoringReport } from '../../monitoring/monitoring-report.ts';
import { formatCount, formatFixed, formatMany, formatPercent } from '../../words/format-number.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';

/** Mark, word and picture of a level; the class is the verdict's of the same colour. */
export const levelWords: Readonly<
  Record<Level, { readonly mark: string; readonly word: string; readonly emoji: string; readonly role: 'fail' | 'warn' | 'pass' }>
> = {
  drift: { mark: '✕', word: 'drift', emoji: '❌', role: 'fail' },
  shift: { mark: '!', word: 'shift', emoji: '⚠️', role: 'warn' },
  none: { mark: '✓', word: 'steady', emoji: '✅', role: 'pass' },
};

const reasons: Readonly<Record<string, string>> = {
  'not-enough-data': 'not enough data: fewer than 50 rows with a value on a side',
  'all-missing': 'no value at all on a side',
  constant: 'one and the same value on both sides',
  'a-time-moves-by-nature': 'a time: it moves by nature',
  'nearly-all-distinct': 'nearly every row has its own value, as names of rows do',
  'type-changed': 'another type on each side',
  'missing-column': 'on one side alone',
  'does-not-apply': 'the method does not apply to this type',
};

/** Why a column was not tested; a reason without words of its own is shown as it is. */
export const reasonWords = (reason: string): string => reasons[reason] ?? clipText(reason.replaceAll('-', ' '), 160);

/** Both sides by the last part of their paths, with the folder where that alone doesn't tell them apart. */
export function sideNames({ reference, current }: DriftReport): { readonly reference: string; readonly current: string } {
  const last = (name: string, parts: number) => name.split(/[/\\]/).filter(Boolean).slice(-parts).join('/') || name;
  const parts = [1, 2, 3].find((count) => last(reference.name, count) !== last(current.name, count)) ?? 1;
  return { reference: clipText(last(reference.name, parts), 80), current: clipText(last(current.name, parts), 80) };
}

/** What the reports call the model, or the newer table where none is known. */
export const nameOf = (report: DriftReport): string => (report.model === null ? sideNames(report).current : clipText(report.model, 120));

/** `churn: 2 of 18 columns drifted …`: the report's own sentence, with the model's name once. */
export function headlineOf(report: DriftReport): string {
  const [name, text] = [visibleText(nameOf(report)), clipText(visibleText(report.headline), 400)];
  return text.startsWith(`${name}: `) ? text : `${name}: ${text}`;
}

/** `p < .001`, `p = .034`. */
export const sayP = (p: number | null, name = 'p'): string =>
  p === null ? `no ${name}` : p < 0.001 ? `${name} < .001` : `${name} = ${formatFixed(p, 3)}`;

/** `< .001`, `.034`, `–`: the figure alone, for tables. */
export const formatP = (p: number | null): string => (p === null ? '–' : p < 0.001 ? '< .001' : formatFixed(p, 3));

/** `n 1,000,000 → 998,102`, once where both sides have as many. */
export const sayRows = ({ reference, current }: DriftColumn['n']): string =>
  reference === current ? `n ${formatCount(current)} each` : `n ${formatCount(reference)} → ${formatCount(current)}`;

/** `12.4 %`: the share of rows that would have to move for both sides to be alike. */
export const formatEffect = (effect: number | null): string => (effect === null ? '–' : formatPercent(effect));

/** Of a named method its own statistic beside its limit, of the default the effect: `12.4 % of rows`, `psi .31, limit .2`. */
export function sayEffect(column: DriftColumn): string {
  const { effect, method, threshold } = column;
  if (isNamed(column)) return `${methodName(method)} ${sayScore(column)}${threshold === null ? '' : `, limit ${formatScore(threshold)}`}`;
  return effect === null ? 'not measured' : `${formatPercent(effect)} of rows`;
}

/** Judged by a method that was asked for by name, which has its own score. */
export const isNamed = ({ method, score }: DriftColumn): boolean => method !== 'default' && score !== null;

/** The score of a named method: `.831`, of a test `p < .001`. */
export const sayScore = ({ score, pValue }: DriftColumn): string =>
  score === null ? '–' : score === pValue ? sayP(score) : formatScore(score);

/** What stands beside the effect in a table: the adjusted p of the default, the score and limit of a method by name. */
export function sayDecision(column: DriftColumn, columns: readonly DriftColumn[]): string {
  if (isNamed(column)) return sayEffect(column);
  // In a table of both the p says that it is one.
  return column.adjustedP !== null && columns.some(isNamed) ? `adjusted ${sayP(column.adjustedP)}` : formatP(column.adjustedP);
}
export const decisionTitle = (columns: readonly DriftColumn[]): string => (columns.some(isNamed) ? 'score, limit' : 'adjusted p');

export const methodName = (method: string): string => clipText(method.replaceAll('_', ' '), 60);

export function formatScore(score: number): string {
  const size = Math.abs(score);
  if (size !== 0 && (size < 0.0005 || size >= 1e6)) return score.toExponential(1).replaceAll('-', '−');
  return size >= 100 ? formatCount(score) : formatFixed(score, 3);
}

/** `exact: every row`, `at most .4 % off: a profile's buckets`. */
export function sayExactness({ exactness, bound }: DriftColumn): string {
  if (exactness === 'exact') return 'exact: every row counted';
  if (exactness === 'sampled') return 'sampled: of some rows';
  return bound === null ? 'bounded: of a profile’s buckets' : `of a profile’s buckets, at most ${formatPercent(bound)} of rows off`;
}

/**
 * Where a column's values went: `higher` or `lower` for numbers, by the mean place over the common bins; empty where neither side is
 * clearly above the other, and for what has no order.
 */
export function direction({ type, shape, effect }: DriftColumn): 'higher' | 'lower' | '' {
  if (type === 'categorical' || type === 'text' || !shape || effect === null) return '';
  let below = 0;
  let [most, least] = [0, 0];
  for (const [bin, share] of shape.reference.entries()) {
    below += share - (shape.current[bin] ?? 0);
    most = Math.max(most, below);
    least = Math.min(least, below);
  }
  // Both ends moved about as much: wider or narrower, not up or down.
  if (Math.max(most, -least) < 0.003 || Math.min(most, -least) > 0.5 * Math.max(most, -least)) return '';
  return most > -least ? 'higher' : 'lower';
}

/** A figure of `shown` of one side, by whatever way its name is written: `missing.reference`, `referenceMissing`. */
export function shownOf({ shown }: DriftColumn, what: string, side: 'reference' | 'current'): number | null {
  const wanted = [`${what}${side}`, `${side}${what}`];
  for (const [name, value] of Object.entries(shown)) if (wanted.includes(name.toLowerCase().replace(/[^a-z0-9]/g, ''))) return value;
  return null;
}

/** A moment as people read it: the day alone where it is a midnight of UTC; what is no moment stands as it is. */
export function formatMoment(text: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:Z|\+00(?::?00)?)?)?$/.exec(text);
  if (!parts) return clipText(text, 60);
  const [, day = '', minute] = parts;
  const midnight = minute === '00:00' && Number(parts[3] ?? 0) === 0 && Number(parts[4] ?? 0) === 0;
  return minute === undefined || midnight ? day : `${day} ${minute} UTC`;
}

/** `2026-11-01 – 2026-11-08`, or what of it is known. */
export function formatSpan(from: string | null, to: string | null): string {
  if (from === null && to === null) return '';
  if (from === null || to === null) return from === null ? `until ${formatMoment(to ?? '')}` : `from ${formatMoment(from)}`;
  const [first, last] = [formatMoment(from), formatMoment(to)];
  // Of some days nobody asks the minute.
  const long = Date.parse(to) - Date.parse(from) >= 2 * 86_400_000;
  const [start, end] =
    long && / UTC$|^[\d-]+$/.test(first) && / UTC$|^[\d-]+$/.test(last) ? [first.slice(0, 10), last.slice(0, 10)] : [first, last];
  return start === end ? start : `${start} – ${end}`;
}

/** What the headline leaves out: `15 of 18 columns did not move; 3 could not be compared.` */
export function sayRest(report: DriftReport): string {
  const { compared, notTested } = report.dataset.columns;
  const { steady } = groupColumns(report);
  const parts = [
    compared > 0 ? `${formatCount(steady.length)} of ${formatMany(compared, 'column')} did not move` : '',
    notTested > 0 ? `${formatCount(notTested)} could not be compared` : '',
  ].filter(Boolean);
  return parts.length === 0 ? 'There is no column to compare.' : `${parts.join('; ')}.`;
}

/** What to do now, by what was found. One sentence, plain words. */
export function sayNext(report: DriftReport, monitoring?: MonitoringReport): string {
  if (monitoring?.retrain) return `retraining is asked for: ${clipText(monitoring.retrain.reason, 400)}`;
  // What decided comes first: a stale table with a column that shifted is not mended at the column.
  const { level: whole } = report.dataset;
  const drifted = report.columns.find(({ level }) => level === 'drift');
  const finding = report.findings.find(({ level }) => level === whole && level !== 'none');
  const first = report.columns.find(({ level }) => level === whole && level !== 'none') ?? (finding ? undefined : drifted);
  const name = first
    ? `\`${first.column.replaceAll('`', '’')}\``
    : finding
      ? finding.column === ''
        ? 'the data'
        : `\`${finding.column.replaceAll('`', '’')}\``
      : 'the columns below';
  switch (report.dataset.level) {
    case 'drift':
      return `look where ${name} comes from: a changed source is mended there, a changed world needs a new training.`;
    case 'shift':
      if (drifted && report.windows.length === 0)
        return `nothing has to be done now: by ${clipText(report.method, 60)} too few of the columns drifted for an alarm. Keep an eye on ${name}.`;
      return `nothing has to be done now: the change is real, and smaller than the alarm’s limit or not yet confirmed. Keep an eye on ${name}.`;
    case 'none':
      return report.verdict === 'inconclusive'
        ? 'bring more rows, or a longer window: nothing could be decided with these.'
        : 'nothing to do.';
  }
}

/** The columns by what a reader wants first: the report's own order within each group. */
export function groupColumns(report: DriftReport) {
  const tested = report.columns.filter(({ notTested }) => notTested === null);
  return {
    drifted: tested.filter(({ level }) => level === 'drift'),
    shifted: tested.filter(({ level }) => level === 'shift'),
    steady: tested.filter(({ level }) => level === 'none'),
    notTested: report.columns.filter(({ notTested }) => notTested !== null),
  };
}

/** `318 positives came where the scores promise 402.1: × .79 (.71 … .88)`; null where nothing is known. */
export function sayCalibration(performance: MonitoringReport['performance']): string | null {
  const calibration = performance?.calibration;
  if (!calibration) return null;
  const { observed, expected, ratio, interval } = calibration;
  const times =
    ratio === null
      ? ''
      : `: × ${formatFixed(ratio, 2)}${interval ? ` (${formatFixed(interval.low, 2)} … ${formatFixed(interval.high, 2)})` : ''}`;
  return `${formatMany(observed, 'positive')} came where the scores promise ${formatFixed(expected, 1)}${times}`;
}
