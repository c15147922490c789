/**
 * Where a double falls in the log-linear histogram: 64 equal parts of each octave. With a = |x|, e = floor(log2 a) and
 * k = 64e + floor((a / 2^e - 1) * 64), a positive's order is k + 65472 (which is its first 17 bits), a negative's the same below zero, so
 * that orders ascend as the numbers do. Exact: no logarithm takes part. Domain 1e-300 <= a <= 8.9e307; beyond it lie the two underflows
 * next to zero and the two overflows at the ends.
 */
const domain = { low: 1e-300, high: 8.9e307 } as const;
export const zeroOrder = 0;
export const underflowOrder = 1;
export const overflowOrder = 2_047 * 64;
/** order - k of a positive's bucket. */
export const orderOffset = 1_023 * 64;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Where the sign and the exponent lie. */
const highWord = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Of a finite number; the caller has taken NaN and the infinities out. */
export function bucketOrder(x: number): number {
  if (x === 0) return zeroOrder;
  const a = Math.abs(x);
  const order = a < domain.low ? underflowOrder : a > domain.high ? overflowOrder : firstBits(a);
  return x < 0 ? -order : order;
}

function firstBits(a: number): number {
  double[0] = a;
  return words[highWord]! >>> 14;
}

export interface BucketRange {
  readonly low: number;
  readonly high: number;
}

/** The numbers of a bucket: low <= x < high of a positive, low < x <= high of a negative, 0 and 0 of zero. */
export function bucketRange(order: number): BucketRange {
  if (order === zeroOrder) return { low: 0, high: 0 };
  if (order < 0) {
    const { low, high } = bucketRange(-order);
    return { low: -high, high: -low };
  }
  if (order === underflowOrder) return { low: 0, high: domain.low };
  if (order === overflowOrder) return { low: domain.high, high: Number.MAX_VALUE };
  return { low: Math.max(domain.low, lowerEdge(order)), high: Math.min(lowerEdge(order + 1), domain.high) };
}

/** The number that stands for a bucket: at most 1/128 of itself away from any in it. */
export function bucketMiddle(order: number): number {
  const { low, high } = bucketRange(order);
  return low + (high - low) / 2;
}

function lowerEdge(order: number): number {
  words[highWord] = order << 14;
  words[1 - highWord] = 0;
  return double[0]!;
}
