import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile } from '../profile/profile.ts';
import type { ColumnComparison } from './compare-column.ts';
import { compareSides, type SharedColumn } from './compare-sides.ts';
import { worstLevel } from './decide-level.ts';
import type { DriftWindow } from './drift-report.ts';
import type { DriftSettings } from './drift-settings.ts';
import { findChangePoint } from './find-change-point.ts';
import { judgeFamily } from './judge-family.ts';
import type { ReferenceView, Span } from './reference-view.ts';

/**
 * Each of the current side's windows against the reference, as a run of its own. A column's level is the worst of its values and its
 * findings, before k of m.
 */
export function compareWindows(
  current: Profile,
  columns: readonly SharedColumn[],
  whole: ReadonlyMap<string, ColumnComparison>,
  viewOf: (span: Span) => ReferenceView,
  settings: DriftSettings,
): DriftWindow[] {
  if (!current.window) return [];
  const { milliseconds } = current.window;
  const starts = [...new Set(current.cells.flatMap(({ window }) => window ?? []))].sort((a, b) => Date.parse(a) - Date.parse(b));
  return starts.map((start) => {
    const side = foldCells(current, ({ window }) => window === start);
    const found = compareSides(viewOf({ start, windows: 1 }), side, columns, settings.types, whole);
    const { judged } = judgeFamily(found, settings);
    const rows = [...found].map(([column, { values }]) => {
      const own = judged.get(column) ?? [];
      return {
        column,
        effect: values?.effect ?? null,
        adjustedP: own.find(({ question }) => question === 'values')?.q ?? null,
        level: worstLevel(own.map(({ level }) => level)),
      };
    });
    return {
      start,
      end: new Date(Date.parse(start) + milliseconds).toISOString(),
      rows: side.rows,
      level: worstLevel(rows.map(({ level }) => level)),
      columns: rows,
    };
  });
}

/** When the change began that is still there: the earliest change point upwards of a column that has moved; null where none is found. */
export function changedSince(windows: readonly DriftWindow[], moved: readonly string[]): string | null {
  const starts = moved.flatMap((name) => {
    const effects = windows.map(({ columns }) => columns.find(({ column }) => column === name)?.effect ?? Number.NaN);
    const change = findChangePoint(effects, { minimumChange: 0.01 });
    const start = change && change.after > change.before ? windows[change.index]?.start : undefined;
    return start === undefined ? [] : [start];
  });
  return starts.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
