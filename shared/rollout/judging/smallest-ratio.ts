import { createRandom, drawBinomial } from '../../statistics/random.ts';
import { judgeBucket } from './look.ts';
import type { RolloutPolicy } from './rollout-policy.ts';
import { beginRule, type RuleSettings } from './rule.ts';

/** How a plan is seen before anyone approves it. */
export interface PlanForecast {
  /** Of the candidate, expected in each step. */
  readonly requests: readonly number[];
  /** Steps that will end before `minSamples`, so that they would be extended or pass unproven. */
  readonly short: readonly number[];
  /** The smallest ratio to stable's rate that is rolled back with 80 %; null where even the largest tried is not. */
  readonly smallestRatio: number | null;
  /** Fewer, heavier steps, where the smallest ratio is more than ten times or none; null where the plan will do. */
  readonly proposed: readonly { readonly share: number; readonly hold: number }[] | null;
  /** And what that would catch. */
  readonly proposedRatio: number | null;
}

const HOUR = 3_600_000;
const POWER = 0.8;
const RUNS = 200;
const BUCKETS_PER_STEP = 6;
const TOO_BLUNT = 10;
/** Rounded, as a person would say them. */
const ratios = [1.1, 1.2, 1.3, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100];

/** What is expected of the traffic: both arms together, and stable's rate (`plannedRate`). */
export interface ExpectedTraffic {
  readonly requestsPerHour: number;
  readonly rate: number;
}

/**
 * Expected requests of each step and the smallest ratio that this traffic catches, by simulation of the rule itself: seeded, so that
 * the comment of a plan says the same number each time.
 */
export function forecastPlan(
  policy: Pick<RolloutPolicy, 'steps' | 'minSamples'>,
  settings: RuleSettings,
  traffic: ExpectedTraffic,
): PlanForecast {
  const requests = policy.steps.map(({ share, hold }) => (traffic.requestsPerHour * share * hold) / HOUR);
  const smallestRatio = smallestCaught(policy.steps, settings, traffic);
  const isBlunt = smallestRatio === null || smallestRatio > TOO_BLUNT;
  const proposed = isBlunt ? heavier(policy.steps) : null;
  return {
    requests,
    short: requests.flatMap((count, step) => (count < policy.minSamples ? [step] : [])),
    smallestRatio,
    proposed,
    proposedRatio: proposed && smallestCaught(proposed, { ...settings, steps: proposed.length }, traffic),
  };
}

type Steps = RolloutPolicy['steps'];

/** Half of the traffic for as long as the plan would have taken to its last step, then all. */
function heavier(steps: Steps): Steps {
  const shared = steps.filter(({ share }) => share < 1);
  const hold = shared.reduce((sum, step) => sum + step.hold, 0);
  const last = steps.findLast(({ share }) => share >= 1);
  return [{ share: 0.5, hold: hold > 0 ? hold : (last?.hold ?? HOUR) }, ...(last ? [last] : [])];
}

/** Power grows with the ratio, so the first that is caught is found by halving. */
function smallestCaught(steps: Steps, settings: RuleSettings, traffic: ExpectedTraffic): number | null {
  let [low, high] = [0, ratios.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (powerOf(steps, settings, traffic, ratios[middle]!) >= POWER) high = middle;
    else low = middle + 1;
  }
  return ratios[low] ?? null;
}

/** The share of rollouts that are rolled back when the candidate is so many times as bad. φ makes counts scarcer, as the rule sees them. */
export function powerOf(
  steps: Steps,
  settings: RuleSettings,
  { requestsPerHour, rate }: ExpectedTraffic,
  ratio: number,
  runs = RUNS,
): number {
  const worse = Math.min(1, rate * ratio);
  const information = steps.reduce((sum, { share, hold }) => sum + ((requestsPerHour * hold) / HOUR) * share * (1 - share), 0);
  const planned = { ...settings, plannedInformation: information > 0 ? information * rate * (1 - rate) : null };
  let caught = 0;
  for (let run = 0; run < runs; run++) {
    const random = createRandom(run + 1);
    let state = beginRule(planned);
    rollout: for (const [step, { share, hold }] of steps.entries())
      for (let bucket = 0; bucket < BUCKETS_PER_STEP; bucket++) {
        const requests = (requestsPerHour * hold) / HOUR / BUCKETS_PER_STEP;
        // Traffic below a request a bucket still comes: a fraction is a request now and then.
        const arrive = (mean: number) => Math.floor(mean) + (random.uniform() < mean % 1 ? 1 : 0);
        const [m, s] = [arrive(requests * share), arrive(requests * (1 - share))];
        const candidate = { bad: drawBinomial(random, m, worse), total: m };
        const stable = { bad: drawBinomial(random, s, rate), total: s };
        const judged = judgeBucket(planned, state, { step, candidate, stable });
        state = judged.state;
        if (judged.look.decision === 'rollback') {
          caught++;
          break rollout;
        }
      }
  }
  return caught / runs;
}
