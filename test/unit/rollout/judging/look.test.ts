import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bucket } from '../../../../shared/rollout/judging/bucket.ts';
import { startWeights } from '../../../../shared/rollout/judging/count-evidence.ts';
import { judgeBucket, type Look } from '../../../../shared/rollout/judging/look.ts';
import { beginPlanned, lookPlanned } from '../../../../shared/rollout/judging/planned-test.ts';
import { beginRule, type RuleSettings } from '../../../../shared/rollout/judging/rule.ts';
import { createRandom, drawBinomial } from '../../../../shared/statistics/random.ts';

const settings: RuleSettings = { limit: 0.01, alpha: 0.01, metrics: 1, phi: 1, steps: 5, plannedInformation: 22, minRatio: 1.2 };
const ratios = [1.25, 1.5, 2, 3, 5, 10];

function judgeAll(buckets: readonly Bucket[], rule = settings, everyBound = false): readonly Look[] {
  let state = beginRule(rule);
  return buckets.map((bucket) => {
    const judged = judgeBucket(rule, state, bucket, { everyBound });
    state = judged.state;
    return judged.look;
  });
}

/** decisions.md §4 as it is written, over all buckets at once, each start by itself. */
function evidenceFromScratch(buckets: readonly Bucket[], term: (bucket: Bucket, ratio: number) => number, rule: RuleSettings): number {
  const weights = startWeights(rule.steps);
  const logs = weights.flatMap((weight, start) => {
    const first = buckets.findIndex(({ step }) => step >= start);
    const own = first < 0 ? [] : buckets.slice(first);
    return ratios.map((ratio) => Math.log(weight / ratios.length) + own.reduce((sum, bucket) => sum + term(bucket, ratio) / rule.phi, 0));
  });
  const highest = Math.max(...logs);
  return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0));
}

const absolute = (bucket: Bucket, ratio: number) => {
  const { bad, total } = bucket.candidate;
  const rate = Math.min(ratio * 0.01, 0.99);
  return bad * Math.log(rate / 0.01) + (total - bad) * Math.log((1 - rate) / 0.99);
};
const comparison = ({ candidate, stable }: Bucket, ratio: number) => {
  const [x, m, c, s] = [candidate.bad, candidate.total, stable.bad, stable.total];
  if (m === 0 || s === 0) return 0;
  const w = m / (m + s);
  const p = (ratio * m) / (ratio * m + s);
  return x * Math.log(p / w) + c * Math.log((1 - p) / (1 - w));
};

const arm = (most: number) =>
  record({ total: integer({ min: 0, max: most }), share: integer({ min: 0, max: 100 }) }).map(({ total, share }) => ({
    bad: Math.floor((total * share) / 1000),
    total,
  }));
const bucket = record({ step: integer({ min: 0, max: 4 }), candidate: arm(500), stable: arm(900) });

it('the plan is looked at when information has grown by a hundredth and there is alpha to spend', () => {
  const at = (information: number, looked: readonly number[]) => lookPlanned({ ...beginPlanned(), information, looked }, 100, 0.0025);
  expect(at(50.99, [0.5]).looks).toBe(false);
  expect(at(51.01, [0.5])).toMatchObject({ looks: true, test: { looked: [0.5, 0.5101] } });
  // At .02 not even 1e-10 is spent; what waits is spent later.
  expect(at(2, []).looks).toBe(false);
  expect(at(30, []).looks).toBe(true);
  expect(at(99, [0.9]).test.looked).toEqual([0.9, 1]);
  expect(at(500, [0.9, 1]).looks).toBe(false);
  expect(lookPlanned({ ...beginPlanned(), information: 50 }, null, 0.0025).looks).toBe(false);
});

