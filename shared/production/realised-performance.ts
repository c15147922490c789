import type { Level } from '../drift/drift-report.ts';
import { findChangePoint } from '../drift/find-change-point.ts';
import { findMetric } from '../evaluation/metrics.ts';
import { studentQuantile } from '../statistics/student-t.ts';
import { meanOf } from '../statistics/sums.ts';
import type { Notice } from '../verdict/notice.ts';
import { formatDifference, formatMany, formatValue } from '../words/format-number.ts';
import type { Task } from './labelled-answers.ts';
import type { MeasuredWindows } from './measure-windows.ts';
import type { Performance, PerformanceWindow, WindowMetric } from './performance.ts';
import { fewestReferenceWindows, type PerformanceReference } from './performance-reference.ts';

export interface PerformanceSettings {
  readonly model?: string | null;
  /** The metric that decides; the first of the windows' where left out. */
  readonly metric?: string;
  /** By metric, on its own scale; two points of a share, a tenth of the reference of anything else. */
  readonly margins?: Readonly<Record<string, number>>;
  readonly agree?: { readonly k: number; readonly m: number };
  readonly minSamples?: { readonly rows: number; readonly perClass: number };
}

const usualAgreement = { k: 2, m: 3 };
const usualSamples = { rows: 200, perClass: 30 };

/** Where a metric is expected, and how well that is known. */
interface Band {
  readonly value: number;
  /** How far the reference's own interval reaches above and below its value. */
  readonly above: number;
  readonly below: number;
  /** Half the width in which a next window is expected; 0 for an evaluation. */
  readonly spread: number;
  /** For people: the evaluation's interval, or where a next window is expected. */
  readonly shown: { readonly low: number; readonly high: number } | null;
  readonly windows: number;
}

/**
 * Holds each window's metrics against the reference, by evidence of harm at one-sided (1 − level)/2 a window:
 * - shift: the interval of `window − reference` (MOVER: Zou & Donner 2008, of the two intervals) lies on the worse side of 0 as a whole. Of
 *   reference windows, the value lies also below where a next window is expected (mean − t·s·√(1 + 1/K), K ≥ 7), so that days that always
 *   differed are no finding.
 * - drift: that interval lies beyond the margin as a whole, and so in k of the last m windows that could be judged, this one included; else
 *   it stays a shift. k of m is a filter for people, not the error control.
 * The expected calibration error is biased upwards in small windows: it is shown, and decides nothing.
 */
