import type { ArmCounts } from './bucket.ts';
import { boundOfRate } from './rate-bound.ts';

/** A total outage is five bad answers; fewer are never an outage. */
const LEAST_BAD = 5;
const CONFIDENCE = 0.99;

/**
 * The guard of every state: whether the last minute's rate is above `hardMax` beyond doubt (99 %, one-sided, counts divided by φ).
 * It rolls back whatever else is said, both arms bad or not.
 */
export function judgeHardLimit(lastMinute: ArmCounts, hardMax: number, phi = 1): { readonly lower: number; readonly rollback: boolean } {
  const { lower } = boundOfRate(lastMinute, hardMax, { confidence: CONFIDENCE, phi });
  return { lower, rollback: lower > hardMax && lastMinute.bad >= LEAST_BAD };
}
