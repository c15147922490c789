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
  /** Of each column in this window alone. */
  readonly columns: ReadonlyMap<string, Level>;
}

/** What a report over one window says, where nothing but this window decided. */
export function monitoredWindow(
  report: DriftReport,
  { start, end, rows }: Pick<MonitoredWindow, 'start' | 'end' | 'rows'>,
): MonitoredWindow {
  return {
    start,
    end,
    rows,
    tested: report.verdict !== 'inconclusive',
    level: report.dataset.level,
    columns: new Map(report.windows.flatMap(({ columns }) => columns.map(({ column, level }) => [column, level] as const))),
  };
}

/**
 * Levels of each column in the windows before one, oldest first: the m − 1 last that could be judged. A gap between windows doesn't count,
 * nor does a window in which nothing could be tested.
 */
export function previousLevels(before: readonly MonitoredWindow[], m: number): Readonly<Record<string, readonly Level[]>> {
  const last = m > 1 ? before.filter(({ tested }) => tested).slice(1 - m) : [];
  const names = new Set(last.flatMap(({ columns }) => [...columns.keys()]));
  return Object.fromEntries([...names].map((name) => [name, last.map(({ columns }) => columns.get(name) ?? 'none')]));
}

/** Whether what came before the windows can't matter: at their beginning, m in a row are calm, so no episode was open any more. */
export const beginsCalm = (windows: readonly MonitoredWindow[], m: number): boolean => {
  const first = windows.filter(({ tested }) => tested).slice(0, m);
  return first.length === m && first.every(({ level, columns }) => level !== 'drift' && ![...columns.values()].includes('drift'));
};
