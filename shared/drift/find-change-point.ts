import { normalQuantile } from '../statistics/normal.ts';
import { meanOf } from '../statistics/sums.ts';

export interface ChangePointOptions {
  /** Fewest values on either side of a change; 2 where nothing is said, so that one odd window is no change. */
  readonly minimumRun?: number;
  /** Smallest difference of the means that counts as a change; 0 where nothing is said. */
  readonly minimumChange?: number;
  /** Chance that a series without a change shows one (normal, independent values); .01 where nothing is said. */
  readonly level?: number;
}

export interface ChangePoint {
  /** The first value after the change. */
  readonly index: number;
  /** Means of the values before and from the change on. */
  readonly before: number;
  readonly after: number;
}

/**
 * The strongest single change of level: the split with the largest standardised difference of means (CUSUM; Page 1955, Sen &
 * Srivastava 1975), where it exceeds the normal quantile at level / (2 · splits). The noise is 1.4826/√2 · MAD of the first
 * differences, which a step moves in one place only; a median of three keeps steps and takes away what stands alone. Values that aren't finite (a window without rows) are left out of the means.
 * Null where the series is too short or nothing changed.
 */
export function findChangePoint(values: readonly number[], options: ChangePointOptions = {}): ChangePoint | null {
  const { minimumRun = 2, minimumChange = 0, level = 0.01 } = options;
  const places = values.flatMap((value, index) => (Number.isFinite(value) ? [index] : []));
  const n = places.length;
  const splits = n - 2 * minimumRun + 1;
  if (minimumRun < 1 || splits < 1) return null;
  const raw = places.map((place) => values[place]!);
  const series = raw.map((value, at) => (at === 0 || at === n - 1 ? value : middleOf(raw[at - 1]!, value, raw[at + 1]!)));
  const total = series.reduce((sum, value) => sum + value, 0);
  let best = { size: -1, at: -1, before: 0, after: 0 };
  let sum = 0;
  for (let at = 1; at <= n - minimumRun; at++) {
    sum += series[at - 1]!;
    if (at < minimumRun) continue;
    const before = sum / at;
    const after = (total - sum) / (n - at);
    const size = Math.abs(after - before) * Math.sqrt((at * (n - at)) / n);
    // A tie stays with the earlier split: the order of arithmetic must not choose.
    if (size > best.size * (1 + 1e-12)) best = { size, at, before, after };
  }
  const change = Math.abs(best.after - best.before);
  // Equal values sum with rounding: what is smaller than that is no change.
  const rounding = 1e-12 * Math.max(1e-300, ...series.map(Math.abs));
  if (change <= rounding || change < minimumChange - 1e-12) return null;
  const limit = normalQuantile(1 - level / (2 * splits)) * (1 + slack / n);
  return best.size > limit * noiseOf(raw)
    ? { index: places[best.at]!, before: meanOf(raw.slice(0, best.at)), after: meanOf(raw.slice(best.at)) }
    : null;
}

const middleOf = (a: number, b: number, c: number) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** The noise is known from n values only: with this factor random series of 6 … 200 values stay within the level (test). */
const slack = 10;

/** Standard deviation of a value about its level, told by neighbours. With a steady majority it is 0, and then every change is one. */
function noiseOf(series: readonly number[]): number {
  const steps = series
    .slice(1)
    .map((value, index) => Math.abs(value - series[index]!))
    .sort((a, b) => a - b);
  const middle = steps.length >> 1;
  const median = steps.length % 2 === 1 ? steps[middle]! : (steps[middle - 1]! + steps[middle]!) / 2;
  return (1.482602218505602 * median) / Math.SQRT2;
}
