import { chiSquareSurvival } from '../../statistics/chi-square.ts';
import type { PooledNumbers } from './pool-samples.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

export interface EppsSingleton {
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
}

/**
 * Characteristic functions of both sides at .4 and .8 of half the pooled interquartile range (Epps and Singleton 1986), as
 * `scipy.stats.epps_singleton_2samp`. Null where a side has fewer than five rows or the range is 0.
 */
export function eppsSingleton(pooled: PooledNumbers): EppsSingleton | null {
  const { values, reference, current, n, m } = pooled;
  const range = pooledQuantile(pooled, 0.75) - pooledQuantile(pooled, 0.25);
  if (n < 5 || m < 5 || !(range > 0)) return null;
  const waves = [0.4, 0.8].map((t) => t / (range / 2));
  // cos, cos, sin, sin: SciPy's order.
  const features = [...waves.map((t) => values.map((x) => Math.cos(t * x))), ...waves.map((t) => values.map((x) => Math.sin(t * x)))];
  const first = meansAndCovariance(features, reference, n);
  const second = meansAndCovariance(features, current, m);
  const rows = n + m;
  const covariance = first.covariance.map((row, i) => row.map((value, j) => (rows / n) * value + (rows / m) * second.covariance[i]![j]!));
  const difference = first.means.map((value, i) => value - second.means[i]!);
  const { eigenvalues, vectors } = symmetricEigen(covariance);
  const largest = Math.max(...eigenvalues.map(Math.abs));
  let df = 0;
  let statistic = 0;
  eigenvalues.forEach((eigenvalue, k) => {
    const along = difference.reduce((sum, value, i) => sum + value * vectors[i]![k]!, 0);
    if (eigenvalue > Math.max(1e-12 * largest, 1e-20)) {
      df++;
      statistic += (rows * along * along) / eigenvalue;
    } else if (Math.abs(along) > 1e-8) statistic = Number.POSITIVE_INFINITY;
    // What is left is rounding of exactly dependent waves: few different values.
  });
  if (statistic === Number.POSITIVE_INFINITY) return { statistic, df, p: 0 };
  if (df === 0) return null;
  if (Math.max(n, m) < 25) statistic /= 1 + rows ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7);
  return { statistic, df, p: chiSquareSurvival(statistic, df) };
}

/** Biased covariance of the features over one side's rows: one walk for the means, one about them. */
function meansAndCovariance(features: readonly Float64Array[], counts: Float64Array, rows: number) {
  const size = features.length;
  const means = new Float64Array(size);
  for (let i = 0; i < counts.length; i++) {
    const share = counts[i]! / rows;
    if (share > 0) for (let k = 0; k < size; k++) means[k]! += share * features[k]![i]!;
  }
  const flat = new Float64Array(size * size);
  const apart = new Float64Array(size);
  for (let i = 0; i < counts.length; i++) {
    const share = counts[i]! / rows;
    if (share === 0) continue;
    for (let k = 0; k < size; k++) {
      apart[k] = features[k]![i]! - means[k]!;
      for (let l = 0; l <= k; l++) flat[k * size + l]! += share * apart[k]! * apart[l]!;
    }
  }
  const covariance = features.map((_, k) => features.map((__, l) => flat[Math.max(k, l) * size + Math.min(k, l)]!));
  return { means: Array.from(means), covariance };
}

/** Type 7 of the pooled rows. */
function pooledQuantile({ values, reference, current, n, m }: PooledNumbers, share: number): number {
  const position = share * (n + m - 1);
  const at = (place: number): number => {
    for (let i = 0, seen = 0; i < values.length; i++) {
      seen += reference[i]! + current[i]!;
      if (place < seen) return values[i]!;
    }
    return values[values.length - 1]!;
  };
  const low = at(Math.floor(position));
  const high = at(Math.min(Math.floor(position) + 1, n + m - 1));
  return low + (high - low) * (position - Math.floor(position));
}
