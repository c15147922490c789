import { hashedValue, isHashedValue } from '../profile/category-counts.ts';
import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile, ProfileCell } from '../profile/profile.ts';
import { clipText } from '../words/visible-text.ts';
import { type ColumnComparison, compareColumn, leastRows } from './compare-column.ts';
import { compareSides, type SharedColumn } from './compare-sides.ts';
import { independent } from './dispersion.ts';
import type { DriftSegment } from './drift-report.ts';
import type { DriftSettings } from './drift-settings.ts';
import { judgeFamily } from './judge-family.ts';

const mostSegments = 200;
const shownOfColumn = 3;
const namedFrom = 20;

interface Place {
  readonly where: readonly { readonly place: number; readonly value: string | null }[];
  readonly rows: { readonly reference: number; readonly current: number };
}

/**
 * Segments of two profiles that were made by the same columns: one deep and, of two columns, two deep. Within each the whole family is
 * judged at alpha / segments. A column that moved shows those that explain most of it beyond their share of the rows; a steady one those
 * in which it moved all the same.
 */
export function profileSegments(
  reference: Profile,
  current: Profile,
  columns: readonly SharedColumn[],
  whole: ReadonlyMap<string, ColumnComparison>,
  settings: DriftSettings,
  moved: readonly string[],
): DriftSegment[] {
  const by = reference.by;
  if (by.length === 0 || by.join('\n') !== current.by.join('\n')) return [];
  const asked = columns.filter(({ name }) => !by.includes(name) && whole.get(name)?.notTested === null);
  const places = placesOf(reference, current).slice(0, mostSegments);
  const found = places.flatMap(({ where, rows }) => {
    const inside = (cell: ProfileCell) => where.every(({ place, value }) => cell.segment[place] === value);
    const before = foldCells(reference, inside);
    const view = {
      columns: before.columns,
      rowsOf: () => before.rows,
      dispersion: () => independent,
      missingDispersion: () => independent,
    };
    const { judged } = judgeFamily(compareSides(view, foldCells(current, inside), asked, settings.types, whole), settings);
    const without = { reference: foldCells(reference, (cell) => !inside(cell)), current: foldCells(current, (cell) => !inside(cell)) };
    return asked.flatMap((column): (DriftSegment & { readonly gain: number })[] => {
      const own = judged.get(column.name)?.find(({ question }) => question === 'values');
      if (!own) return [];
      const adjustedP = Math.min(1, own.q * places.length);
      if (!(adjustedP < settings.alpha && own.effect >= settings.shift - 1e-12)) return [];
      const total = whole.get(column.name)?.effect ?? null;
      const left = moved.includes(column.name) ? effectOf(column, without, whole) : null;
      const explains = total !== null && total > 0 && left !== null ? 1 - left / total : null;
      const share = (rows.reference + rows.current) / (reference.rows + current.rows);
      return [
        {
          where: where.map(({ place, value }) => ({ column: by[place] ?? '', value: sayValue(value, rows, settings.values) })),
          column: column.name,
          rows,
          effect: own.effect,
          adjustedP,
          explains,
          gain: explains === null ? own.effect : explains - share,
        },
      ];
    });
  });
  return asked.flatMap(({ name }) =>
    found
      .filter(({ column }) => column === name)
      .sort((a, b) => b.gain - a.gain || a.where.length - b.where.length)
      .slice(0, shownOfColumn)
      .filter(({ explains, gain }) => explains === null || gain > 0)
      .map(({ gain: _, ...segment }) => segment),
  );
}

/** Segments with rows enough on both sides, the largest first. */
function placesOf(reference: Profile, current: Profile): Place[] {
  const found = new Map<string, { where: Place['where']; reference: number; current: number }>();
  const deep = reference.by.length;
  for (const [side, { cells }] of [
    ['reference', reference],
    ['current', current],
  ] as const) {
    for (const { segment, rows } of cells) {
      const single = segment.map((value, place) => [{ place, value }]);
      for (const where of deep > 1 ? [...single, segment.map((value, place) => ({ place, value }))] : single) {
        const key = JSON.stringify(where);
        const known = found.get(key) ?? { where, reference: 0, current: 0 };
        known[side] += rows;
        found.set(key, known);
      }
    }
  }
  return [...found.values()]
    .filter((place) => place.reference >= leastRows && place.current >= leastRows)
    .map(({ where, ...rows }) => ({ where, rows }))
    .sort((a, b) => b.rows.reference + b.rows.current - a.rows.reference - a.rows.current);
}

type Fold = ReturnType<typeof foldCells>;

/** The column's effect in the rows that are left. */
function effectOf(
  column: SharedColumn,
  sides: { readonly reference: Fold; readonly current: Fold },
  whole: ReadonlyMap<string, ColumnComparison>,
): number | null {
  const [before, now] = [sides.reference.columns[column.reference], sides.current.columns[column.current]];
  if (!before || !now) return null;
  const left = compareColumn({
    reference: { type: column.types.reference, counts: before },
    current: { type: column.types.current, counts: now },
    rows: { reference: sides.reference.rows, current: sides.current.rows },
    told: whole.get(column.name)?.kind.compare ?? undefined,
    dispersion: () => independent,
    missingDispersion: () => independent,
  });
  return left.effect ?? (left.notTested === 'not-enough-data' || left.notTested === 'all-missing' ? 0 : null);
}

function sayValue(value: string | null, rows: Place['rows'], values: DriftSettings['values']): string {
  if (value === null) return 'missing';
  if (values === 'allow' || rows.reference >= namedFrom || rows.current >= namedFrom) return clipText(value, 80);
  return isHashedValue(value) ? value : hashedValue(value);
}
