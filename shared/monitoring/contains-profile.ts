import type { CategoryCounts, ColumnCounts, TimeCounts } from '../profile/column-counts.ts';
import { orderedBuckets } from '../profile/ordered-buckets.ts';
import { alignCategories } from '../profile/outward-profile.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * Whether every row that `part` counted can be among those of `whole`: no value of `part` has more rows there. A missing value says
 * nothing: labels come late. So a window that is read again after
 * late rows came stands in place of what was kept of it, and other rows of the same window are added to it.
 */
export function containsProfile(whole: Profile, part: Profile): boolean {
  if (whole.rows < part.rows || whole.columns.length !== part.columns.length) return false;
  const cells = new Map(whole.cells.map((cell) => [keyOf(cell), cell]));
  return part.cells.every((cell) => {
    const other = cells.get(keyOf(cell));
    return (
      other !== undefined && other.rows >= cell.rows && cell.columns.every((column, index) => containsCounts(other.columns[index], column))
    );
  });
}

const keyOf = ({ segment, window }: Profile['cells'][number]) => JSON.stringify([window, segment]);

function containsCounts(whole: ColumnCounts | undefined, part: ColumnCounts): boolean {
  if (!whole) return false;
  if (whole.kind === 'numeric' && part.kind === 'numeric') {
    if (whole.zero < part.zero || whole.nan < part.nan) return false;
    if (whole.values && part.values) return containsPairs(whole.values, part.values);
    const [more, fewer] = [orderedBuckets(whole), orderedBuckets(part)];
    const rows = new Map(Array.from(more.order, (order, index) => [order, more.n[index] ?? 0]));
    return fewer.order.every((order, index) => (rows.get(order) ?? 0) >= (fewer.n[index] ?? 0));
  }
  if (whole.kind === 'categories' && part.kind === 'categories') return containsCategories(whole, part);
  return whole.kind === 'times' && part.kind === 'times' && containsDays(whole, part);
}

/** Texts that are counted by hash on one side alone can't be told apart: their number is what is left to compare. */
function containsCategories(whole: CategoryCounts, part: CategoryCounts): boolean {
  if (whole.counts && part.counts) {
    // A value may be rare in the part, and so a hash there, and common in the whole.
    const { reference, current } = alignCategories(whole.counts, part.counts);
    return containsPairs(reference, current);
  }
  const { hashed } = whole;
  return hashed !== null && (part.hashed === null || part.hashed.every((count, slot) => (hashed[slot] ?? 0) >= count));
}

const containsDays = (whole: TimeCounts, part: TimeCounts) => containsPairs(whole.days, part.days);

function containsPairs<Value>(whole: readonly (readonly [Value, number])[], part: readonly (readonly [Value, number])[]): boolean {
  const rows = new Map(whole);
  return part.every(([value, count]) => (rows.get(value) ?? 0) >= count);
}
