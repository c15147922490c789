import type { CategoryCounts, ColumnCounts, NumericCounts } from '../profile/column-counts.ts';
import { foldCells, mergeColumn } from '../profile/merge-profiles.ts';
import { missingRows } from '../profile/numeric-counts.ts';
import type { Profile, ProfileCell } from '../profile/profile.ts';
import { alignCategories, alignNumbers } from './align-counts.ts';
import { type Dispersion, independent, learnDispersion, leastWindows } from './dispersion.ts';
import { homogeneityTest } from './homogeneity-test.ts';
import { rankTest } from './rank-test.ts';

const day = 86_400_000;

/** The reference as one window of the current side sees it: all of its rows, or those of the same weekday. */
export interface ReferenceView {
  readonly columns: readonly ColumnCounts[];
  /** Of the table that this column is of. */
  rowsOf(index: number): number;
  /** How much this column's windows differ; learnt when first asked for. */
  dispersion(index: number, how: Comparable): Dispersion;
  missingDispersion(index: number): Dispersion;
}

export interface Comparable {
  readonly compare: 'numeric' | 'categorical';
  readonly hashed: boolean;
}

/** Windows of the current side that are looked at together: where the first begins, and how many windows' time they span. */
export interface Span {
  readonly start: string | null;
  /** null where it can't be told: then nothing is learnt. */
  readonly windows: number | null;
}

/** Views are made once each: windows of one weekday share theirs. */
export function openReference(profile: Profile, dispersion: 'auto' | number): (span: Span) => ReferenceView {
  const views = new Map<string, ReferenceView>();
  const starts = [...new Set(profile.cells.flatMap(({ window }) => window ?? []))].sort((a, b) => Date.parse(a) - Date.parse(b));
  return ({ start, windows }) => {
    const weekday = windows === 1 && start !== null && profile.window?.milliseconds === day ? new Date(start).getUTCDay() : null;
    const same = weekday === null ? [] : starts.filter((one) => new Date(one).getUTCDay() === weekday);
    const alike = same.length >= leastWindows ? same : null;
    const key = alike ? `weekday ${weekday}` : `windows ${windows}`;
    const known = views.get(key);
    if (known) return known;
    const view = openView(profile, alike, dispersion, () => blocksOf(profile, alike ?? starts, windows));
    views.set(key, view);
    return view;
  };
}

/** Two tables as one reference, the second one's columns after the first's: what a model answered to other rows than it was trained on. */
export function besideEachOther(first: (span: Span) => ReferenceView, width: number, second: (span: Span) => ReferenceView) {
  return (span: Span): ReferenceView => {
    const [left, right] = [first(span), second(span)];
    const at = <Value>(index: number, ask: (view: ReferenceView, own: number) => Value) =>
      index < width ? ask(left, index) : ask(right, index - width);
    return {
      columns: [...left.columns, ...right.columns],
      rowsOf: (index) => at(index, (view, own) => view.rowsOf(own)),
      dispersion: (index, how) => at(index, (view, own) => view.dispersion(own, how)),
      missingDispersion: (index) => at(index, (view, own) => view.missingDispersion(own)),
    };
  };
}

function openView(
  profile: Profile,
  alike: readonly string[] | null,
  given: 'auto' | number,
  blocks: () => readonly (readonly ProfileCell[])[],
): ReferenceView {
  const kept = alike && new Set(alike);
  const { rows, columns } = foldCells(profile, kept ? ({ window }) => window !== null && kept.has(window) : undefined);
  const learnt = new Map<string, Dispersion>();
  const once = (key: string, learn: () => Dispersion): Dispersion => {
    if (given !== 'auto') return { phi: given, windows: null };
    const known = learnt.get(key) ?? learn();
    learnt.set(key, known);
    return known;
  };
  let cut: readonly (readonly ProfileCell[])[] | undefined;
  const windowsOf = (index: number): ColumnCounts[] => {
    cut ??= blocks();
    return cut.map((cells) => mergeColumn(cells.map((cell) => cell.columns[index]).filter((one) => one !== undefined)));
  };
  return {
    rowsOf: () => rows,
    columns,
    dispersion: (index, how) =>
      once(`${index} ${how.compare} ${how.hashed}`, () => {
        const windows = windowsOf(index);
        if (windows.length < leastWindows) return independent;
        if (how.compare === 'numeric') return learnDispersion(alignNumbers(windows.filter(isNumeric)).sides, rankTest);
        return learnDispersion(alignCategories(windows.filter(isCountable), how.hashed).sides, homogeneityTest);
      }),
    missingDispersion: (index) =>
      once(`${index} missing`, () => {
        const windows = windowsOf(index).map((counts, at) => missingSides(counts, cut?.[at] ?? []));
        return windows.length < leastWindows ? independent : learnDispersion(windows, homogeneityTest);
      }),
  };
}

/** Rows with and without a value. */
function missingSides(counts: ColumnCounts, cells: readonly ProfileCell[]): Float64Array {
  const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
  const missing = missingRows(counts);
  return Float64Array.of(rows - missing, missing);
}

/** The reference's windows, so many together as the current side spans, the newest last and whole. */
function blocksOf(profile: Profile, starts: readonly string[], windows: number | null): readonly (readonly ProfileCell[])[] {
  if (windows === null || windows < 1 || Math.floor(starts.length / windows) < leastWindows) return [];
  const places = new Map(starts.map((start, place) => [start, Math.floor((starts.length - 1 - place) / windows)]));
  const blocks: ProfileCell[][] = Array.from({ length: Math.floor(starts.length / windows) }, () => []);
  for (const cell of profile.cells) {
    const block = cell.window === null ? undefined : places.get(cell.window);
    if (block !== undefined) blocks[blocks.length - 1 - block]?.push(cell);
  }
  return blocks;
}

const isNumeric = (counts: ColumnCounts): counts is NumericCounts => counts.kind === 'numeric';
const isCountable = (counts: ColumnCounts): counts is NumericCounts | CategoryCounts => counts.kind !== 'times';
