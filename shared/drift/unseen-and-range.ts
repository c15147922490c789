import { bucketOrder } from '../profile/bucket.ts';
import type { NumericCounts } from '../profile/column-counts.ts';
import { orderedBuckets } from '../profile/ordered-buckets.ts';
import { binomialSf } from '../statistics/binomial.ts';
import { total } from './dispersion.ts';
import type { Places } from './rank-test.ts';

/** Below this share of the current rows, nothing is claimed: p is 1. */
const leastShare = 0.01;
const slack = 1e-12;

export interface Beyond {
  /** Rows of the current side that the reference has nothing like. */
  readonly rows: number;
  /** Their share. */
  readonly effect: number;
  readonly p: number;
}

/**
 * Rows in categories that the reference doesn't have. A reference of n rows with N1 values seen once expects new ones: P(X >= x) of
 * Bin(x + N1, m/(n + m)), Good–Turing as a test of two samples.
 */
export function unseenCategories({ reference, current }: Places): Beyond {
  const n = total(reference);
  const m = total(current);
  let rows = 0;
  let singletons = 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i] === 0) rows += current[i]!;
    if (reference[i] === 1) singletons++;
  }
  const effect = rows / m;
  return { rows, effect, p: effect >= leastShare - slack ? binomialSf(rows - 1, rows + singletons, m / (n + m)) : 1 };
}

/** Rows beyond the reference's smallest or largest value, the side with more: p = min(1, 2·(m/(n + m))^x). */
export function beyondRange(reference: NumericCounts, current: NumericCounts, n: number, m: number): Beyond & Sides {
  const { below, above } = rowsBeyond(reference, current);
  const rows = Math.max(below, above);
  const effect = rows / m;
  return { rows, below, above, effect, p: effect >= leastShare - slack ? Math.min(1, 2 * (m / (n + m)) ** rows) : 1 };
}

interface Sides {
  readonly below: number;
  readonly above: number;
}

/** Of a histogram, rows in the extreme's own bucket can't be told apart and don't count: never more than there are. */
function rowsBeyond({ min, max }: NumericCounts, current: NumericCounts): Sides {
  if (min === null || max === null) return { below: 0, above: 0 };
  let below = 0;
  let above = 0;
  if (current.values) {
    for (const [value, rows] of current.values) {
      if (value < min) below += rows;
      if (value > max) above += rows;
    }
    return { below, above };
  }
  const { order, n } = orderedBuckets(current);
  const [first, last] = [bucketOrder(min), bucketOrder(max)];
  for (let i = 0; i < order.length; i++) {
    if (order[i]! < first) below += n[i]!;
    if (order[i]! > last) above += n[i]!;
  }
  return { below, above };
}