export function realisedPerformance(
  measured: MeasuredWindows,
  reference: PerformanceReference | null,
  settings: PerformanceSettings = {},
): Performance {
  const { agree = usualAgreement, minSamples = usualSamples } = settings;
  const metric = settings.metric ?? measured.windows.flatMap(({ metrics }) => metrics)[0]?.name ?? '';
  const names = [...new Set(measured.windows.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
  const bands = new Map(names.flatMap((name) => bandEntry(name, measured.task, reference, measured.confidence)));
  const margins = new Map(names.flatMap((name) => marginEntry(name, bands.get(name), measured, settings)));
  const judged = measured.windows.map(
    (window): PerformanceWindow => ({
      ...window,
      metrics: window.metrics.map((one) => judgeMetric(one, bands.get(one.name), margins.get(one.name) ?? 0, measured.task, minSamples)),
    }),
  );
  const windows = agreeOn(judged, agree);
  const newest = windows.findLast((window) => decidingOf(window, metric)?.note === null);
  const deciding = newest && decidingOf(newest, metric);
  const level = deciding?.level ?? 'none';
  const band = bands.get(metric);
  const noLabels = windows.every(({ labelled }) => labelled === 0);
  const open = !deciding || band === undefined;
  return {
    schema: 'weighin/performance@1',
    model: settings.model ?? null,
    verdict: open ? 'inconclusive' : level === 'drift' ? 'fail' : level === 'shift' ? 'warn' : 'pass',
    level,
    headline: headline({ windows, newest, deciding, band, level, noLabels }),
    metric,
    confidence: measured.confidence,
    reference: {
      kind: band === undefined ? 'none' : (reference?.kind ?? 'none'),
      windows: band?.windows ?? 0,
      value: band?.value ?? null,
      interval: band?.shown ?? null,
    },
    margin: band === undefined ? null : (margins.get(metric) ?? null),
    agree,
    windows: [...windows],
    since: level === 'none' ? null : beganAt(windows, metric, reference),
    notices: [...measured.notices, ...referenceNotices(reference, band, metric, noLabels)],
  };
}

const decidingOf = (window: PerformanceWindow, metric: string) => window.metrics.find(({ name }) => name === metric);

function bandEntry(name: string, task: Task, reference: PerformanceReference | null, confidence: number): [string, Band][] {
  if (reference === null || findMetric(task, name) === undefined) return [];
  if (reference.kind === 'evaluation') {
    const found = Object.hasOwn(reference.metrics, name) ? reference.metrics[name] : undefined;
    if (!found) return [];
    const { low, high } = found.interval ?? { low: found.value, high: found.value };
    const { value } = found;
    return [[name, { value, above: high - value, below: value - low, spread: 0, shown: found.interval, windows: 0 }]];
  }
  const values = reference.windows.flatMap(({ metrics }) => metrics.find((one) => one.name === name)?.value ?? []);
  if (values.length < fewestReferenceWindows) return [];
  const k = values.length;
  const value = meanOf(values);
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (k - 1));
  const t = -studentQuantile((1 - confidence) / 2, k - 1);
  const spread = t * deviation * Math.sqrt(1 + 1 / k);
  const half = (t * deviation) / Math.sqrt(k);
  return [[name, { value, above: half, below: half, spread, shown: { low: value - spread, high: value + spread }, windows: k }]];
}

function marginEntry(
  name: string,
  band: Band | undefined,
  { task }: MeasuredWindows,
  { margins }: PerformanceSettings,
): [string, number][] {
  if (band === undefined) return [];
  const given = margins !== undefined && Object.hasOwn(margins, name) ? margins[name] : undefined;
  return [[name, given ?? (findMetric(task, name)?.unit === 'share' ? 0.02 : Math.abs(band.value) * 0.1)]];
}

function judgeMetric(
  metric: WindowMetric,
  band: Band | undefined,
  margin: number,
  task: Task,
  minSamples: { readonly rows: number; readonly perClass: number },
): WindowMetric {
  const note = metric.note ?? tooFew(metric, task, minSamples);
  if (band === undefined || metric.value === null) return { ...metric, note };
  const delta = metric.value - band.value;
  const deltaInterval = metric.interval && differenceInterval(metric.value, metric.interval, band);
  const judged = { ...metric, reference: band.value, delta, deltaInterval, note };
  if (note !== null || metric.greaterIsBetter === null || deltaInterval === null || metric.name.startsWith('ece')) return judged;
  const worse = metric.greaterIsBetter ? delta : -delta;
  const best = metric.greaterIsBetter ? deltaInterval.high : -deltaInterval.low;
  const unexpected = worse < -band.spread;
  const windowLevel: Level = best < 0 && unexpected ? (best < -margin ? 'drift' : 'shift') : 'none';
  return { ...judged, windowLevel, level: windowLevel };
}

/** MOVER: the halves of both intervals that face each other, added in squares. */
function differenceInterval(
  value: number,
  interval: { readonly low: number; readonly high: number },
  band: Band,
): { low: number; high: number } {
  const delta = value - band.value;
  return { low: delta - Math.hypot(value - interval.low, band.above), high: delta + Math.hypot(interval.high - value, band.below) };
}

function tooFew(
  { n, positives, name }: WindowMetric,
  task: Task,
  minSamples: { readonly rows: number; readonly perClass: number },
): string | null {
  if (n < minSamples.rows) return `${formatMany(n, 'labelled answer')}; ${minSamples.rows} are needed`;
  const needs = findMetric(task, name)?.needs ?? 'none';
  if (positives === null || needs === 'none') return null;
  const wanted = [
    ...(needs === 'positives' || needs === 'both' ? [{ rows: positives, what: 'positive' }] : []),
    ...(needs === 'negatives' || needs === 'both' ? [{ rows: n - positives, what: 'negative' }] : []),
  ].find(({ rows }) => rows < minSamples.perClass);
  return wanted ? `${formatMany(wanted.rows, wanted.what)}; ${minSamples.perClass} are needed` : null;
}

/** What k of the last m windows that could be judged say alike is drift; alone it stays a shift. */
function agreeOn(
  windows: readonly PerformanceWindow[],
  { k, m }: { readonly k: number; readonly m: number },
): readonly PerformanceWindow[] {
  const history = new Map<string, boolean[]>();
  const alarmed = (name: string, drifted: boolean) => {
    const past = [...(history.get(name) ?? []), drifted].slice(-m);
    history.set(name, past);
    return past.filter(Boolean).length >= k;
  };
  return windows.map((window) => ({
    ...window,
    metrics: window.metrics.map((metric) => {
      if (metric.note !== null || metric.deltaInterval === null) return metric;
      return { ...metric, level: agreedLevel(metric.windowLevel, alarmed(metric.name, metric.windowLevel === 'drift')) };
    }),
    calibration: window.calibration && {
      ...window.calibration,
      level: agreedLevel(window.calibration.level, alarmed('calibration:', window.calibration.level === 'drift')),
    },
  }));
}

const agreedLevel = (level: Level, agreed: boolean): Level => (level === 'drift' && !agreed ? 'shift' : level);

/** The change point over the reference's windows and these; where it is not clear, the first of the windows that tell since the last good one. */
function beganAt(windows: readonly PerformanceWindow[], metric: string, reference: PerformanceReference | null): string | null {
  const before = reference?.kind === 'windows' ? reference.windows : [];
  const series = [...before, ...windows].map((window) => ({ start: window.start, one: decidingOf(window, metric) }));
  const values = series.map(({ one }) => (one && tooFewNote(one) ? Number.NaN : (one?.value ?? Number.NaN)));
  const change = findChangePoint(values);
  if (change !== null && change.index >= before.length) {
    const better = windows.flatMap(({ metrics }) => metrics).find(({ name }) => name === metric)?.greaterIsBetter ?? true;
    if (better ? change.after < change.before : change.after > change.before) return series[change.index]?.start ?? null;
  }
  const judged = windows.filter((window) => decidingOf(window, metric)?.note === null);
  const good = judged.findLastIndex((window) => decidingOf(window, metric)?.windowLevel === 'none');
  return judged[good + 1]?.start ?? null;
}

const tooFewNote = ({ note }: WindowMetric) => note?.endsWith('are needed') ?? false;

interface Told {
  readonly windows: readonly PerformanceWindow[];
  readonly newest: PerformanceWindow | undefined;
  readonly deciding: WindowMetric | undefined;
  readonly band: Band | undefined;
  readonly level: Level;
  readonly noLabels: boolean;
}

function headline({ windows, newest, deciding, band, level, noLabels }: Told): string {
  if (windows.length === 0) return 'No answers, so nothing can be said of the model';
  if (noLabels) return 'No labels have come, so how the model does is not known';
  if (!newest || !deciding) return 'No window has labels enough to say how the model does';
  const value = `${deciding.name} ${formatValue(deciding.value, deciding.unit)} in the window from ${newest.start.slice(0, 16).replace('T', ' ')}`;
  if (band === undefined) return `${value}; there is no reference to hold it against`;
  const against = `${formatDifference(deciding.delta, deciding.unit)} against ${formatValue(band.value, deciding.unit)}, ${formatMany(deciding.n, 'label')}`;
  const said = { none: 'not shown worse', shift: 'shown worse', drift: 'shown worse beyond the margin' }[level];
  return `${value}: ${said}, ${against}`;
}

function referenceNotices(reference: PerformanceReference | null, band: Band | undefined, metric: string, noLabels: boolean): Notice[] {
  if (noLabels)
    return [{ code: 'NO_LABELS', message: 'Labels are joined by id when they come: in the log itself, or as a file of their own.' }];
  if (reference?.kind === 'windows' && band === undefined)
    return [
      {
        code: 'REFERENCE_TOO_SHORT',
        message: `The reference has fewer than ${fewestReferenceWindows} windows with ${metric}: its own swings are not known.`,
      },
    ];
  if (reference?.kind === 'evaluation' && band && band.shown === null)
    return [
      {
        code: 'REFERENCE_WITHOUT_INTERVAL',
        message: `The reference's ${metric} has no interval of its own and is taken as it stands: a difference looks surer than it is.`,
      },
    ];
  return [];
}
