import { bucketMiddle } from '../profile/bucket.ts';
import type { CategoryCounts, NumericCounts } from '../profile/column-counts.ts';
import { missingRows } from '../profile/numeric-counts.ts';
import { orderedBuckets } from '../profile/ordered-buckets.ts';
import { alignCategories } from './align-counts.ts';
import { total } from './dispersion.ts';
import type { CategorySample, NumericSample } from './sample.ts';

/** A profile's column for a named method: its values where they were kept, else the middles of its buckets. */
export function numbersOfProfile(counts: NumericCounts): NumericSample {
  const { order, n } = orderedBuckets(counts);
  const values = counts.values;
  const rows = values ? Float64Array.from(values, ([, one]) => one) : n;
  return {
    kind: 'numeric',
    values: values ? Float64Array.from(values, ([value]) => value) : Float64Array.from(order, bucketMiddle),
    counts: rows,
    n: total(rows),
    missing: missingRows(counts),
    exactness: values ? 'exact' : 'bounded',
  };
}

/** Both sides of a column as categories: by name where both were kept, else by slots of their hashes. */
export function categoriesOfProfiles(
  sides: readonly [CategoryCounts | NumericCounts, CategoryCounts | NumericCounts],
  hashed: boolean,
): readonly [CategorySample, CategorySample] {
  const aligned = alignCategories(sides, hashed);
  const sample = (side: 0 | 1): CategorySample => {
    const rows = aligned.sides[side] ?? new Float64Array();
    return {
      kind: 'categories',
      counts: new Map(aligned.names.flatMap((name, place) => (rows[place]! > 0 ? [[name, rows[place]!] as const] : []))),
      n: total(rows),
      missing: missingRows(sides[side]),
      exactness: hashed ? 'bounded' : 'exact',
    };
  };
  return [sample(0), sample(1)];
}
