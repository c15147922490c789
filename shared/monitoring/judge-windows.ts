import { compareProfiles, type ProfilePair } from '../drift/compare-profiles.ts';
import { changedSince } from '../drift/compare-windows.ts';
import type { DriftReport } from '../drift/drift-report.ts';
import type { Profile } from '../profile/profile.ts';
import type { EpisodeWindow } from './find-episodes.ts';
import { beginsCalm, type MonitoredWindow, monitoredWindow, previousLevels } from './monitored-window.ts';
import { selectColumns } from './window-profiles.ts';
import type { StoredWindow } from './window-store.ts';

/** What every window is compared with, and how. */
export interface Comparison extends Pick<ProfilePair, 'reference' | 'referenceName' | 'answers' | 'settings' | 'importance' | 'model'> {
  /** A column that comes later than its rows: compared in windows that have nearly all of it. */
  readonly late?: string | null;
}

export interface JudgedWindow {
  readonly window: MonitoredWindow;
  /** Of this window alone. */
  readonly alone: DriftReport;
  readonly stored: StoredWindow;
}

/** A label that is missing has not come yet, which is no drift. */
const mostUnknown = 0.03;

function compare(
  { late = null, ...comparison }: Comparison,
  { start, end, profile }: StoredWindow,
  previous?: ReturnType<typeof previousLevels>,
): DriftReport {
  const place = profile.columns.findIndex(({ name }) => name === late);
  const unknown = profile.cells.reduce((sum, { columns }) => sum + (columns[place]?.null ?? 0), 0);
  const waits = late !== null && (place < 0 || unknown > mostUnknown * profile.rows);
  const known = (side: Profile) => (waits ? selectColumns(side, (name) => name !== late) : side);
  return compareProfiles({
    ...comparison,
    reference: known(comparison.reference),
    current: known(profile),
    currentName: `${start.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    now: end,
    ...(previous && { previous }),
  });
}

/** One window against the reference, as if there were no other. */
export function judgeWindow(stored: StoredWindow, comparison: Comparison): JudgedWindow {
  const alone = compare(comparison, stored);
  const { start, end, profile } = stored;
  return { stored, alone, window: monitoredWindow(alone, { start: start.toISOString(), end: end.toISOString(), rows: profile.rows }) };
}

/** Windows that are always looked at, so that people see how it went, and so many more at once where an episode is older than they are. */
const shownWindows = 30;

/**
 * The newest windows, judged; further back until nothing that happened earlier can matter. Ascending.
 * @param read the windows at these places of the series, which has `count`
 */
export async function judgeBack(
  count: number,
  read: (from: number, to: number) => Promise<readonly StoredWindow[]>,
  comparison: Comparison,
): Promise<readonly JudgedWindow[]> {
  let judged: readonly JudgedWindow[] = [];
  for (let to = count; to > 0; ) {
    const from = Math.max(0, to - shownWindows);
    judged = [...(await read(from, to)).map((window) => judgeWindow(window, comparison)), ...judged];
    to = from;
    const windows = judged.map(({ window }) => window);
    if (beginsCalm(windows, comparison.settings.agree.m)) break;
  }
  return judged;
}

/** The windows that could be judged, and which of them alarm once k of m are asked. Only what drifted by itself can. */
export function alarmedWindows(judged: readonly JudgedWindow[], comparison: Comparison): readonly EpisodeWindow[] {
  const windows = judged.map(({ window }) => window);
  return judged.flatMap(({ window, stored, alone }, index) => {
    if (!window.tested) return [];
    const { start, end } = window;
    if (window.level !== 'drift') return [{ start, end, alarmed: false, headline: alone.headline }];
    const report = compare(comparison, stored, previousLevels(windows.slice(0, index), comparison.settings.agree.m));
    return [{ start, end, alarmed: report.dataset.level === 'drift', headline: report.headline }];
  });
}

/** The report on the newest window, once k of m are asked. `windows` are the judged ones, each by itself; null where there is none. */
export function reportNewest(judged: readonly JudgedWindow[], comparison: Comparison): DriftReport | null {
  const newest = judged.at(-1);
  if (!newest) return null;
  const windows = judged.map(({ window }) => window);
  const report = compare(comparison, newest.stored, previousLevels(windows.slice(0, -1), comparison.settings.agree.m));
  const moved = report.columns.filter(({ level }) => level !== 'none').map(({ column }) => column);
  const all = judged.flatMap(({ alone }) => alone.windows);
  return { ...report, windows: drawn(all, report.columns.length), since: changedSince(all, moved) };
}

/** Of so many columns each is drawn in every window; of more, those that moved in any of them. */
const drawnColumns = 60;

function drawn(all: DriftReport['windows'], count: number): DriftReport['windows'] {
  const shown = all.slice(-shownWindows);
  if (count <= drawnColumns) return shown;
  const moved = new Set(shown.flatMap(({ columns }) => columns.filter(({ level }) => level !== 'none').map(({ column }) => column)));
  return shown.map((window) => ({ ...window, columns: window.columns.filter(({ column }) => moved.has(column)) }));
}
