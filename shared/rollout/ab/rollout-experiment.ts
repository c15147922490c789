import { parseDuration } from '../../config/quantities.ts';
import type { ExperimentConfig, RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import type { Experiment } from './experiment.ts';
import type { ExperimentArms, ExperimentRecord } from './experiment-record.ts';
import { type ExperimentResult, judgeExperiment } from './judge-experiment.ts';
import { planExperiment } from './plan-experiment.ts';
import { type Recommendation, recommendation } from './recommendation.ts';

/** `experiment:` of a rollout with strategy ab, and what was counted of it, as an experiment that can be judged. */
export interface ExperimentFacts {
  /** Of the units, 0 … 1: what the target was asked for. */
  readonly shareOfTreatment: number;
  /** `duration:` of the rollout, milliseconds. */
  readonly duration: number;
  /** Cumulative, oldest first, of whole days: `record.days`. At least one. */
  readonly looks: ExperimentRecord['days'];
}

const WEEK = 7 * 86_400_000;
const DAY = 86_400_000;
const POWER = 0.8;
const ALPHA = 0.05;
/** Of the record's keys. */
const LONGEST_NAME = 100;

/** The rule is always the sequential one: the counts are looked at each day, so the error of the looks is paid for. */
export function experimentOf(config: ExperimentConfig, name: string, { shareOfTreatment, duration, looks }: ExperimentFacts): Experiment {
  const { alpha = ALPHA, effect, minLift = 0, metric, guardrails } = config;
  return {
    schema: 'weighin/experiment@1',
    name,
    rule: 'sequential',
    alpha,
    arms: [
      { name: 'control', share: 1 - shareOfTreatment },
      { name: 'treatment', share: shareOfTreatment },
    ],
    plan: planOf(config, shareOfTreatment, duration),
    ...(effect !== undefined && { minEffect: effect }),
    minLift,
    metric: { name: metric.name, better: metric.better },
    guardrails: guardrails.map(({ name: of, better, margin }) => ({ name: of, better, margin })),
    looks: looks.map(({ day, arms }) => ({ day, arms })),
  };
}

/** Units that the effect needs, over the days that the rollout is given. Null without a baseline: then the mixture judges (mSPRT). */
function planOf(
  { alpha = ALPHA, baseline, effect, metric }: ExperimentConfig,
  shareOfTreatment: number,
  duration: number,
): Experiment['plan'] {
  if (baseline === undefined || effect === undefined) return null;
  const change = metric.better === 'higher' ? effect : -effect;
  const shares = [1 - shareOfTreatment, shareOfTreatment];
  const days = Math.max(1, Math.ceil(duration / DAY));
  const { total } = planExperiment({ rate: baseline, effect: change, alpha, power: POWER, shares, unitsPerDay: 1, rule: 'sequential' });
  return { units: total, days };
}

/**
 * What can be told before a unit is assigned; sentences for people, none of which refuses.
 * @throws UserError ROLLOUT_INVALID where it could never be judged
 */
export function checkExperiment({ strategy, experiment, duration }: RolloutConfig, name: string): readonly string[] {
  const invalid = (message: string, hint: string) => new UserError('ROLLOUT_INVALID', `${name}: ${message}`, hint);
  if (strategy !== 'ab') return [];
  if (!experiment)
    throw invalid(
      'strategy ab has no experiment.',
      'Write `experiment:` with `metric: {name, converted, units}` and `effect:`, the smallest difference worth finding.',
    );
  if (duration === undefined)
    throw invalid('strategy ab has no duration.', 'Write `duration: 14d`, in whole weeks; `weighin ab plan` says how many.');
  const { baseline, effect, metric, guardrails } = experiment;
  if (effect === undefined)
    throw invalid(
      'its experiment has no effect: the smallest difference worth finding decides what is shown.',
      'Write `effect: 0.01` for a point, and `baseline:`, the conversion that is expected of control.',
    );
  if (effect >= 1) throw invalid(`effect is ${effect}, a share below 1 is needed.`, 'Write `effect: 0.01` for a point; it is absolute.');
  const changed = baseline === undefined ? null : metric.better === 'higher' ? baseline + effect : baseline - effect;
  if (changed !== null && !(changed > 0 && changed < 1))
    throw invalid(
      `baseline ${baseline} and effect ${effect} give a rate of ${Number(changed.toPrecision(6))}, which is none.`,
      'Write a smaller effect; it is absolute: 0.01 is a point.',
    );
  const names = [metric.name, ...guardrails.map((guardrail) => guardrail.name)];
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw invalid(`two metrics of its experiment are called ${twice}.`, 'Give each its own name.');
  const long = names.find((each) => each.length > LONGEST_NAME);
  if (long !== undefined)
    throw invalid(
      `a metric of its experiment has a name of ${long.length} characters, at most ${LONGEST_NAME} can be kept.`,
      'Give it a shorter name.',
    );
  const time = parseDuration(duration);
  return [
    ...(baseline === undefined
      ? ['Without `baseline:` no size is planned: it is judged by a mixture, which needs more users for the same effect.']
      : []),
    ...(time < WEEK
      ? [`It runs less than a week (${duration}): nothing is promoted by it, as weekdays differ. Write \`duration: 7d\` or more.`]
      : time % WEEK === 0
        ? []
        : [`${duration} is no whole number of weeks: some weekdays count more than others. Write \`duration: ${wholeWeeks(time)}d\`.`]),
  ];
}

const wholeWeeks = (time: number) => Math.ceil(time / WEEK) * 7;

export interface RolloutExperiment {
  /** Null before the first whole day, and where the counts can't be right. */
  readonly result: ExperimentResult | null;
  /** Null while it goes on. */
  readonly recommendation: Recommendation | null;
}

/** Judges what was recorded. Never throws for what was counted. `isTimeUp`: its duration is over, so it ends whatever is shown. */
export function judgeRolloutExperiment(
  config: ExperimentConfig,
  name: string,
  record: ExperimentRecord,
  { shareOfTreatment, duration, isTimeUp }: { readonly shareOfTreatment: number; readonly duration: number; readonly isTimeUp: boolean },
): RolloutExperiment {
  const wrong = record.days.map(({ arms }) => misfitOf(config, arms)).find((found) => found !== null) ?? null;
  if (wrong !== null) return { result: null, recommendation: { recommends: 'keep', why: wrong } };
  if (record.days.length === 0)
    return { result: null, recommendation: isTimeUp ? { recommends: 'keep', why: 'it ended before one whole day was counted' } : null };
  const result = judgeExperiment(experimentOf(config, name, { shareOfTreatment, duration, looks: record.days }));
  return { result, recommendation: result.verdict !== null || isTimeUp ? recommendation(result) : null };
}

/** Counts that no split explains: an expression counts events, not units. */
function misfitOf({ metric, guardrails }: ExperimentConfig, arms: ExperimentArms): string | null {
  for (const [arm, { units, metrics }] of Object.entries(arms))
    for (const { name } of [metric, ...guardrails]) {
      const counted = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
      if (counted === undefined) return `${name} of ${arm} was never counted`;
      if (counted > units) return `${name} counts more than the units of ${arm} (${counted} of ${units}): it must count units, not events`;
    }
  return null;
}
