import { bcaBounds, bcaPBelow, bootstrapDistribution } from '../statistics/bca.ts';
import { drawCounts } from '../statistics/draw-counts.ts';
import { wilson, wilsonPBelow, zOfLevel } from '../statistics/proportion.ts';
import { sortedQuantile } from '../statistics/quantile.ts';
import { createRandom } from '../statistics/random.ts';
import { clusteredMeanEstimate } from '../statistics/student-interval.ts';
import { meanOf } from '../statistics/sums.ts';
import type { IntervalOptions, Uncertainty } from './uncertainty.ts';
import { sided, spread } from './uncertainty.ts';

/** Rounds follow each other on one machine, so neighbours hang together: thirty blocks of them are what is resampled. */
const BLOCKS = 30;

const blockOf = (rounds: number) => (round: number) => Math.floor((round * Math.min(BLOCKS, rounds)) / rounds);

/** The quantile of a set of rounds, in milliseconds. */
export const latencyQuantile = (rounds: Float64Array, share: number): number => sortedQuantile(rounds.slice().sort(), share);

/**
 * candidate ÷ baseline − 1 of a latency quantile, both resampled by the same blocks of rounds, since the rounds are interleaved.
 * Null with fewer rounds than blocks, or a baseline of 0.
 */
export function relativeLatency(
  candidate: Float64Array,
  baseline: Float64Array,
  share: number,
  ci: IntervalOptions,
): { readonly estimate: number; readonly uncertainty: Uncertainty } | null {
  const rounds = Math.min(candidate.length, baseline.length);
  if (rounds < BLOCKS || latencyQuantile(baseline, share) <= 0) return null;
  const own = weightedQuantile(candidate.subarray(0, rounds), share);
  const other = weightedQuantile(baseline.subarray(0, rounds), share);
  const once = new Uint8Array(BLOCKS).fill(1);
  const estimate = own(once) / other(once) - 1;
  const random = createRandom(ci.seed);
  const counts = new Uint8Array(BLOCKS);
  const values = new Float64Array(ci.resamples);
  for (let resample = 0; resample < ci.resamples; resample++) {
    drawCounts(random, counts, 0, BLOCKS);
    values[resample] = own(counts) / other(counts) - 1;
  }
  const center = meanOf(values);
  const se = Math.sqrt(meanOf(values.map((value) => (value - center) ** 2)));
  // Bias-corrected without acceleration: a quantile has no jackknife that converges.
  const distribution = bootstrapDistribution(values, estimate, 0);
  return {
    estimate,
    uncertainty: {
      method: 'paired-block-bootstrap',
      ...spread(bcaBounds(distribution, ci.level)),
      se,
      p: sided((limit) => bcaPBelow(distribution, limit)),
    },
  };
}

/** The quantile (type 7) of rounds whose block stands `counts` times. */
function weightedQuantile(rounds: Float64Array, share: number): (counts: Uint8Array) => number {
  const order = Uint32Array.from(rounds, (_, i) => i).sort((a, b) => rounds[a]! - rounds[b]!);
  const block = Uint8Array.from(rounds, (_, i) => blockOf(rounds.length)(i));
  return (counts) => {
    let total = 0;
    for (const code of block) total += counts[code]!;
    const position = share * (total - 1);
    const below = Math.floor(position);
    let passed = 0;
    let low: number | null = null;
    for (const round of order) {
      passed += counts[block[round]!]!;
      if (low === null && passed > below) low = rounds[round]!;
      if (low !== null && passed > Math.min(below + 1, total - 1)) return low + (position - below) * (rounds[round]! - low);
    }
    return low ?? Number.NaN;
  };
}

/** "p99 ≤ 100 ms" is "the share slower than 100 ms is at most 1 %": that share, by Wilson on blocks of rounds (n/deff). */
export function shareSlower(
  rounds: Float64Array,
  limit: number,
  level: number,
): { readonly share: number; readonly uncertainty: Uncertainty } {
  const n = rounds.length;
  const slow = Float64Array.from(rounds, (round) => Number(round > limit));
  const { mean: share, se } = clusteredMeanEstimate(
    slow,
    Array.from(rounds, (_, i) => blockOf(n)(i)),
    BLOCKS,
  );
  const effect = share > 0 && share < 1 && se !== null ? Math.max(1, (se * se * n) / (share * (1 - share))) : 1;
  const effective = n / effect;
  const bounds = wilson(share * effective, effective, level);
  return {
    share,
    uncertainty: {
      method: 'wilson-blocks',
      ...spread(bounds),
      se: bounds && (bounds[1] - bounds[0]) / (2 * zOfLevel(level)),
      p: sided((other) => wilsonPBelow(share * effective, effective, other)),
    },
  };
}
