import type { NumericCounts } from './column-counts.ts';
import { ordersOf } from './numeric-counts.ts';

/** A column's rows by bucket, ascending as the numbers are. Equal orders are the same bucket in every profile. */
export interface OrderedBuckets {
  readonly order: Int32Array;
  /** Rows of each, at least 1. */
  readonly n: Float64Array;
}

/** Negative overflow first, then negatives, zero, positives, positive overflow. Finite values alone. */
export function orderedBuckets(counts: NumericCounts): OrderedBuckets {
  const orders = ordersOf(counts);
  const order = Int32Array.from(orders.keys()).sort();
  return { order, n: Float64Array.from(order, (key) => orders.get(key) ?? 0) };
}
