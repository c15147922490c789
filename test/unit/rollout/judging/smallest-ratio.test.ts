import { describe, expect, it } from 'vitest';
import { describeForecast } from '../../../../shared/rollout/judging/describe-forecast.ts';
import type { RuleSettings } from '../../../../shared/rollout/judging/rule.ts';
import { forecastPlan, powerOf } from '../../../../shared/rollout/judging/smallest-ratio.ts';

const hold = 3_600_000;
const steps = [0.05, 0.15, 0.3, 0.5, 0.75, 1].map((share) => ({ share, hold }));
const settings: RuleSettings = { limit: 0.01, alpha: 0.01, metrics: 1, phi: 1, steps: 6, plannedInformation: null, minRatio: 1.2 };

describe('a plan before it is approved', () => {
  it('says the smallest ratio that this traffic catches', () => {
    const forecast = forecastPlan({ steps, minSamples: 100 }, settings, { requestsPerHour: 6_000, rate: 0.005 });
    expect(forecast.requests).toEqual([300, 900, 1800, 3000, 4500, 6000]);
    expect(forecast.short).toEqual([]);
    // decisions.md §4: ×2 is caught by .83 of the rollouts, ×1.5 by far fewer.
    expect(forecast.smallestRatio).toBeGreaterThan(1.5);
    expect(forecast.smallestRatio).toBeLessThanOrEqual(2.5);
    expect(forecast.proposed).toBeNull();
  });

  it('proposes fewer, heavier steps where nothing below ten times is caught', () => {
    const forecast = forecastPlan({ steps, minSamples: 100 }, settings, { requestsPerHour: 60, rate: 0.005 });
    expect(forecast.short).toEqual([0, 1, 2, 3, 4, 5]);
    expect(forecast.smallestRatio === null || forecast.smallestRatio > 10).toBe(true);
    expect(forecast.proposed).toEqual([
      { share: 0.5, hold: 5 * hold },
      { share: 1, hold },
    ]);
    expect(forecast.proposedRatio ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(forecast.smallestRatio ?? Number.POSITIVE_INFINITY);
  });

  it('says so in a sentence each', () => {
    const plain = { requests: [300, 900], short: [], smallestRatio: 2, proposed: null, proposedRatio: null };
    expect(describeForecast(plain)).toEqual([
      'The candidate is expected to answer 300, 900 requests in its 2 steps.',
      "The smallest worsening that is rolled back with a chance of 80 % is ×2 of stable's rate.",
    ]);
    const blunt = { requests: [3], short: [0], smallestRatio: null, proposed: [{ share: 0.5, hold: 5 * hold }], proposedRatio: 15 };
    expect(describeForecast(blunt).slice(2)).toEqual([
      'Too few requests for `minSamples` in step 0: held up to three times as long, then unproven.',
      'Fewer, heavier steps see more: 50 % for 5 h would catch ×15.',
    ]);
  });

  it('gets less sure of itself in bursts', () => {
    const traffic = { requestsPerHour: 6_000, rate: 0.005 };
    expect(powerOf(steps, { ...settings, phi: 5 }, traffic, 2, 60)).toBeLessThan(powerOf(steps, settings, traffic, 2, 60));
  });
});
