import { chiSquareSurvival } from '../statistics/chi-square.ts';
import { fSurvival } from '../statistics/f-distribution.ts';
import type { Places } from './rank-test.ts';

/** How much more than chance the reference's own windows differ. */
export interface Dispersion {
  /** 1: rows assumed independent. */
  readonly phi: number;
  /** K where φ was learnt of K windows; null where it is assumed or given. */
  readonly windows: number | null;
}

export const independent: Dispersion = { phi: 1, windows: null };

/** Fewer windows than this say nothing about how much windows differ. */
export const leastWindows = 7;
const leastRows = 50;

/**
 * φ = max(1, mean of X_w), X_w the statistic / df of window w against all other windows, over the K >= 7 windows of at least 50 rows
 * (quasi-likelihood: McCullagh & Nelder 1989; Rao & Scott 1984). With fewer, rows are assumed independent.
 *
 * @param windows rows of each window over the same places
 */
export function learnDispersion(
  windows: readonly Float64Array[],
  test: (places: Places) => { readonly statistic: number | null; readonly df: number },
): Dispersion & { readonly ratios: readonly number[]; readonly large: number } {
  const large = windows.filter((window) => total(window) >= leastRows);
  if (large.length < leastWindows) return { ...independent, ratios: [], large: large.length };
  const whole = new Float64Array(windows[0]?.length ?? 0);
  for (const window of windows) for (let i = 0; i < whole.length; i++) whole[i]! += window[i]!;
  const ratios = large.map((current) => {
    const { statistic, df } = test({ reference: whole.map((rows, i) => rows - current[i]!), current });
    return statistic === null ? 0 : statistic / df;
  });
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return { phi: Math.max(1, mean), windows: large.length, ratios, large: large.length };
}

/** Quasi-F where φ was learnt, else χ² of T/φ. */
export const scaledSurvival = (statistic: number, df: number, { phi, windows }: Dispersion): number =>
  windows === null ? chiSquareSurvival(statistic / phi, df) : fSurvival(statistic / df / phi, df, windows - 1);

export const total = (rows: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += rows[i]!;
  return sum;
};
