import { parseDuration } from '../../config/quantities.ts';
import type { CheckConfig, RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { type RolloutPolicy, rolloutPolicy } from '../judging/rollout-policy.ts';

export type Strategy = Exclude<RolloutConfig['strategy'], 'bandit'>;

/** A rollout as it will go: every default filled in, durations in milliseconds. */
export interface RolloutPlan {
  readonly name: string;
  readonly strategy: Strategy;
  /** `weight` in percent. Every strategy has steps: blue-green one at 100, shadow one at 0 with a mirror, ab one at its share. */
  readonly steps: readonly { readonly weight: number; readonly hold: number }[];
  /** How counts are judged. Of shadow both arms answer everything, so its share is one half of twice the requests. */
  readonly policy: RolloutPolicy;
  /** Metrics that compare how predictions are distributed; `limit` is a share of rows. */
  readonly distributions: readonly { readonly name: string; readonly limit: number }[];
  /** Of `experiment:`, what is counted beside the metrics; empty for other strategies. */
  readonly experimentMetrics: readonly string[];
  /** Asked before traffic moves. */
  readonly checks: readonly CheckConfig[];
  /** Longest time between two looks. */
  readonly maxSilence: number;
  /** How old the last counts may be to end a step by. */
  readonly fresh: number;
  /** After shadow and ab: whether somebody decides, or its recommendation is followed. */
  readonly then: 'ask' | 'follow';
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const usualDuration = { 'blue-green': HOUR, shadow: DAY, ab: 7 * DAY } as const;
const usualSteps = [5, 15, 30, 50, 75, 100].map((weight) => ({ weight, hold: HOUR }));
const plans = new WeakMap<RolloutConfig, RolloutPlan>();

/**
 * The plan of one entry of `rollouts:`. `every`: milliseconds between two looks of whoever guards it, where that is known.
 * @throws UserError STRATEGY_NOT_THERE, ROLLOUT_INVALID, GUARD_TOO_SLOW
 */
export function rolloutPlan(name: string, definition: RolloutConfig, { every }: { readonly every?: number } = {}): RolloutPlan {
  // The definition of a rollout is frozen, so its plan is made once and not at every tick.
  let plan = plans.get(definition);
  if (!plan || plan.name !== name) {
    plan = makePlan(name, definition);
    plans.set(definition, plan);
  }
  if (every !== undefined && plan.maxSilence < 2 * every) throw tooSlow(name, plan.maxSilence, every);
  return plan;
}

/** How often a schedule of GitHub runs can be counted on: it is late, and now and then dropped. Only a `maxSilence` of an hour allows it. */
export const everyBySchedule = HOUR / 2;

function makePlan(name: string, definition: RolloutConfig): RolloutPlan {
  const { strategy } = definition;
  if (strategy === 'bandit')
    throw new UserError(
      'STRATEGY_NOT_THERE',
      `${name}: strategy bandit is not there.`,
      'Use `strategy: ab` to compare two versions by what people do, or `canary` to move traffic step by step.',
    );
  if (strategy !== 'canary' && definition.steps)
    throw invalid(name, `strategy ${strategy} has no steps.`, 'Leave `steps:` out and write `duration:`, or use `strategy: canary`.');
  if (strategy === 'ab' && !definition.experiment)
    throw invalid(
      name,
      'strategy ab needs `experiment:`.',
      'Write `experiment: {metric: {name, converted, units}}`; docs/rollouts.md shows one.',
    );
  const steps = strategy === 'canary' ? canarySteps(name, definition) : [oneStep(name, strategy, definition)];
  const distributions = distributionsOf(name, definition);
  const guard = definition.guard;
  const maxSilence = parseDuration(guard?.maxSilence ?? '60s');
  if (!(maxSilence > 0)) throw tooSlow(name, maxSilence, 10_000);
  const { experiment, source } = definition;
  const delay = source && 'prometheus' in source ? parseDuration(source.delay) : 0;
  return {
    name,
    strategy,
    steps,
    policy: judgingOf(name, definition, strategy, steps),
    distributions,
    experimentMetrics: strategy === 'ab' && experiment ? [experiment.metric.name, ...experiment.guardrails.map((one) => one.name)] : [],
    checks: definition.verify ?? [],
    maxSilence,
    fresh: maxSilence + delay,
    then: definition.then ?? 'ask',
  };
}

const canarySteps = (name: string, { steps }: RolloutConfig): RolloutPlan['steps'] => {
  if (!steps) return usualSteps;
  if (steps.length === 0) throw invalid(name, 'it has no steps.', 'Leave `steps:` out for 5, 15, 30, 50, 75, 100 %, an hour each.');
  return steps.map(({ weight, hold }) => ({ weight, hold: parseDuration(hold) }));
};

function oneStep(
  name: string,
  strategy: Exclude<Strategy, 'canary'>,
  { duration, experiment }: RolloutConfig,
): RolloutPlan['steps'][number] {
  const hold = duration === undefined ? usualDuration[strategy] : parseDuration(duration);
  if (strategy === 'ab' && !(hold > 0 && hold % DAY === 0))
    throw invalid(
      name,
      `duration of strategy ab is ${duration}; whole days are needed.`,
      'Write `duration: 7d`: whole weeks count every weekday alike.',
    );
  const share = experiment?.share ?? 0.5;
  return { weight: strategy === 'blue-green' ? 100 : strategy === 'shadow' ? 0 : Math.round(share * 1e6) / 1e4, hold };
}

function distributionsOf(name: string, { metrics = [] }: RolloutConfig): RolloutPlan['distributions'] {
  return metrics
    .filter(({ test }) => test === 'distribution')
    .map((metric) => {
      if (metric.max === undefined || !(metric.max > 0 && metric.max < 1))
        throw invalid(
          name,
          `${metric.name} compares distributions and has no max between 0 and 1.`,
          'Write `max: 0.05`: the arms may differ by five per cent of the rows.',
        );
      return { name: metric.name, limit: metric.max };
    });
}

/** What is judged by counts. An A/B test may watch nothing beside its experiment. */
function judgingOf(name: string, definition: RolloutConfig, strategy: Strategy, steps: RolloutPlan['steps']): RolloutPolicy {
  const metrics = (definition.metrics ?? []).filter(({ test }) => test !== 'distribution');
  const isBare = strategy === 'ab' && metrics.length === 0;
  const { steps: _, ...rest } = definition;
  const policy = rolloutPolicy({ ...rest, metrics: isBare ? [{ name: 'none', max: 0.5 }] : metrics }, name);
  return {
    ...policy,
    metrics: isBare ? [] : policy.metrics,
    steps: steps.map(({ weight, hold }) => ({ share: strategy === 'shadow' ? 0.5 : weight / 100, hold })),
  };
}

const invalid = (name: string, message: string, hint: string) => new UserError('ROLLOUT_INVALID', `${name}: ${message}`, hint);

const tooSlow = (name: string, maxSilence: number, every: number) =>
  new UserError(
    'GUARD_TOO_SLOW',
    `${name}: maxSilence is ${maxSilence / 1000} s, and its guard looks every ${every / 1000} s.`,
    every >= everyBySchedule
      ? 'A schedule alone guards only a `maxSilence` of an hour or more; run `weighin rollout watch` for less.'
      : `Write a maxSilence of at least ${(2 * every) / 1000}s, or let the guard look more often.`,
  );
