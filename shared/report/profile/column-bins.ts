import { bucketRange } from '../../profile/bucket.ts';
import type { NumericCounts } from '../../profile/column-counts.ts';
import { orderedBuckets } from '../../profile/ordered-buckets.ts';

/** Rows over bins of one width; what lies beyond the ends is counted in the outermost ones. */
export interface Bins {
  readonly low: number;
  readonly high: number;
  /** Shares of the finite rows. */
  readonly shares: readonly number[];
  /** Least and largest value, as far as the profile tells. */
  readonly ends: { readonly low: number; readonly high: number };
  /** Middles of the buckets that hold these shares of the rows. */
  readonly quantiles: { readonly low: number; readonly median: number; readonly high: number };
}

const tails = 0.005;

/**
 * A picture's bins of a column of numbers: from the .5 % to the 99.5 % point, so that one outlier doesn't flatten the rest; of few whole
 * numbers each has its own bin. Null without rows.
 */
export function columnBins(counts: NumericCounts, whole = false, bins = 40): Bins | null {
  const { order, n } = orderedBuckets(counts);
  const rows = n.reduce((sum, count) => sum + count, 0);
  if (rows === 0) return null;
  const [min, max] = [counts.min ?? 0, counts.max ?? 0];
  const range = (index: number) => {
    const { low, high } = bucketRange(order[index] ?? 0);
    return { low: Math.min(Math.max(low, min), max), high: Math.max(Math.min(high, max), min) };
  };
  const bucketAt = (share: number) => {
    let below = 0;
    for (const [index, count] of n.entries()) {
      below += count;
      if (below >= share * rows) return range(index);
    }
    return range(n.length - 1);
  };
  // Of whole numbers the one that the bucket begins with: it holds no other while it is narrow.
  const middle = ({ low, high }: { readonly low: number; readonly high: number }) =>
    whole && high - low < 2 ? (low < 0 ? Math.floor(high) : Math.ceil(low)) : low + (high - low) / 2;
  let [low, high] = [bucketAt(tails).low, bucketAt(1 - tails).high];
  if (!Number.isFinite(high - low)) [low, high] = [low / 4, high / 4];
  // A whole number's bucket reaches beyond it: the end is the number.
  const ends = whole ? { low: middle(range(0)), high: middle(range(n.length - 1)) } : { low: min, high: max };
  const quantiles = { low: middle(bucketAt(0.05)), median: middle(bucketAt(0.5)), high: middle(bucketAt(0.95)) };
  if (!(high > low)) return { low, high, shares: [1], quantiles, ends };
  if (whole && order.length <= bins) return { ...ends, shares: Array.from(n, (count) => count / rows), quantiles, ends };
  const sums = new Array<number>(bins).fill(0);
  const width = (high - low) / bins;
  const binOf = (value: number) => Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
  for (const [index, count] of n.entries()) {
    const bucket = range(index);
    const [first, last] = [binOf(bucket.low), binOf(bucket.high)];
    // A bucket that reaches over several bins is spread over them evenly.
    const size = bucket.high - bucket.low;
    for (let bin = first; bin <= last; bin += 1) {
      const from = bin === first ? bucket.low : low + bin * width;
      const to = bin === last ? bucket.high : low + (bin + 1) * width;
      const part = size > 0 && first !== last ? Math.max(0, (to - from) / size) : 1;
      sums[bin] = (sums[bin] ?? 0) + count * part;
    }
  }
  const total = sums.reduce((sum, count) => sum + count, 0);
  return { low, high, shares: sums.map((count) => count / total), quantiles, ends };
}
