import { bucketOrder, orderOffset, overflowOrder, underflowOrder, zeroOrder } from './bucket.ts';
import type { NumericCounts } from './column-counts.ts';

/** A column's rows by bucket, ascending as the numbers are. Equal orders are the same bucket in every profile. */
export interface OrderedBuckets {
  readonly order: Int32Array;
  /** Rows of each, at least 1. */
  readonly n: Float64Array;
}

/** Negative overflow first, then negatives, zero, positives, positive overflow. Finite values alone. Both forms are in order already. */
export function orderedBuckets(counts: NumericCounts): OrderedBuckets {
  const { values, histogram, zero } = counts;
  const most = values ? values.length : (histogram?.negative.buckets.length ?? 0) + (histogram?.positive.buckets.length ?? 0) + 5;
  const order = new Int32Array(most);
  const n = new Float64Array(most);
  let kept = 0;
  const add = (at: number, rows: number) => {
    if (rows === 0) return;
    if (kept === 0 || order[kept - 1] !== at) order[kept++] = at;
    n[kept - 1]! += rows;
  };
  if (values) for (const [value, rows] of values) add(bucketOrder(value), rows);
  else if (histogram) {
    const { negative, positive } = histogram;
    add(-overflowOrder, negative.overflow);
    for (let index = negative.buckets.length - 1; index >= 0; index--) {
      const [k, rows] = negative.buckets[index]!;
      add(-(k + orderOffset), rows);
    }
    add(-underflowOrder, negative.underflow);
    add(zeroOrder, zero);
    add(underflowOrder, positive.underflow);
    for (const [k, rows] of positive.buckets) add(k + orderOffset, rows);
    add(overflowOrder, positive.overflow);
  }
  return { order: order.subarray(0, kept), n: n.subarray(0, kept) };
}
