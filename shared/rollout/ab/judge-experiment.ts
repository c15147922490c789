import { lookNormalMsprt } from '../../statistics/msprt.ts';
import { normalQuantile } from '../../statistics/normal.ts';
import { newcombeDifference, twoSidedP } from '../../statistics/two-proportions.ts';
import { dailyLooks } from './daily-looks.ts';
import { type Difference, estimateDifference } from './estimate-difference.ts';
import type { Experiment } from './experiment.ts';
import { type GuardrailResult, judgeGuardrail } from './judge-guardrail.ts';
import { testSampleRatio, watchSampleRatio } from './sample-ratio.ts';

export type TreatmentVerdict = 'promote' | 'keep' | 'keep (not shown)';

export interface TreatmentResult extends Difference {
  readonly name: string;
  readonly units: number;
  /** Of the difference, at the level that this treatment is tested at, valid under the looks that were made; null while undefined. */
  readonly interval: readonly [number, number] | null;
  /** Of the z-test as if it were the only look. Null where it is undefined. */
  readonly p: number | null;
  /** The share of alpha that it was tested at: Holm over several treatments. */
  readonly level: number;
  readonly guardrails: readonly GuardrailResult[];
  /** Null while the experiment goes on. */
  readonly verdict: TreatmentVerdict | null;
}

export interface ExperimentResult {
  readonly schema: 'weighin/experiment-result@1';
  readonly name: string;
  readonly metric: string;
  readonly state: 'running' | 'ended' | 'stopped early';
  /** `inconclusive`: the split is not the planned one, and nothing else of it is to be believed. Null while it runs. */
  readonly verdict: TreatmentVerdict | 'inconclusive' | null;
  /** The treatment to promote. */
  readonly winner: string | null;
  readonly day: number;
  readonly plan: Experiment['plan'];
  readonly control: { readonly name: string; readonly units: number; readonly value: number | null };
  readonly treatments: readonly TreatmentResult[];
  readonly sampleRatio: { readonly p: number | null; readonly logE: number; readonly mismatch: boolean };
}

const WEEK = 7;

/**
 * An experiment at its latest look. One look a day at most; it stops for benefit after a whole week at the earliest, for harm at once; it
 * ends after the planned days, in whole weeks. Units that are still missing then cost power, no alpha.
 */
export function judgeExperiment(experiment: Experiment): ExperimentResult {
  const days = latestOfEachDay(experiment.looks);
  let result = judgeDay(experiment, days.slice(0, 1));
  // What was stopped stays stopped: later counts of it are not a second chance.
  for (let count = 2; count <= days.length && result.state === 'running'; count++) result = judgeDay(experiment, days.slice(0, count));
  return result;
}

type Looks = Experiment['looks'];

function latestOfEachDay(looks: Looks): Looks {
  return looks.filter((look, at) => looks[at + 1]?.day !== look.day);
}

function judgeDay(experiment: Experiment, days: Looks): ExperimentResult {
  const { arms, plan, rule, name, metric } = experiment;
  const look = days.at(-1)!;
  const control = look.arms[arms[0]!.name]!;
  const observed = arms.map((arm) => look.arms[arm.name]!.units);
  const planned = arms.map(({ share }) => share);
  const isWhole = plan !== null && look.day >= Math.ceil(plan.days / WEEK) * WEEK;

  const [atEnd, running] = [testSampleRatio(observed, planned), watchSampleRatio(observed, planned)];
  const mismatch = isWhole ? (atEnd?.mismatch ?? false) : running.mismatch;
  const treatments = testTreatments(experiment, days, isWhole);
  const isHarmed = treatments.every(({ stops }) => stops === 'harm');
  const isWon = treatments.some(({ stops }) => stops === 'benefit');
  const state = isWhole ? 'ended' : mismatch || (rule === 'sequential' && (isWon || isHarmed)) ? 'stopped early' : 'running';
  const isOver = state !== 'running';
  const results = treatments.map(({ result, verdict }): TreatmentResult => ({ ...result, verdict: isOver && !mismatch ? verdict : null }));
  const winner = results
    .filter(({ verdict }) => verdict === 'promote')
    .sort((a, b) => (metric.better === 'higher' ? 1 : -1) * ((b.difference ?? 0) - (a.difference ?? 0)))[0];
  return {
    schema: 'weighin/experiment-result@1',
    name,
    metric: metric.name,
    state,
    verdict: !isOver
      ? null
      : mismatch
        ? 'inconclusive'
        : winner
          ? 'promote'
          : results.every((each) => each.verdict === 'keep')
            ? 'keep'
            : 'keep (not shown)',
    winner: winner?.name ?? null,
    day: look.day,
    plan,
    control: { name: arms[0]!.name, units: control.units, value: estimateDifference(control, control, metric.name).control },
    treatments: results,
    sampleRatio: { p: atEnd?.p ?? null, logE: running.logE, mismatch },
  };
}

