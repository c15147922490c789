import { normalCdf, normalQuantile, normalSf } from './normal.ts';
import type { Bounds } from './proportion.ts';
import { sortedQuantile } from './quantile.ts';

/** A bootstrap distribution, sorted ascending, with what BCa needs beside it. */
export interface BootstrapDistribution {
  readonly sorted: Float64Array;
  readonly z0: number;
  readonly acceleration: number;
}

/** a = Σd³ / (6 (Σd²)^1.5) of the influence values d = mean(jackknife) − jackknife; 0 where nothing varies. */
export function accelerationOf(influence: ArrayLike<number>): number {
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < influence.length; i++) {
    const d = influence[i]!;
    squares += d * d;
    cubes += d * d * d;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

/** The same where rows come in kinds: the jackknife of each kind, and how many rows are of it. */
export function accelerationOfKinds(jackknife: ArrayLike<number>, rows: ArrayLike<number>): number {
  let mean = 0;
  let total = 0;
  for (let i = 0; i < jackknife.length; i++) {
    total += rows[i]!;
    mean += ((jackknife[i]! - mean) * rows[i]!) / total;
  }
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < jackknife.length; i++) {
    const d = mean - jackknife[i]!;
    squares += rows[i]! * d * d;
    cubes += rows[i]! * d * d * d;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

/** The influence values of a jackknife. */
export function influenceOf(jackknife: ArrayLike<number>): Float64Array {
  let mean = 0;
  for (let i = 0; i < jackknife.length; i++) mean += (jackknife[i]! - mean) / (i + 1);
  const influence = new Float64Array(jackknife.length);
  for (let i = 0; i < influence.length; i++) influence[i] = mean - jackknife[i]!;
  return influence;
}

/** z0 = Φ⁻¹((share below + share at or below)/2): ties count half (Efron 1987). Sorts `values` in place. */
export function bootstrapDistribution(values: Float64Array, estimate: number, acceleration: number): BootstrapDistribution {
  const sorted = values.sort();
  return { sorted, z0: normalQuantile(shareBelow(sorted, estimate)), acceleration };
}

function shareBelow(sorted: Float64Array, value: number): number {
  // Values within rounding of each other count as ties: resamples of equal rows differ in the last bit.
  const slack = 1e-12 * Math.max(Math.abs(value), Math.abs(sorted[0] ?? 0), Math.abs(sorted[sorted.length - 1] ?? 0));
  return (position(sorted, value - slack) + position(sorted, value + slack)) / (2 * sorted.length);
}

/** How many are below the value. */
function position(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The shares of the distribution at which the two bounds stand: Φ(z0 + (z0 + z)/(1 − a(z0 + z))). */
export function bcaShares({ z0, acceleration }: BootstrapDistribution, level: number): Bounds {
  const share = (z: number) => normalCdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z)));
  const z = normalQuantile(0.5 + level / 2);
  return [share(-z), share(z)];
}

/** Null where the estimate lies outside its own distribution (z0 infinite). */
export function bcaBounds(distribution: BootstrapDistribution, level: number): Bounds | null {
  if (!Number.isFinite(distribution.z0)) return null;
  const [low, high] = bcaShares(distribution, level);
  return [sortedQuantile(distribution.sorted, low), sortedQuantile(distribution.sorted, high)];
}

export const percentileBounds = (sorted: Float64Array, level: number): Bounds => [
  sortedQuantile(sorted, (1 - level) / 2),
  sortedQuantile(sorted, (1 + level) / 2),
];

/** One-sided p of "the parameter is at least `limit`": the level whose upper BCa bound is the limit. Never below 1/(resamples + 1). */
export function bcaPBelow({ sorted, z0, acceleration }: BootstrapDistribution, limit: number): number | null {
  if (!Number.isFinite(z0)) return null;
  const w = normalQuantile(clamp(shareBelow(sorted, limit), sorted.length)) - z0;
  return clamp(normalSf(w / (1 + acceleration * w) - z0), sorted.length);
}

/** The same for a percentile interval. */
export const percentilePBelow = (sorted: Float64Array, limit: number): number => clamp(1 - shareBelow(sorted, limit), sorted.length);

const clamp = (p: number, resamples: number) => Math.min(1 - 1 / (resamples + 1), Math.max(1 / (resamples + 1), p));
