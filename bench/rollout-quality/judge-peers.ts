import { normalQuantile } from '../../shared/statistics/normal.ts';
import type { Minute, Run } from './draw-run.ts';
import { limit, minutesPerStep } from './scenarios.ts';

export interface Verdict {
  readonly stopped: 'rollback' | 'pause' | null;
  /** Minutes of the rollout that had passed. */
  readonly minute: number;
}

export type Judge = (run: Run) => Verdict;

const through: Verdict['stopped'] = null;

/** "error rate > 0.01 after each stage", on that stage's requests; nothing is said of a stage without any. */
export const judgePlain: Judge = ({ minutes }) => {
  for (let end = minutesPerStep; end <= minutes.length; end += minutesPerStep)
    if (rateOf(minutes.slice(end - minutesPerStep, end)) > limit) return { stopped: 'rollback', minute: end };
  return { stopped: through, minute: minutes.length };
};

/**
 * Argo Rollouts: a background analysis, `successCondition: result[0] <= 0.01`, `interval: 5m` over a rate of five minutes. The run fails when
 * measurements that failed are more than `failureLimit`; no requests are NaN, which is not a success.
 */
export const judgeArgo =
  (failureLimit: number): Judge =>
  ({ minutes }) => {
    let failed = 0;
    for (let end = 5; end <= minutes.length; end += 5) {
      if (!(rateOf(minutes.slice(end - 5, end)) <= limit)) failed++;
      if (failed > failureLimit) return { stopped: 'rollback', minute: end };
    }
    return { stopped: through, minute: minutes.length };
  };

/**
 * Argo Rollouts 1.8: an analysis in each step, `count: 12`, `failureLimit: -1`, `consecutiveSuccessLimit: n`. A step that never has n
 * successes in a row does not pass; the rollout stops at its end.
 */
export const judgeArgoConsecutive =
  (wanted: number): Judge =>
  ({ minutes }) => {
    for (let begin = 0; begin < minutes.length; begin += minutesPerStep) {
      let row = 0;
      for (let end = begin + 5; end <= begin + minutesPerStep && row < wanted; end += 5)
        row = rateOf(minutes.slice(end - 5, end)) <= limit ? row + 1 : 0;
      if (row < wanted) return { stopped: 'rollback', minute: begin + minutesPerStep };
    }
    return { stopped: through, minute: minutes.length };
  };

/**
 * Flagger: `request-success-rate`, `thresholdRange: {min: 99}`, checked each `interval` over as long; rolled back at `threshold` failed
 * checks, counted over the whole analysis. A check without requests finds no values and fails.
 */
export const judgeFlagger =
  (interval: number, threshold: number): Judge =>
  ({ minutes }) => {
    let failed = 0;
    for (let end = interval; end <= minutes.length; end += interval) {
      if (!(rateOf(minutes.slice(end - interval, end)) <= limit)) failed++;
      if (failed >= threshold) return { stopped: 'rollback', minute: end };
    }
    return { stopped: through, minute: minutes.length };
  };

/**
 * Kayenta's NetflixACAJudge: error rate a minute of canary and baseline, Mann-Whitney with a 98 % interval of the shift (Hodges and
 * Lehmann), `High` when its lower end is above a quarter of the estimate; one metric, so High is a score of 0, below every marginal. Each
 * step is one judgement, of its hour (`sliding`) or of all since the start (`growing`); minutes without requests are NaN and removed. At
 * 100 % there is no baseline: nothing is judged.
 */
export const judgeKayenta =
  (analysis: 'sliding' | 'growing'): Judge =>
  ({ minutes }) => {
    for (let end = minutesPerStep; end < minutes.length; end += minutesPerStep) {
      const window = minutes.slice(analysis === 'sliding' ? end - minutesPerStep : 0, end);
      const canary = window.filter(({ m }) => m > 0).map(({ x, m }) => x / m);
      const baseline = window.filter(({ s }) => s > 0).map(({ c, s }) => c / s);
      if (canary.length > 0 && baseline.length > 0 && isHigh(canary, baseline)) return { stopped: 'rollback', minute: end };
    }
    return { stopped: through, minute: minutes.length };
  };

function rateOf(window: readonly Minute[]): number {
  let [bad, total] = [0, 0];
  for (const { x, m } of window) [bad, total] = [bad + x, total + m];
  return bad / total;
}

const critical = normalQuantile(0.99);

function isHigh(canary: readonly number[], baseline: readonly number[]): boolean {
  if (shiftZ(canary, baseline, 0) <= critical) return false;
  const apart = Float64Array.from(canary.flatMap((a) => baseline.map((b) => a - b))).sort();
  const middle = (apart[Math.floor((apart.length - 1) / 2)]! + apart[Math.floor(apart.length / 2)]!) / 2;
  const tolerated = 0.25 * Math.abs(middle);
  // The interval's lower end is above `tolerated` where the test of that shift rejects.
  return shiftZ(canary, baseline, tolerated) > critical;
}

/** Normal approximation with ties and continuity correction, as R's wilcox.test and Kayenta's own. */
function shiftZ(canary: readonly number[], baseline: readonly number[], shift: number): number {
  const all = [...canary.map((value) => ({ value: value - shift, own: true })), ...baseline.map((value) => ({ value, own: false }))];
  all.sort((a, b) => a.value - b.value);
  const [n, m] = [canary.length, baseline.length];
  let [ranks, ties] = [0, 0];
  for (let i = 0; i < all.length; ) {
    let j = i;
    while (j < all.length && all[j]!.value === all[i]!.value) j++;
    for (let k = i; k < j; k++) if (all[k]!.own) ranks += (i + j + 1) / 2;
    ties += (j - i) ** 3 - (j - i);
    i = j;
  }
  const excess = ranks - (n * (n + 1)) / 2 - (n * m) / 2;
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  return variance > 0 ? (excess - 0.5 * Math.sign(excess)) / Math.sqrt(variance) : 0;
}
