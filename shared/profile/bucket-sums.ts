import { orderOffset } from './bucket.ts';
import type { ExactSum } from './exact-sum.ts';

/** Of a = 2^(e-52) · (2^52 + j·2^46 + q), where the engine summed q and q² over n rows. */
export function bucketSums(order: number, n: bigint, q: bigint, r: bigint): { readonly sum: ExactSum; readonly square: ExactSum } {
  const j = order & 63;
  const exponent = (order - j - orderOffset) / 64 - 52;
  const edge = (1n << 52n) + (BigInt(j) << 46n);
  return {
    sum: { integer: n * edge + q, exponent },
    square: { integer: n * edge * edge + 2n * edge * q + r, exponent: exponent * 2 },
  };
}
