import { betaQuantile } from './beta.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/** Two numbers, low and high. */
export type Bounds = readonly [number, number];

/** z of a two-sided level: .90 gives 1.6449, the one-sided .05 point. */
export const zOfLevel = (level: number): number => normalQuantile(0.5 + level / 2);

/** Wilson's score interval (1927). `n` may be an effective number of rows, not whole. Null where n is 0. */
export function wilson(successes: number, n: number, level: number): Bounds | null {
  if (!(n > 0)) return null;
  const z = zOfLevel(level);
  const p = successes / n;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [successes === 0 ? 0 : Math.max(0, (centre - half) / scale), successes === n ? 1 : Math.min(1, (centre + half) / scale)];
}

/** One-sided p of "the proportion is at least `limit`" by the score test that Wilson's interval inverts; null where the test has no width. */
export function wilsonPBelow(successes: number, n: number, limit: number): number | null {
  const p = successes / n;
  if (limit <= 0 || limit >= 1) return limit <= 0 || p >= 1 ? 1 : 0;
  return n > 0 ? normalCdf((p - limit) / Math.sqrt((limit * (1 - limit)) / n)) : null;
}

/** Clopper and Pearson (1934), exact. */
export const clopperPearson = (successes: number, n: number, level: number): Bounds => [
  successes === 0 ? 0 : betaQuantile((1 - level) / 2, successes, n - successes + 1),
  successes === n ? 1 : 1 - betaQuantile((1 - level) / 2, n - successes, successes + 1),
];

/** The one-sided bounds of Clopper and Pearson, each at `confidence`. */
export const clopperPearsonOneSided = (successes: number, n: number, confidence: number): Bounds =>
  clopperPearson(successes, n, 2 * confidence - 1);

/** Quantiles of Beta(x + ½, n − x + ½). */
export const jeffreys = (successes: number, n: number, level: number): Bounds => [
  betaQuantile((1 - level) / 2, successes + 0.5, n - successes + 0.5),
  1 - betaQuantile((1 - level) / 2, n - successes + 0.5, successes + 0.5),
];

/** Agresti and Coull (1998): Wald around Wilson's centre, cut at 0 and 1. */
export function agrestiCoull(successes: number, n: number, level: number): Bounds {
  const z = zOfLevel(level);
  const total = n + z * z;
  const p = (successes + (z * z) / 2) / total;
  const half = z * Math.sqrt((p * (1 - p)) / total);
  return [Math.max(0, p - half), Math.min(1, p + half)];
}
