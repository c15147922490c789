import { describe, expect, test } from 'vitest';
import { compareDecisions, compareScores, decisionRule } from '../../../shared/production/compare-replay.ts';

describe('a decision', () => {
  test('is read from the top, strictly above; what no line catches has a name of its own', () => {
    const rule = decisionRule('binary', 0.5, [{ above: 0.9, label: 'BLOCK' }, { above: 0.5, label: 'REVIEW' }, { label: 'APPROVE' }]);
    expect([0.95, 0.9, 0.51, 0.5, 0].map((score) => rule?.names[rule.of(score)])).toEqual([
      'BLOCK',
      'REVIEW',
      'REVIEW',
      'APPROVE',
      'APPROVE',
    ]);
    const open = decisionRule('regression', 0.5, [{ above: 100, label: 'CALL' }]);
    expect([101, 100].map((score) => open?.names[open.of(score)])).toEqual(['CALL', '(none)']);
  });

  test('without a list is positive from the threshold on; a number decides nothing', () => {
    const rule = decisionRule('binary', 0.3, undefined);
    expect([0.3, 0.2999].map((score) => rule?.names[rule.of(score)])).toEqual(['positive', 'negative']);
    expect(decisionRule('regression', 0.5, undefined)).toBeNull();
  });
});

test('moved decisions are counted each way, most first', () => {
  const found = compareDecisions([0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 0, 2], ['no', 'yes', 'ask'], 0.9);
  expect(found.agreement).toMatchObject({ rows: 3, share: 0.5, interval: { level: 0.9, method: 'wilson' } });
  expect(found.moved).toEqual([
    { from: 'no', to: 'yes', rows: 2, share: 2 / 6 },
    { from: 'yes', to: 'no', rows: 1, share: 1 / 6 },
  ]);
});

describe('scores', () => {
  test('that are the same did not move', () => {
    const scores = Float64Array.of(0.1, 0.4, 0.4, 0.9);
    expect(compareScores(scores, scores.slice(), 0.9)).toMatchObject({ meanDifference: 0, meanAbsoluteDifference: 0, d: 0, pValue: 1 });
  });

  test('that moved have SciPy’s D (ks_2samp), the paired t of the mean, and quantiles of both', () => {
    const before = Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5);
    const after = Float64Array.of(0.15, 0.25, 0.45, 0.55, 0.6);
    const found = compareScores(before, after, 0.9);
    expect(found.d).toBeCloseTo(0.4, 12);
    expect(found.meanDifference).toBeCloseTo(0.1, 12);
    // scipy.stats.t.interval(.9, 4, .1, sem([.05, .05, .15, .15, .1]))
    expect(found.interval?.low).toBeCloseTo(0.05232, 4);
    expect(found.interval?.high).toBeCloseTo(0.14768, 4);
    expect(found.quantiles.find(({ share }) => share === 0.5)).toEqual({ share: 0.5, production: 0.3, candidate: 0.45 });
  });
});
