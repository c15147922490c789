import { chiSquareSurvival } from '../../statistics/chi-square.ts';
import type { ArmCounts } from './bucket.ts';

export interface Dispersion {
  /** What the mean of squared steps says before any test; null where it can't be told. */
  readonly raw: number | null;
  readonly p: number | null;
  /** What counts are divided by: at least 1, and 1 unless more was shown. */
  readonly phi: number;
}

const LATEST = 48;
const FEWEST = 12;
const LEVEL = 0.05;

/**
 * How much more stable's counts vary from bucket to bucket than independent requests would, from before the rollout. Neighbours are
 * compared, so a day's wave or a trend is not taken for bursts. Never from the candidate: bursts of its own are what is looked for.
 */
export function dispersionOf(history: readonly ArmCounts[]): Dispersion {
  const buckets = history.filter(({ total }) => total > 0).slice(-LATEST);
  const bad = buckets.reduce((sum, bucket) => sum + bucket.bad, 0);
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const variance = total > 0 ? (bad / total) * (1 - bad / total) : 0;
  if (buckets.length < FEWEST || !(variance > 0)) return { raw: null, p: null, phi: 1 };
  let sum = 0;
  for (let b = 1; b < buckets.length; b++) {
    const [now, last] = [buckets[b]!, buckets[b - 1]!];
    sum += (now.bad / now.total - last.bad / last.total) ** 2 / (variance * (1 / now.total + 1 / last.total));
  }
  const raw = sum / (buckets.length - 1);
  // Differences of neighbours overlap: about ⅔ of the buckets are free.
  const free = (2 / 3) * buckets.length;
  const p = chiSquareSurvival(raw * free, free);
  return { raw, p, phi: p < LEVEL ? Math.max(1, raw) : 1 };
}
