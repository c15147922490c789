import type { DriftReport, Level } from '../drift/drift-report.ts';

/** A whole window as it was judged by itself, against the reference. Windows without rows are none: they agree with nothing. */
export interface MonitoredWindow {
  /** ISO 8601 in UTC. */
  readonly start: string;
  readonly end: string;
  readonly rows: number;
  /** Whether anything could be tested; where nothing could, the window says neither yes nor no. */
  readonly tested: boolean;
  /** Of this window alone. */
  readonly level: Level;
  /** What moved, by `column` or `kind of finding:column`. */
  readonly moved: ReadonlyMap<string, Level>;
  readonly headline: string;
}

/** What a report over one window says, where nothing but this window decided. */
export function monitoredWindow(
  report: DriftReport,
  { start, end, rows }: Pick<MonitoredWindow, 'start' | 'end' | 'rows'>,
): MonitoredWindow {
  const moved = new Map<string, Level>();
  const note = (name: string, level: Level) => {
    if (level === 'drift' || (level === 'shift' && moved.get(name) !== 'drift')) moved.set(name, level);
  };
  for (const { column, level } of report.columns) note(column, level);
  for (const { kind, column, level } of report.findings) note(`${kind}:${column}`, level);
  return {
    start,
    end,
    rows,
    tested: report.dataset.columns.compared > 0 || report.dataset.level !== 'none',
    level: report.dataset.level,
    moved,
    headline: report.headline,
  };
}

export interface Agreement {
  readonly k: number;
  readonly m: number;
}

/** A window that could be judged, and whether enough of the windows up to it agree that the same thing drifted. */
export interface AlarmedWindow extends MonitoredWindow {
  readonly alarmed: boolean;
  /** What agreed, in the order of the window's report. */
  readonly agreed: readonly string[];
}

/**
 * An alarm needs that something drifted in this window and in at least k of the last m that could be judged, this one included. Windows in
 * ascending order; a gap between two of them doesn't count.
 */
export function agreeWindows(windows: readonly MonitoredWindow[], { k, m }: Agreement): readonly AlarmedWindow[] {
  const judged = windows.filter(({ tested }) => tested);
  return judged.map((window, index) => {
    const last = judged.slice(Math.max(0, index - m + 1), index + 1);
    const agreed = [...window.moved.keys()]
      .filter((name) => last.filter(({ moved }) => moved.get(name) === 'drift').length >= k)
      .filter((name) => window.moved.get(name) === 'drift');
    return { ...window, agreed, alarmed: agreed.length > 0 && window.level === 'drift' };
  });
}

/** Whether what came before the windows can't matter: at their beginning, m in a row are calm, so no episode was open any more. */
export const beginsCalm = (windows: readonly MonitoredWindow[], { m }: Agreement): boolean => {
  const first = windows.filter(({ tested }) => tested).slice(0, m);
  return first.length === m && first.every(({ level, moved }) => level !== 'drift' && ![...moved.values()].includes('drift'));
};
