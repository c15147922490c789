import type { ColumnCounts } from '../profile/column-counts.ts';
import type { Profile } from '../profile/profile.ts';
import { type ColumnComparison, compareColumn } from './compare-column.ts';
import type { DriftSettings } from './drift-settings.ts';
import { ownValue } from './own-value.ts';
import type { ReferenceView } from './reference-view.ts';

/** A column that both sides have, and where. */
export interface SharedColumn {
  readonly name: string;
  readonly reference: number;
  readonly current: number;
  readonly types: { readonly reference: Profile['columns'][number]['type']; readonly current: Profile['columns'][number]['type'] };
}

export function sharedColumns(reference: Pick<Profile, 'columns'>, current: Profile, ignore: readonly string[]): SharedColumn[] {
  const left = new Set(ignore);
  const places = new Map(reference.columns.map(({ name }, place) => [name, place]));
  return current.columns.flatMap(({ name, type }, place) => {
    const at = places.get(name);
    const there = at === undefined ? undefined : reference.columns[at];
    if (at === undefined || !there || left.has(name)) return [];
    return [{ name, reference: at, current: place, types: { reference: there.type, current: type } }];
  });
}

/** Rows of the current side: the whole, a window or a segment. */
export interface CurrentRows {
  readonly rows: number;
  readonly columns: readonly ColumnCounts[];
}

/** Every shared column of one pair of sides. `as`: how the whole was compared, so that its parts are compared in the same way. */
export function compareSides(
  view: ReferenceView,
  current: CurrentRows,
  columns: readonly SharedColumn[],
  types: DriftSettings['types'],
  as?: ReadonlyMap<string, ColumnComparison>,
): ReadonlyMap<string, ColumnComparison> {
  const found = new Map<string, ColumnComparison>();
  for (const column of columns) {
    const [before, now] = [view.columns[column.reference], current.columns[column.current]];
    if (!before || !now) continue;
    const whole = as?.get(column.name)?.kind.compare;
    if (whole === null) continue;
    found.set(
      column.name,
      compareColumn({
        reference: { type: column.types.reference, counts: before },
        current: { type: column.types.current, counts: now },
        rows: { reference: view.rowsOf(column.reference), current: current.rows },
        told: whole ?? ownValue(types, column.name),
        dispersion: (how) => view.dispersion(column.reference, how),
        missingDispersion: () => view.missingDispersion(column.reference),
      }),
    );
  }
  return found;
}