describe('a look', () => {
  it('is the same by increments as from scratch, whatever the order of steps, however bursty', () => {
    assert(
      property(array(bucket, { minLength: 1, maxLength: 30 }), constantFrom(1, 2.5), (buckets, phi) => {
        const rule = { ...settings, phi };
        const looks = judgeAll(buckets, rule);
        const last = looks.at(-1)!;
        expect(last.logEAbs).toBeCloseTo(evidenceFromScratch(buckets, absolute, rule), 7);
        expect(last.logECmp).toBeCloseTo(evidenceFromScratch(buckets, comparison, rule), 7);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it('decides the same whether it integrates every bound or only those that may have been reached', () => {
    const random = createRandom(11);
    for (let run = 0; run < 60; run++) {
      const worse = [1, 1.8, 2.5, 4][run % 4]!;
      const buckets = Array.from({ length: 30 }, (_, at): Bucket => {
        const step = Math.floor(at / 6);
        const m = [45, 135, 270, 450, 675][step]!;
        return {
          step,
          candidate: { bad: drawBinomial(random, m, 0.005 * worse), total: m },
          stable: { bad: drawBinomial(random, 900 - m, 0.005), total: 900 - m },
        };
      });
      expect(judgeAll(buckets).map(({ decision, reason }) => [decision, reason])).toEqual(
        judgeAll(buckets, settings, true).map(({ decision, reason }) => [decision, reason]),
      );
    }
  });

  it('goes on from a state that was stored without its cache', () => {
    const buckets = Array.from(
      { length: 20 },
      (_, at): Bucket => ({ step: Math.floor(at / 4), candidate: { bad: 3, total: 300 }, stable: { bad: 2, total: 600 } }),
    );
    const whole = judgeAll(buckets, settings, true);
    let state = beginRule(settings);
    const stored = buckets.map((each) => {
      const judged = judgeBucket(settings, state, each, { everyBound: true });
      state = JSON.parse(JSON.stringify({ ...judged.state, planned: { ...judged.state.planned, chain: null } }));
      return judged.look;
    });
    expect(stored).toEqual(whole);
  });

  it('never rolls back for fewer than three bad answers, nor for less than minRatio', () => {
    const two: Bucket = { step: 0, candidate: { bad: 2, total: 2 }, stable: { bad: 0, total: 50_000 } };
    // Of this plan two bad answers are all of the information: Z is beyond every bound, and still they are two.
    const tiny = { ...settings, plannedInformation: 5e-5 };
    const [lone] = judgeAll([two], tiny);
    expect(lone!.z).toBeGreaterThan(100);
    expect(lone!.decision).toBe('continue');
    const three = { ...two, candidate: { bad: 3, total: 3 } };
    expect(judgeAll([three], tiny)[0]).toMatchObject({ decision: 'rollback', reason: 'plan' });
    const slightly = Array.from(
      { length: 60 },
      (): Bucket => ({ step: 2, candidate: { bad: 1150, total: 100_000 }, stable: { bad: 1000, total: 100_000 } }),
    );
    const withoutLimit = { ...settings, limit: null };
    const last = judgeAll(slightly, withoutLimit).at(-1)!;
    expect(last.logECmp).toBeGreaterThan(20);
    expect(last).toMatchObject({ decision: 'continue', logEAbs: null });
    expect(judgeAll(slightly, { ...withoutLimit, minRatio: 1.1 }).at(-1)).toMatchObject({ decision: 'rollback', reason: 'stable' });
  });

  it('blames the surroundings while stable suffers too, however few answers it has left', () => {
    const calm = Array.from({ length: 9 }, (): Bucket => ({ step: 4, candidate: { bad: 2, total: 375 }, stable: { bad: 0, total: 125 } }));
    const incident = (ofStable: number) =>
      Array.from({ length: 7 }, (): Bucket => ({ step: 4, candidate: { bad: 11, total: 375 }, stable: { bad: ofStable, total: 125 } }));
    const first = (looks: readonly Look[]) => looks.find(({ decision }) => decision !== 'continue');
    // Stable's own evidence is far from firing, and over the whole rollout the candidate looks worse than it.
    const shared = first(judgeAll([...calm, ...incident(2)]));
    expect(shared).toMatchObject({ decision: 'pause_both', reason: 'both-arms' });
    expect(shared!.logEAbsStable).toBeLessThan(2);
    expect(shared!.ratio).toBeGreaterThan(settings.minRatio);
    expect(first(judgeAll([...calm, ...incident(1)]))).toMatchObject({ decision: 'rollback' });
    const alone = incident(2).map((each) => ({ ...each, candidate: { bad: 40, total: 375 } }));
    expect(first(judgeAll([...calm, ...alone]))).toMatchObject({ decision: 'rollback' });
    // What stable suffered while the candidate was well is no excuse for what comes later.
    const before = calm.map((each, at) => ({ ...each, stable: { bad: at < 7 ? 3 : 2, total: 125 } }));
    expect(first(judgeAll([...before, ...incident(0)]))).toMatchObject({ decision: 'rollback', reason: 'limit' });
  });

  it('holds one per cent of false rollbacks where both arms stand at the limit', () => {
    const random = createRandom(20261121);
    let stopped = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      let state = beginRule(settings);
      for (let at = 0; at < 30; at++) {
        const step = Math.floor(at / 6);
        const m = [25, 75, 150, 250, 375][step]!;
        const judged = judgeBucket(settings, state, {
          step,
          candidate: { bad: drawBinomial(random, m, 0.01), total: m },
          stable: { bad: drawBinomial(random, 500 - m, 0.01), total: 500 - m },
        });
        state = judged.state;
        if (judged.look.decision === 'rollback') {
          stopped++;
          break;
        }
      }
    }
    // Binomial(400, .01): more than 12 is less likely than 1 in 1,000.
    expect(stopped).toBeLessThanOrEqual(12);
  });
});
