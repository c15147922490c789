import type { Places } from '../rank-test.ts';
import type { CategorySample, NumericSample } from '../sample.ts';

/** Two samples of numbers over the same ascending values. */
export interface PooledNumbers extends Places {
  readonly values: Float64Array;
  /** Rows of the reference and of the current side. */
  readonly n: number;
  readonly m: number;
}

export function poolNumbers(first: NumericSample, second: NumericSample): PooledNumbers {
  const values = new Float64Array(first.values.length + second.values.length);
  const reference = new Float64Array(values.length);
  const current = new Float64Array(values.length);
  let size = 0;
  for (let i = 0, j = 0; i < first.values.length || j < second.values.length; size++) {
    const left = i < first.values.length ? first.values[i]! : Number.POSITIVE_INFINITY;
    const right = j < second.values.length ? second.values[j]! : Number.POSITIVE_INFINITY;
    values[size] = Math.min(left, right);
    if (left <= right) reference[size] = first.counts[i++]!;
    if (right <= left) current[size] = second.counts[j++]!;
  }
  return {
    values: values.subarray(0, size),
    reference: reference.subarray(0, size),
    current: current.subarray(0, size),
    n: first.n,
    m: second.n,
  };
}

/** Two samples of categories over the same names, in order of the names. */
export interface PooledCategories extends Places {
  readonly names: readonly string[];
  readonly n: number;
  readonly m: number;
}

export function poolCategories(first: CategorySample, second: CategorySample): PooledCategories {
  const names = [...new Set([...first.counts.keys(), ...second.counts.keys()])].sort();
  const rows = (sample: CategorySample) => Float64Array.from(names, (name) => sample.counts.get(name) ?? 0);
  return { names, reference: rows(first), current: rows(second), n: first.n, m: second.n };
}

/** Rows of both sides by category, without the names; `names` of them sorted would take longer than every test. */
export interface PooledCounts extends Places {
  readonly n: number;
  readonly m: number;
}

/** In order of the counts, so that sums have the same last digit whatever order the categories came in. */
export function poolCounts(first: CategorySample, second: CategorySample): PooledCounts {
  const pairs: [number, number][] = [];
  let shared = 0;
  for (const [name, count] of first.counts) {
    const other = second.counts.get(name);
    if (other !== undefined) shared++;
    pairs.push([count, other ?? 0]);
  }
  if (shared < second.counts.size) for (const [name, count] of second.counts) if (!first.counts.has(name)) pairs.push([0, count]);
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const side = (at: 0 | 1) => Float64Array.from(pairs, (pair) => pair[at]);
  return { reference: side(0), current: side(1), n: first.n, m: second.n };
}

/** One sample of several, by merging neighbours: O(values · log samples). */
export function mergeNumbers(samples: readonly NumericSample[]): NumericSample {
  if (samples.length === 0) {
    return { kind: 'numeric', values: new Float64Array(0), counts: new Float64Array(0), n: 0, missing: 0, exactness: 'exact' };
  }
  if (samples.length === 1) return samples[0]!;
  const half = samples.length >> 1;
  const [first, second] = [mergeNumbers(samples.slice(0, half)), mergeNumbers(samples.slice(half))];
  const { values, reference, current } = poolNumbers(first, second);
  return {
    ...first,
    values,
    counts: reference.map((count, i) => count + current[i]!),
    n: first.n + second.n,
    missing: first.missing + second.missing,
  };
}

export function mergeCategories(samples: readonly CategorySample[]): CategorySample {
  const counts = new Map<string, number>();
  for (const sample of samples) for (const [name, count] of sample.counts) counts.set(name, (counts.get(name) ?? 0) + count);
  const total = (of: (sample: CategorySample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0);
  return {
    kind: 'categories',
    counts,
    n: total(({ n }) => n),
    missing: total(({ missing }) => missing),
    exactness: samples[0]?.exactness ?? 'exact',
  };
}
