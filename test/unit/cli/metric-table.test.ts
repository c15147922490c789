import { expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import { metricTable } from '../../../cli/metric-table.ts';

const metric = (change: object) => ({
  name: 'roc_auc',
  value: 0.7,
  baseline: 0.7,
  delta: 0,
  interval: null,
  slice: null,
  n: 300,
  positives: 100,
  greaterIsBetter: true,
  unit: 'share' as const,
  note: null,
  ...change,
});
const line = (change: object) => metricTable([metric(change)], ['v1', 'v2'], createColors(false)).split('\n')[1];

it('shows what a tiny difference is, and no signed zero', () => {
  expect(line({ value: 0.69998, delta: -0.00002 })).toContain('−0.000020');
  expect(line({ delta: 3e-7 })).toContain('+3.0e−7');
  // What sums leave over is no difference.
  expect(line({ delta: -1.1e-16 })).toMatch(/ 0$/);
  expect(line({ delta: 1.1e-16, interval: { low: -1e-17, high: 0, level: 0.9, method: 'delong' } })).toMatch(/ 0 {2,}0 … 0$/);
  expect(line({ delta: -0.0123 })).toContain('−0.0123');
});
