import { clopperPearson } from '../../statistics/proportion.ts';
import { formatCount, formatPercent } from '../../words/format-number.ts';
import type { ShadowComparison } from './shadow-comparison.ts';

/**
 * Highest share of requests that a candidate may answer otherwise than stable: one of twenty. A model that was trained anew moves some
 * answers (that is what it is for), but one that moves more is looked at by somebody first. `--limit` sets another.
 */
export const USUAL_DISAGREEMENT = 0.05;

/** More of stable's requests than this without an answer of the candidate: what it did answer is no fair part of them. */
export const MOST_MISSED = 0.05;

export const SHADOW_LEVEL = 0.95;

export interface ShadowCounts {
  readonly compared: number;
  readonly disagreeing: number;
  /** Requests that the candidate was asked and did not answer. */
  readonly missed: number;
}

export type ShadowRecommendation = Pick<ShadowComparison, 'recommends' | 'verdict' | 'why'> & {
  readonly interval: ShadowComparison['disagreement']['interval'];
};

/**
 * Promote where the upper bound of the share of disagreement is at most the limit. The bounds are exact (Clopper and Pearson 1934), 95 %
 * two-sided, so the one that decides errs in 2.5 of a hundred: with no disagreement at all, a limit of .05 needs 72 requests.
 */
export function recommendShadow({ compared, disagreeing, missed }: ShadowCounts, limit: number): ShadowRecommendation {
  const bounds = compared > 0 ? clopperPearson(disagreeing, compared, SHADOW_LEVEL) : null;
  const interval = bounds && { low: bounds[0], high: bounds[1], level: SHADOW_LEVEL, method: 'clopper-pearson' as const };
  if (!interval) return { recommends: 'keep', verdict: 'inconclusive', why: 'No request was answered by both.', interval };
  const asked = compared + missed;
  const numbers = `${formatCount(disagreeing)} of ${formatCount(compared)} requests were answered otherwise (${formatPercent(disagreeing / compared)}, 95 % interval ${formatPercent(interval.low)} … ${formatPercent(interval.high)})`;
  const most = `at most ${formatPercent(limit)} may be`;
  if (interval.low > limit) return { recommends: 'keep', verdict: 'fail', why: `${numbers}; ${most}.`, interval };
  if (missed > MOST_MISSED * asked)
    return {
      recommends: 'keep',
      verdict: 'inconclusive',
      why: `${formatCount(missed)} of ${formatCount(asked)} requests have no answer of the candidate, so the rest may not stand for them: ${numbers}.`,
      interval,
    };
  return interval.high <= limit
    ? { recommends: 'promote', verdict: 'pass', why: `${numbers}; ${most}.`, interval }
    : { recommends: 'keep', verdict: 'inconclusive', why: `${numbers}; ${most}, and that is not shown yet.`, interval };
}
