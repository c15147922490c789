import type { Bounds } from '../statistics/proportion.ts';

export interface IntervalOptions {
  readonly method: 'auto' | 'bca' | 'percentile';
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
}

/** An interval and the test that it inverts, on the metric's own scale. */
export interface Uncertainty {
  readonly method: string;
  /** Null: the interval has no width that means anything (no variance, too few rows for the method). */
  readonly low: number | null;
  readonly high: number | null;
  /** Standard error for margins and rows needed; null where there is none. */
  readonly se: number | null;
  /** One-sided p of "the parameter is at least (at most) `limit`": small is evidence against it. */
  p(limit: number, side: 'at-least' | 'at-most'): number | null;
}

/** An interval's ends; null where it has none. */
export const spread = (bounds: Bounds | null) => ({ low: bounds?.[0] ?? null, high: bounds?.[1] ?? null });

/** Makes the test of both sides from that of one: the p of the other side is what is left. */
export const sided =
  (atLeast: (limit: number) => number | null): Uncertainty['p'] =>
  (limit, side) => {
    const p = atLeast(limit);
    return p === null || side === 'at-least' ? p : 1 - p;
  };
