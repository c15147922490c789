import { describe, expect, it } from 'vitest';
import { createDecide } from '../../../shared/serving/decide.ts';

const row = (score: number) => ({ score, probabilities: null, classes: null });

describe('a decision', () => {
  it('is positive from the threshold on, and blocks only above its limit', () => {
    const decide = createDecide({
      task: 'binary',
      threshold: 0.5,
      decisions: [{ above: 0.9, label: 'BLOCK' }, { above: 0.5, label: 'REVIEW' }, { label: 'APPROVE' }],
    });
    expect([0.91, 0.9, 0.5, 0.49].map((score) => [decide(row(score)).decision, decide(row(score)).prediction])).toEqual([
      ['BLOCK', 1],
      ['REVIEW', 1],
      ['APPROVE', 1],
      ['APPROVE', 0],
    ]);
  });

  it('is not there without decisions; of several classes the most probable one is answered', () => {
    expect(createDecide({ task: 'regression', threshold: 0.5 })(row(3.5))).toEqual({ score: 3.5, prediction: 3.5 });
    const several = createDecide({ task: 'multiclass', threshold: 0.5, decisions: [{ label: 'ALL' }] });
    expect(several({ score: null, probabilities: [0.2, 0.5, 0.3], classes: ['a', 'b', 'c'] })).toEqual({ score: 0.5, prediction: 'b' });
  });
});
