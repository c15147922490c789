import type { ScoredRows } from '../../shared/evaluation/scored-rows.ts';
import { inputNumbers, type VectorCase } from './read-vectors.ts';

/** Test rows of a case: scores are the candidate's. */
export function scoredRows(
  task: ScoredRows['task'],
  labels: Float64Array,
  candidate: Float64Array,
  baseline: Float64Array | null = null,
  more: Partial<ScoredRows> = {},
): ScoredRows {
  return { task, n: labels.length, labels, candidate, baseline, dtype: 'float64', slices: {}, clusters: null, rowNumbers: null, ...more };
}

/** Scores that were float32 are read as such, then widened. */
export function binaryRows({ input }: VectorCase): ScoredRows {
  const single = input['score_dtype'] === 'float32';
  const scores = inputNumbers(input['y_score']);
  const labels = Float64Array.from(input['y_true'] as unknown[], (label) => Number(label === (input['positive'] ?? 1)));
  return scoredRows('binary', labels, single ? scores.map(Math.fround) : scores, null, { dtype: single ? 'float32' : 'float64' });
}

export function multiclassRows({ input }: VectorCase): ScoredRows {
  const classes = input['labels'] as unknown[];
  const labels = Float64Array.from(input['y_true'] as unknown[], (label) => classes.indexOf(label));
  const single = input['score_dtype'] === 'float32';
  const scores = inputNumbers((input['y_proba'] as unknown[][]).flat());
  return scoredRows('multiclass', labels, single ? scores.map(Math.fround) : scores, null, {
    classes: classes.map(String),
    dtype: single ? 'float32' : 'float64',
  });
}
