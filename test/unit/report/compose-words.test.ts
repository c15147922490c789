import { describe, expect, it } from 'vitest';
import { composeWords } from '../../../shared/report/compose-words.ts';
import { check, contract, gate } from '../../support/reports/parts.ts';
import {
  better,
  broken,
  evaluation,
  failedTest,
  failedTraining,
  first,
  inconclusive,
  leak,
  unchanged,
  warned,
  worse,
} from '../../support/reports/reports.ts';

describe('the headline names what decides', () => {
  it.each([
    ['a slice that got worse', worse, 'stopped. Recall in region=south fell by 6.1 points'],
    ['an improvement', better, 'passes. roc_auc rose by .007 (.005 … .009)'],
    ['a leak', leak, 'stopped before training. delay is observed after its label in 312 rows'],
    ['broken data', broken, 'stopped before training. age is text in 3 rows, not integer, and 2 more rules failed'],
    ['the first model', first, 'first model: no baseline yet, passes on its own gates'],
    ['nothing new', unchanged, 'no changes'],
    ['an open gate', inconclusive, 'undecided. average_precision fell by .005 (−.017 … +.007); the limit −.010 is inside'],
    ['a warning', warned, 'passes with a warning. Latency p99 rose by 46 %'],
    ['a failed test', failedTest, 'stopped before training. Test unit: 2 of 41 cases failed'],
    ['a run that broke off', failedTraining, 'no verdict. python train.py ended with exit code 1'],
  ])('%s', (_, build, headline) => {
    expect(build().headline).toBe(headline);
  });
});

const parts = (given: object) => ({
  model: 'churn',
  mode: 'enforce' as const,
  verdict: 'fail' as const,
  gates: [],
  evaluation: evaluation(),
  contract: null,
  tests: [],
  training: null,
  ...given,
});

it('says of an advising policy that it would stop', () => {
  expect(composeWords({ ...worse(), mode: 'advise' }).headline).toMatch(/^would be stopped\. Recall/);
});

it('names the gate that is furthest beyond its limit, and counts the others', () => {
  const near = gate({
    id: 'a',
    metric: 'f1',
    status: 'fail',
    bound: -0.01,
    limit: 0.01,
    value: 0.5,
    baseline: 0.52,
    estimate: -0.02,
    lower: -0.03,
    upper: -0.011,
  });
  const far = gate({ ...near, id: 'b', metric: 'mcc', value: 0.3, baseline: 0.5, estimate: -0.2, lower: -0.21, upper: -0.19 });
  expect(composeWords(parts({ gates: [near, far] })).headline).toBe('stopped. mcc fell by .200, and 1 more gate failed');
});

it('says how far a value is from its limit', () => {
  const floor = gate({
    id: 'roc_auc.min',
    metric: 'roc_auc',
    rule: 'min',
    status: 'fail',
    limit: 0.8,
    bound: 0,
    value: 0.781,
    estimate: -0.019,
    lower: -0.03,
    upper: -0.008,
  });
  const size = gate({
    id: 'model_bytes.max',
    metric: 'model_bytes',
    rule: 'max',
    status: 'fail',
    limit: 50e6,
    bound: 0,
    value: 61e6,
    estimate: -11e6,
    lower: -11e6,
    upper: -11e6,
    unit: 'bytes',
  });
  expect(composeWords(parts({ gates: [floor] })).headline).toBe('stopped. roc_auc is .781, below .800');
  expect(composeWords(parts({ gates: [size] })).headline).toBe('stopped. Model size is 61 MB, above 50 MB');
});

it('turns a fall of what should fall into an improvement, its interval with it', () => {
  const loss = gate({
    id: 'log_loss.maxRegression',
    metric: 'log_loss',
    limit: 0.01,
    bound: -0.01,
    value: 0.36,
    baseline: 0.4,
    estimate: 0.04,
    lower: 0.03,
    upper: 0.05,
  });
  expect(composeWords(parts({ verdict: 'pass', gates: [loss] })).headline).toBe('passes. log_loss fell by .040 (.030 … .050)');
});

it('counts the cases that recall stands for, and says whether the harm is local', () => {
  expect(worse().why).toBe(
    'The candidate misses 26 more of 431 positives in region=south; the whole interval (−.098 … −.024) lies beyond the limit −.020. The other 4 slices of region are not shown worse.',
  );
});

it('points at rows and at the line of the rule', () => {
  expect(broken().next).toContain('Look at rows 88, 1204, 90011; the rule stands at contracts/customers.odcs.yaml:31.');
});

it('names a leak before any other broken rule', () => {
  const checks = [
    check({ rule: 'nulls', column: 'a', status: 'fail', failed: 5 }),
    check({ rule: 'LEAKAGE_FUTURE_EVENT', column: 'b', status: 'fail', failed: 1 }),
  ];
  const words = composeWords(
    parts({
      evaluation: null,
      contract: contract({ verdict: 'fail', checks }),
      gates: [gate({ id: 'contract', kind: 'contract', metric: 'contract', status: 'fail' })],
    }),
  );
  expect(words.headline).toBe('stopped before training. b is observed after its label in 1 row, and 1 more rule failed');
});

it('says that the same answers are the same', () => {
  expect(
    composeWords(parts({ verdict: 'pass', evaluation: evaluation({ identical: true }), gates: [gate({ id: 'x', metric: 'f1' })] }))
      .headline,
  ).toBe('passes. It answers exactly as production v11 does');
});

it('tells how many rows an open gate needs', () => {
  expect(inconclusive().next).toBe('About 48,200 test rows would settle it (now 21,340). It stops nothing.');
});

it('names too few rows as such', () => {
  const few = gate({
    id: 'r',
    metric: 'recall',
    slice: 'region=islands',
    status: 'inconclusive',
    reason: 'TOO_FEW_ROWS',
    n: 40,
    positives: 6,
  });
  expect(composeWords(parts({ verdict: 'inconclusive', gates: [few] })).headline).toBe(
    'undecided. Recall in region=islands rests on 40 rows with 6 positives, too few to tell',
  );
});

it('has words for every verdict even when nothing explains it', () => {
  for (const verdict of ['pass', 'warn', 'inconclusive', 'fail', 'error'] as const)
    for (const text of Object.values(composeWords(parts({ verdict, evaluation: null })))) expect(text).toMatch(/\S/);
});
