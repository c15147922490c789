import type { ColumnTable } from '../query/query-engine.ts';
import { createRandom } from '../statistics/random.ts';
import { sliceRows } from './score-rows.ts';
import type { Scorer } from './scorer.ts';

export interface LatencyRequest {
  readonly candidate: Scorer;
  readonly baseline: Scorer | null;
  /** Rows to call with, one at a time, over and over. Must hold the columns of both. */
  readonly rows: ColumnTable;
  /** Timed calls of each side. */
  readonly rounds: number;
  readonly seed: number;
  /** Milliseconds, with fractions: `performance.now`. */
  readonly now: () => number;
}

/** Milliseconds a call, one entry a round: entry i of both sides is of the same row, one right after the other. */
export interface Latency {
  readonly candidate: Float64Array;
  readonly baseline: Float64Array | null;
}

/** Calls before the clock counts: caches fill and the compiler settles. */
const warmUpRounds = 50;

/**
 * Times calls of one row. Both sides take turns on the same rows and who goes first is drawn by lot, so that a busy machine,
 * its temperature and its caches do the same to both.
 */
export async function measureLatency({ candidate, baseline, rows, rounds, seed, now }: LatencyRequest): Promise<Latency> {
  const calls = Array.from({ length: Math.min(rows.rowCount, rounds, 1_000) }, (_, row) => sliceRows(rows, row, row + 1));
  const times: Latency = { candidate: new Float64Array(rounds), baseline: baseline && new Float64Array(rounds) };
  const random = createRandom(seed);
  for (let round = -Math.min(warmUpRounds, rounds); round < rounds; round++) {
    const row = calls[(round + warmUpRounds) % calls.length]!;
    const candidateFirst = random.uint32() >= 2 ** 31;
    if (candidateFirst) await time(candidate, row, times.candidate, round);
    if (baseline && times.baseline) await time(baseline, row, times.baseline, round);
    if (!candidateFirst) await time(candidate, row, times.candidate, round);
  }
  return times;

  async function time(scorer: Scorer, row: ColumnTable, target: Float64Array, round: number) {
    const start = now();
    await scorer.score(row);
    const spent = now() - start;
    if (round >= 0) target[round] = spent;
  }
}
