import { clopperPearsonOneSided } from '../../statistics/proportion.ts';
import type { ArmCounts } from './bucket.ts';

export interface RateBound {
  /** Null without requests. */
  readonly rate: number | null;
  /** One-sided, each at `confidence`. */
  readonly lower: number;
  readonly upper: number;
  /** The lower bound is above the limit. */
  readonly breach: boolean;
  /** The upper bound is at or below it: 299 requests without an error rule out more than 1 %. */
  readonly cleared: boolean;
}

/**
 * Clopper and Pearson's bounds of a rate beside a limit. Exact for one look; repeated looks are what the count evidence is for.
 * Counts are divided by `phi` where they come in bursts.
 */
export function boundOfRate({ bad, total }: ArmCounts, limit: number, { confidence = 0.95, phi = 1 } = {}): RateBound {
  const [lower, upper] = total > 0 ? clopperPearsonOneSided(bad / phi, total / phi, confidence) : ([0, 1] as const);
  return { rate: total > 0 ? bad / total : null, lower, upper, breach: lower > limit, cleared: upper <= limit };
}
