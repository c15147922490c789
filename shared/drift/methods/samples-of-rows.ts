import type { CategorySample, NumericSample } from '../sample.ts';

/** Rows of numbers as a sample; null, NaN and the infinities are missing. */
export function numericSample(rows: Iterable<number | null>): NumericSample {
  const kept: number[] = [];
  let missing = 0;
  for (const row of rows) {
    if (row !== null && Number.isFinite(row)) kept.push(row === 0 ? 0 : row);
    else missing++;
  }
  const sorted = Float64Array.from(kept).sort();
  const values = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let size = 0;
  for (const value of sorted) {
    if (size > 0 && values[size - 1] === value) counts[size - 1]!++;
    else {
      values[size] = value;
      counts[size++] = 1;
    }
  }
  return { kind: 'numeric', values: values.slice(0, size), counts: counts.slice(0, size), n: sorted.length, missing, exactness: 'exact' };
}

/** Rows of names as a sample; null is missing. */
export function categorySample(rows: Iterable<string | null>): CategorySample {
  const counts = new Map<string, number>();
  let n = 0;
  let missing = 0;
  for (const row of rows) {
    if (row === null) missing++;
    else {
      counts.set(row, (counts.get(row) ?? 0) + 1);
      n++;
    }
  }
  return { kind: 'categories', counts, n, missing, exactness: 'exact' };
}

/** Counted numbers as categories of their own. */
export function asCategories({ values, counts, n, missing, exactness }: NumericSample): CategorySample {
  return { kind: 'categories', counts: new Map(Array.from(values, (value, i) => [String(value), counts[i]!])), n, missing, exactness };
}
