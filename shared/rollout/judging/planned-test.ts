import { type BoundaryChain, nextBoundary, type SpendingPlan, spentAt } from '../../statistics/lan-demets.ts';
import { normalQuantile } from '../../statistics/normal.ts';
import type { Bucket } from './bucket.ts';

/** Z against stable, stratified by bucket (Cochran, Mantel, Haenszel), and the looks at which some of its alpha was spent. */
export interface PlannedTest {
  /** Σ (x − tm/n). */
  readonly excess: number;
  /** Σ V, not divided by φ. */
  readonly information: number;
  /** Mantel and Haenszel's ratio: Σ xs/n over Σ cm/n. */
  readonly above: number;
  readonly below: number;
  /** Information fractions of the looks that spent. */
  readonly looked: readonly number[];
  /** The boundaries as far as they were needed. It follows from `looked`: whoever stores this may leave it out. */
  readonly chain: BoundaryChain | null;
}

export const beginPlanned = (): PlannedTest => ({ excess: 0, information: 0, above: 0, below: 0, looked: [], chain: null });

const SMALLEST_STEP = 0.01;
const SMALLEST_SPENDING = 1e-10;
/** Information never ends exactly where it was planned: from here on all alpha is spent, once. */
const ALMOST_ALL = 0.99;

export function addShared(test: PlannedTest, { candidate, stable }: Bucket): PlannedTest {
  const { bad: x, total: m } = candidate;
  const { bad: c, total: s } = stable;
  if (!(m > 0 && s > 0)) return test;
  const n = m + s;
  const t = x + c;
  return {
    ...test,
    excess: test.excess + x - (t * m) / n,
    information: test.information + (t * (n - t) * m * s) / (n * n * (n - 1)),
    above: test.above + (x * s) / n,
    below: test.below + (c * m) / n,
  };
}

/** Null while nothing varies. */
export const zOf = ({ excess, information }: PlannedTest, phi: number): number | null =>
  information > 0 ? excess / Math.sqrt(phi * information) : null;

/** How many times stable's rate; null where neither arm had a bad answer in a shared bucket, ∞ where only the candidate had. */
export const ratioOf = ({ above, below }: PlannedTest): number | null =>
  below > 0 ? above / below : above > 0 ? Number.POSITIVE_INFINITY : null;

export const planOf = (alpha: number): SpendingPlan => ({ alpha, sides: 1, spending: 'obrien-fleming', smallestStep: SMALLEST_STEP });

/** Whether this look spends: information has grown by a hundredth and there is something to spend. What isn't spent waits. */
export function lookPlanned(
  test: PlannedTest,
  planned: number | null,
  alpha: number,
): { readonly test: PlannedTest; readonly looks: boolean } {
  if (planned === null || !(planned > 0)) return { test, looks: false };
  const share = test.information / planned;
  const t = share >= ALMOST_ALL ? 1 : share;
  const last = test.looked.at(-1) ?? 0;
  const plan = planOf(alpha);
  const looks = last < 1 && t - last >= SMALLEST_STEP && spentAt(plan, t) - spentAt(plan, last) >= SMALLEST_SPENDING;
  return { test: looks ? { ...test, looked: [...test.looked, t] } : test, looks };
}

/** The bound of the last look that spent; the chain in between is made where it is missing. */
export function boundOf(test: PlannedTest, alpha: number): { readonly test: PlannedTest; readonly bound: number } {
  const plan = planOf(alpha);
  let chain = test.chain;
  const from = chain ? test.looked.indexOf(chain.t) + 1 : 0;
  for (const t of test.looked.slice(from)) chain = nextBoundary(plan, chain, t);
  return { test: { ...test, chain }, bound: chain?.bound ?? Number.POSITIVE_INFINITY };
}

/**
 * No bound of this look can be lower: who crosses now is at most what all looks so far may spend. Cheap, so that healthy rollouts never
 * integrate anything.
 */
export const lowestBound = (test: PlannedTest, alpha: number): number => -normalQuantile(spentAt(planOf(alpha), test.looked.at(-1) ?? 0));
