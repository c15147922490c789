import { type Bounds, zOfLevel } from '../../statistics/proportion.ts';
import { newcombeDifference, twoProportionZ, twoSidedP } from '../../statistics/two-proportions.ts';

/** Successes of so many units. */
export interface Successes {
  readonly successes: number;
  readonly units: number;
}

export interface ProportionComparison {
  /** First minus second. */
  readonly difference: number;
  /** Pooled, two-sided; null where both rates are 0, or both 1. */
  readonly z: number | null;
  readonly p: number | null;
  readonly newcombe: Bounds | null;
  readonly wald: Bounds;
  /** Relative: first over second, less 1; null where the second is 0. */
  readonly lift: number | null;
}

/** Two proportions of independent units, each of at least one. */
export function compareProportions(first: Successes, second: Successes, level = 0.95): ProportionComparison {
  const [x1, n1, x2, n2] = [first.successes, first.units, second.successes, second.units];
  const [p1, p2] = [x1 / n1, x2 / n2];
  const z = twoProportionZ(x1, n1, x2, n2);
  const half = zOfLevel(level) * Math.sqrt((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2);
  return {
    difference: p1 - p2,
    z,
    p: z === null ? null : twoSidedP(z),
    newcombe: newcombeDifference(x1, n1, x2, n2, level),
    wald: [p1 - p2 - half, p1 - p2 + half],
    lift: p2 > 0 ? p1 / p2 - 1 : null,
  };
}
