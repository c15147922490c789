import { type BoundaryChain, nextBoundary, spentAt } from '../../statistics/lan-demets.ts';

/** How a look of a day may stop: the bound of |z|, and whether it is the planned end. */
export interface DailyLook {
  readonly day: number;
  /** Information fraction: units so far over those planned, at most 1. */
  readonly t: number;
  /** ∞ where nothing was spent. */
  readonly bound: number;
  readonly isLast: boolean;
}

const SMALLEST_SPENDING = 1e-10;

/**
 * Two-sided bounds of Lan and DeMets, O'Brien-Fleming type, at the real fractions of information. After t = 1 the last bound stands: more
 * units bring no more alpha.
 */
export function dailyLooks(
  days: readonly { readonly day: number; readonly units: number }[],
  planned: number,
  alpha: number,
): readonly DailyLook[] {
  const fractions = days.map(({ units }) => Math.min(1, units / planned));
  const steps = fractions.map((t, i) => t - (fractions[i - 1] ?? 0)).filter((step) => step > 0);
  const plan = { alpha, sides: 2, spending: 'obrien-fleming', smallestStep: Math.max(1e-4, Math.min(1, ...steps)) } as const;
  let chain: BoundaryChain | null = null;
  return days.map(({ day }, i) => {
    const t = fractions[i]!;
    const isNew = t - (chain?.t ?? 0) >= 1e-4 && spentAt(plan, t) - (chain?.spent ?? 0) >= SMALLEST_SPENDING;
    if (isNew) chain = nextBoundary(plan, chain, t);
    // Days that brought nothing new are judged by what stands.
    const bound = isNew || t >= 1 ? (chain?.bound ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    return { day, t, bound, isLast: t >= 1 };
  });
}