interface Tested {
  readonly result: Omit<TreatmentResult, 'verdict'>;
  readonly verdict: TreatmentVerdict;
  /** Why it may stop now, before the planned end. */
  readonly stops: 'benefit' | 'harm' | null;
}

/** Holm: the strongest treatment is tested at alpha over all of them, the next at alpha over the rest, until one is not shown. */
function testTreatments(experiment: Experiment, days: Looks, isWhole: boolean): readonly Tested[] {
  const { arms, metric } = experiment;
  const look = days.at(-1)!;
  const control = look.arms[arms[0]!.name]!;
  const found = arms.slice(1).map(({ name }) => ({ name, estimate: estimateDifference(control, look.arms[name]!, metric.name) }));
  const order = found.map((_, at) => at).sort((a, b) => Math.abs(found[b]!.estimate.z ?? 0) - Math.abs(found[a]!.estimate.z ?? 0));
  const tested: Tested[] = [];
  let left = order.length;
  for (const at of order) {
    const one = testOne(experiment, days, found[at]!.name, found[at]!.estimate, experiment.alpha / left, isWhole);
    tested[at] = one.tested;
    // Once one is not shown, the rest are held to the same share.
    if (one.isShown) left = Math.max(1, left - 1);
  }
  return tested;
}

function testOne(
  experiment: Experiment,
  days: Looks,
  name: string,
  estimate: Difference,
  level: number,
  isWhole: boolean,
): { readonly tested: Tested; readonly isShown: boolean } {
  const { arms, metric, guardrails, minLift, rule } = experiment;
  const look = days.at(-1)!;
  const control = look.arms[arms[0]!.name]!;
  const treatment = look.arms[name]!;
  const interval = intervalOf(experiment, days, name, estimate, level);
  const rails = guardrails.map((guardrail) => judgeGuardrail(control, treatment, guardrail));
  const oriented = interval && (metric.better === 'higher' ? interval : ([-interval[1], -interval[0]] as const));
  const p = estimate.z === null ? null : twoSidedP(estimate.z);
  const goodWay = (estimate.difference ?? 0) * (metric.better === 'higher' ? 1 : -1) > 0;
  // The fixed rule is its z-test, to the letter; everything else is read off the interval.
  const isShownByTest = rule === 'fixed' && minLift === 0 ? p !== null && p < level && goodWay : oriented !== null && oriented[0] > 0;
  const isBetter = minLift > 0 ? oriented !== null && oriented[0] >= minLift : isShownByTest;
  const isWorse = oriented !== null && oriented[1] < 0;
  const isFar = oriented !== null && oriented[1] < minLift;
  const areSafe = rails.every(({ outcome }) => outcome === 'pass');
  const isHarm = isWorse || rails.some(({ outcome }) => outcome === 'fail');
  const verdict: TreatmentVerdict = isBetter && areSafe ? 'promote' : isFar || isHarm ? 'keep' : 'keep (not shown)';
  const mayStop = rule === 'sequential' && !isWhole;
  return {
    tested: {
      result: {
        ...estimate,
        name,
        units: treatment.units,
        interval,
        p: estimate.z === null ? null : twoSidedP(estimate.z),
        level,
        guardrails: rails,
      },
      verdict,
      // A guardrail is looked at daily without a correction of its own, so it stops nothing before the end: the canary's rule does that.
      stops: !mayStop ? null : isWorse ? 'harm' : verdict === 'promote' && look.day >= WEEK ? 'benefit' : null,
    },
    isShown: isBetter || isWorse,
  };
}

/** Repeated confidence interval (Jennison and Turnbull 1989) of the looks so far; of the mixture without a plan; plain with `rule: fixed`. */
function intervalOf(
  { plan, rule, minEffect, arms, metric }: Experiment,
  days: Looks,
  name: string,
  { difference, error, z, nullVariance }: Difference,
  level: number,
): readonly [number, number] | null {
  if (difference === null || error === null || z === null) return null;
  const last = days.at(-1)!;
  const around = (half: number) => [difference - half, difference + half] as const;
  if (rule === 'fixed') {
    const [x1, x2] = [last.arms[name]!, last.arms[arms[0]!.name]!].map((arm) => arm.metrics[metric.name]);
    const isCount = typeof x1 === 'number' && typeof x2 === 'number';
    return isCount
      ? newcombeDifference(x1, last.arms[name]!.units, x2, last.arms[arms[0]!.name]!.units, 1 - level)
      : around(normalQuantile(1 - level / 2) * error);
  }
  if (!plan) {
    // A reading refuses an experiment with neither plan nor effect.
    const tau = minEffect ?? 0.01;
    return lookNormalMsprt(difference, nullVariance, tau * tau, level).interval;
  }
  const units = days.map(({ day, arms: counts }) => ({ day, units: Object.values(counts).reduce((sum, arm) => sum + arm.units, 0) }));
  const bound = dailyLooks(units, plan.units, level).at(-1)!.bound;
  return bound === Number.POSITIVE_INFINITY ? null : around(bound * error);
}
