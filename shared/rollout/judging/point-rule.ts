import type { ArmCounts } from './bucket.ts';

/**
 * The plain rule, `decide: point`: the rate of a whole step is above the limit, strictly. "Error rate > 0.01" as it stands; "p99 > 100 ms"
 * is the same rule on the share slower than 100 ms with a limit of .01. It proves nothing, and half of all candidates that are exactly at
 * the limit fail it.
 */
export const judgePoint = ({ bad, total }: ArmCounts, limit: number): boolean => total > 0 && bad / total > limit;
