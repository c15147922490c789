import type { CategoryCounts, ColumnCounts, NumericCounts } from '../profile/column-counts.ts';
import { missingRows } from '../profile/numeric-counts.ts';
import { type Aligned, alignCategories, alignNumbers } from './align-counts.ts';
import { type ColumnKind, type ColumnSides, columnKind } from './column-kind.ts';
import { type CategoryComparison, compareCategories } from './compare-categories.ts';
import { compareNumbers, type NumberComparison } from './compare-numbers.ts';
import { type Dispersion, independent } from './dispersion.ts';
import type { Places } from './rank-test.ts';
import type { Comparable } from './reference-view.ts';
import { type Beyond, beyondRange, unseenCategories } from './unseen-and-range.ts';

/** Fewer rows on a side say nothing. */
export const leastRows = 50;

export interface ColumnInput extends ColumnSides {
  /** Rows of either side, with and without a value. */
  readonly rows: { readonly reference: number; readonly current: number };
  /** How much the reference's own windows differ. */
  readonly dispersion: (how: Comparable) => Dispersion;
  readonly missingDispersion: () => Dispersion;
}

/** What was found of a column, before the family of the run is known. */
export interface ColumnComparison {
  readonly kind: ColumnKind;
  readonly n: { readonly reference: number; readonly current: number };
  readonly missing: { readonly reference: number; readonly current: number };
  /** Why the values were not tested; null where they were. */
  readonly notTested: string | null;
  /** There where both sides have rows over common places. */
  readonly places: (Places & Pick<Aligned, 'orders' | 'names'>) | null;
  readonly effect: number | null;
  readonly dispersion: Dispersion;
  readonly values: NumberComparison | CategoryComparison | null;
  readonly missingness: CategoryComparison | null;
  readonly unseen: Beyond | null;
  readonly range: (Beyond & { readonly below: number; readonly above: number }) | null;
}

/** The default of `decisions.md` §3 for one column. */
export function compareColumn(input: ColumnInput): ColumnComparison {
  const { reference, current, rows } = input;
  const kind = columnKind(input);
  const missing = { reference: missingRows(reference.counts), current: missingRows(current.counts) };
  const n = { reference: rows.reference - missing.reference, current: rows.current - missing.current };
  const base = { kind, n, missing, missingness: compareMissing(input, missing), unseen: null, range: null } as const;
  const nothing = { ...base, places: null, effect: null, dispersion: independent, values: null };
  if (kind.compare === null) return { ...nothing, notTested: kind.reason };
  if (n.reference === 0 || n.current === 0) return { ...nothing, notTested: 'all-missing' };

  const align = (sides: readonly ColumnCounts[]): Aligned =>
    kind.compare === 'numeric' ? alignNumbers(sides.filter(isNumeric)) : alignCategories(sides.filter(isCountable), kind.hashed);
  const { sides, ...labels } = align([reference.counts, current.counts]);
  const [r, c] = sides;
  if (!r || !c) return { ...nothing, notTested: 'type-changed' };
  const places = { reference: r, current: c, ...labels };
  if (n.reference < leastRows || n.current < leastRows) return { ...nothing, places, notTested: 'not-enough-data' };

  const dispersion = input.dispersion(kind);
  const values = kind.compare === 'numeric' ? compareNumbers(places, dispersion) : compareCategories(places, dispersion);
  const tested = values.p !== null;
  return {
    ...base,
    places,
    dispersion,
    values,
    effect: values.effect,
    notTested: tested ? null : 'constant',
    unseen: tested && kind.compare === 'categorical' ? unseenCategories(places) : null,
    range:
      tested && kind.compare === 'numeric' && isNumeric(reference.counts) && isNumeric(current.counts)
        ? beyondRange(reference.counts, current.counts, n.reference, n.current)
        : null,
  };
}

const isNumeric = (counts: ColumnCounts): counts is NumericCounts => counts.kind === 'numeric';
const isCountable = (counts: ColumnCounts): counts is NumericCounts | CategoryCounts => counts.kind !== 'times';

/** The null share as a column of two values of its own, where any is missing and both sides have rows enough. */
function compareMissing({ rows, missingDispersion }: ColumnInput, missing: ColumnComparison['missing']): CategoryComparison | null {
  if (missing.reference + missing.current === 0 || rows.reference < leastRows || rows.current < leastRows) return null;
  const side = (gone: number, all: number) => Float64Array.of(all - gone, gone);
  return compareCategories(
    { reference: side(missing.reference, rows.reference), current: side(missing.current, rows.current) },
    missingDispersion(),
  );
}
