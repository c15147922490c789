import { it } from 'vitest';
import { metricValue } from '../../shared/evaluation/metric-value.ts';
import { findMetric } from '../../shared/evaluation/metrics.ts';
import { sampleOf } from '../../shared/evaluation/sample.ts';
import { compareExpected, inputNumbers, listAbsent, readVectors } from './read-vectors.ts';
import { scoredRows } from './rows-of-vector.ts';

for (const { name, kind, input, expected, tolerance } of readVectors('regression.json')) {
  if (kind !== 'regression') continue;
  it(`regression: ${name}`, () => {
    const sample = sampleOf(scoredRows('regression', inputNumbers(input['y_true']), inputNumbers(input['y_pred'])));
    const got = Object.fromEntries(
      Object.keys(expected).map((key) => {
        const metric = findMetric('regression', key);
        if (!metric) throw new Error(`the vectors expect ${key}, which is no metric`);
        return [key, metricValue(sample, sample.candidate, metric, 0.5).value];
      }),
    );
    compareExpected(got, expected, tolerance);
  });
}

listAbsent('regression.json');
