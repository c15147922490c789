import { describe, expect, it } from 'vitest';
import { gateRow, ruleKind, worstFirst } from '../../../shared/report/gate-row.ts';
import { gate } from '../../support/reports/parts.ts';
import { worse } from '../../support/reports/reports.ts';

const texts = ({ judged, interval, limit, arrow, baseline, candidate }: ReturnType<typeof gateRow>) => [
  arrow,
  baseline,
  candidate,
  judged,
  interval,
  limit,
];
const row = (metric: string) => {
  const report = worse();
  const found = report.gates.find((entry) => entry.id.startsWith(metric));
  if (!found) throw new Error(metric);
  return gateRow(found, report.evaluation);
};

describe('figures are shown in the metric’s own direction and unit', () => {
  it.each([
    ['recall.maxRegression[region=south]', ['↑', '.712', '.651', '−.061', '−.098 … −.024', '−.020']],
    ['log_loss.maxRegression', ['↓', '.386', '.381', '−.005', '−.006 … −.004', '+.002']],
    ['latency_p99.maxRelative', ['↓', '4.1 ms', '6.0 ms', '+46 %', '+38 % … +55 %', '+20 %']],
    ['roc_auc.min', ['↑', '.846', '.853', '.853', '.848 … .858', '≥ .800']],
    ['model_bytes.max', ['↓', '1.2 MB', '1.2 MB', '1.2 MB', '', '≤ 50 MB']],
  ])('%s', (id, expected) => {
    expect(texts(row(id))).toEqual(expected);
  });

  it('a latency limit: the share of calls that took longer', () => {
    const slow = gate({
      id: 'latency_p99.max',
      metric: 'latency_p99',
      rule: 'max',
      limit: 5,
      bound: 0,
      unit: 'ms',
      value: 6,
      estimate: -0.011,
      lower: -0.024,
      upper: 0.002,
      status: 'inconclusive',
    });
    expect(texts(gateRow(slow, null))).toEqual(['↓', '–', '6.0 ms', '2.1 % slower', '0.8 % … 3.4 %', '≤ 5.0 ms']);
  });

  it('a value on its own scale, should an estimate come as one', () => {
    const floor = gate({
      id: 'f1.above',
      metric: 'f1',
      rule: 'above',
      limit: 0.5,
      bound: 0.5,
      value: 0.6,
      estimate: 0.6,
      lower: 0.55,
      upper: 0.65,
    });
    expect(texts(gateRow(floor, null))).toEqual(['↑', '–', '.600', '.600', '.550 … .650', '> .500']);
  });
});

it('calls improved only what is shown to be better than the baseline', () => {
  expect(row('roc_auc.maxRegression').improved).toBe(true);
  expect(row('average_precision').improved).toBe(false);
  expect(row('roc_auc.min').improved).toBe(false);
});

it('tells a rule by its key, in the rule or in the id', () => {
  expect(ruleKind({ rule: 'maxRegression', id: 'x' })).toBe('maxRegression');
  expect(ruleKind({ rule: 'compare', id: 'recall.maxRelative[a=b]' })).toBe('maxRelative');
  expect(ruleKind({ rule: 'min', id: 'minutes' })).toBe('min');
  expect(ruleKind({ rule: 'contract', id: 'contract' })).toBe('other');
});

it('puts the worst first and keeps the policy’s order within', () => {
  const rows = worse().gates.map((entry) => gateRow(entry, null));
  expect(worstFirst(rows).map(({ gate: { status } }) => status)).toEqual(['fail', 'warn', ...Array(10).fill('pass')]);
  expect(
    worstFirst(rows)
      .slice(2, 5)
      .map(({ gate: { id } }) => id),
  ).toEqual(['contract', 'roc_auc.min', 'roc_auc.maxRegression']);
});
