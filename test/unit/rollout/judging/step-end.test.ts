import { describe, expect, it } from 'vitest';
import type { Bucket } from '../../../../shared/rollout/judging/bucket.ts';
import { isBucketWhole } from '../../../../shared/rollout/judging/close-bucket.ts';
import { judgeSilence } from '../../../../shared/rollout/judging/data-grace.ts';
import { judgePoint } from '../../../../shared/rollout/judging/point-rule.ts';
import { boundOfRate } from '../../../../shared/rollout/judging/rate-bound.ts';
import { judgeStepEnd, type StepProgress } from '../../../../shared/rollout/judging/step-end.ts';

const hour = 3_600_000;
const step = (changes: Partial<StepProgress>): StepProgress => ({
  heldFor: hour,
  hold: hour,
  requests: 100,
  minSamples: 100,
  lowTraffic: 'proceed',
  isFresh: true,
  isAssured: true,
  ...changes,
});

describe('the end of a step', () => {
  it.each<[string, Partial<StepProgress>, unknown]>([
    ['the hold has to elapse', { heldFor: hour - 1 }, { kind: 'hold' }],
    ['elapsed, enough requests', {}, { kind: 'advance', unproven: false }],
    ['nothing advances on old data', { isFresh: false }, { kind: 'hold' }],
    ['one short of enough', { requests: 99 }, { kind: 'extend', until: 3 * hour }],
    ['short to the last moment', { requests: 99, heldFor: 3 * hour - 1 }, { kind: 'extend', until: 3 * hour }],
    ['short for three holds', { requests: 99, heldFor: 3 * hour }, { kind: 'advance', unproven: true }],
    ['and told to pause', { requests: 99, heldFor: 3 * hour, lowTraffic: 'pause' }, { kind: 'pause', reason: 'low-traffic' }],
    ['no request at all is not low traffic', { requests: 0, heldFor: 3 * hour }, { kind: 'pause', reason: 'no-requests' }],
    ['not even where none is asked for', { requests: 0, minSamples: 0, heldFor: 3 * hour }, { kind: 'pause', reason: 'no-requests' }],
    ['not assured yet', { isAssured: false }, { kind: 'extend', until: 3 * hour }],
    ['never assured', { isAssured: false, heldFor: 3 * hour }, { kind: 'pause', reason: 'not-assured' }],
  ])('%s', (_, changes, expected) => expect(judgeStepEnd(step(changes))).toEqual(expected));
});

it('zero bad answers in 299 rule out more than one per cent, in 298 they do not', () => {
  expect(boundOfRate({ bad: 0, total: 299 }, 0.01).cleared).toBe(true);
  expect(boundOfRate({ bad: 0, total: 298 }, 0.01).cleared).toBe(false);
  expect(boundOfRate({ bad: 0, total: 0 }, 0.01)).toMatchObject({ rate: null, breach: false, cleared: false });
});

it('the plain rule is strict at its limit', () => {
  expect(judgePoint({ bad: 100, total: 10_000 }, 0.01)).toBe(false);
  expect(judgePoint({ bad: 101, total: 10_000 }, 0.01)).toBe(true);
  expect(judgePoint({ bad: 7, total: 100 }, 0.07)).toBe(false);
  expect(judgePoint({ bad: 0, total: 0 }, 0.01)).toBe(false);
});

it('a silence is borne for the grace and no longer; a clock that went back is none', () => {
  const limits = { grace: 300_000, fresh: 30_000 };
  expect([0, 30_000, 30_001, 300_000, 300_001, -5].map((now) => judgeSilence(0, now, limits))).toEqual([
    'none',
    'none',
    'grace',
    'grace',
    'pause',
    'none',
  ]);
});

it('a bucket is whole by requests or after five minutes, whatever was bad', () => {
  const bucket = (candidate: number, stable: number): Bucket => ({
    step: 0,
    candidate: { bad: 0, total: candidate },
    stable: { bad: 0, total: stable },
  });
  expect(isBucketWhole(bucket(20, 20), 10)).toBe(true);
  expect(isBucketWhole(bucket(19, 900), 299)).toBe(false);
  expect(isBucketWhole(bucket(0, 0), 300)).toBe(true);
  expect(isBucketWhole(bucket(20, 0), 10)).toBe(false);
  expect(isBucketWhole(bucket(20, 0), 10, false)).toBe(true);
});
