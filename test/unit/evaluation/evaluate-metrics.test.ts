import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { evaluateMetrics } from '../../../shared/evaluation/evaluate-metrics.ts';
import { metricResultSchema } from '../../../shared/evaluation/evaluation-result.ts';
import { identicalPredictions } from '../../../shared/evaluation/identical-predictions.ts';
import { metricNames } from '../../../shared/evaluation/metrics.ts';
import type { ScoredRows } from '../../../shared/evaluation/scored-rows.ts';
import { auto, makeRows, permuted, swapped } from './make-rows.ts';

const everything = (rows: ScoredRows, method: 'auto' | 'bca' | 'percentile' = 'auto') =>
  evaluateMetrics(rows, {
    metrics: metricNames(rows.task),
    slices: Object.keys(rows.slices),
    ci: { ...auto, method, resamples: 200 },
    threshold: 0.5,
    measured: { latency: null, modelBytes: { candidate: 10, baseline: 20 } },
  });

const shuffle = (n: number) =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );

describe('the order of rows', () => {
  it.each(['auto', 'bca', 'percentile'] as const)('changes no metric and no interval (%s), to the last bit', (method) => {
    const rows = makeRows(90, { digits: 1 });
    const want = everything(rows, method);
    fc.assert(
      fc.property(shuffle(rows.n), (order) => {
        expect(everything(permuted(rows, order), method)).toEqual(want);
      }),
      { numRuns: 8 },
    );
  });

  it('changes nothing with clusters, for regression or for more classes', () => {
    const rows = makeRows(120, { digits: 1 });
    const clustered = { ...rows, clusters: { codes: Int32Array.from({ length: 120 }, (_, i) => i % 40), count: 40, what: 'household' } };
    const regression: ScoredRows = { ...rows, task: 'regression' };
    const probabilities = Float64Array.from({ length: 360 }, (_, i) => [0.5, 0.3, 0.2][(i * 7) % 3]!);
    const multiclass: ScoredRows = {
      ...rows,
      task: 'multiclass',
      classes: ['a', 'b', 'c'],
      labels: Float64Array.from({ length: 120 }, (_, i) => (i * 5) % 3),
      candidate: probabilities,
      baseline: probabilities.slice().reverse(),
    };
    for (const each of [clustered, regression, multiclass]) {
      const want = everything(each);
      fc.assert(
        fc.property(shuffle(120), (order) => {
          expect(everything(permuted(each, order))).toEqual(want);
        }),
        { numRuns: 3 },
      );
    }
  });
});

it('negates every difference when the models change places, and mirrors what is computed without drawing', () => {
  const rows = makeRows(400, { shift: 0.05 });
  const forwards = everything(rows);
  const backwards = everything(swapped(rows));
  forwards.forEach(({ name, delta, interval, value }, i) => {
    const other = backwards[i]!;
    if (name === 'model_bytes') return;
    expect(other.baseline).toBe(value);
    if (delta === null) expect(other.delta).toBeNull();
    else expect(other.delta! + delta, name).toBe(0);
    if (!interval || interval.method.includes('bca')) return;
    expect(other.interval!.low + interval.high, name).toBeCloseTo(0, 12);
  });
});

it('gives every metric of a task in the shape of the report', () => {
  for (const result of everything(makeRows(150))) expect(metricResultSchema.parse(result)).toEqual(result);
});

it('gives one result a slice value, missing values by their own name', () => {
  const results = evaluateMetrics(makeRows(300), { metrics: ['recall'], slices: ['region'], ci: auto, threshold: 0.5 });
  expect(results.map(({ slice, n }) => [slice, n])).toEqual([
    [null, 300],
    ['region=(missing)', 100],
    ['region=north', 100],
    ['region=south', 100],
  ]);
});

describe('undefined', () => {
  it('is null with a reason where the rows hold one class', () => {
    const rows = { ...makeRows(40), labels: new Float64Array(40) };
    const results = evaluateMetrics(rows, { metrics: ['roc_auc', 'average_precision', 'log_loss'], slices: [], ci: auto, threshold: 0.5 });
    expect(results.map(({ value, delta, interval, note }) => [value === null, delta === null, interval === null, note !== null])).toEqual([
      [true, true, true, true],
      [true, true, true, true],
      [false, false, false, false],
    ]);
  });

  it('is said of probabilities that are none', () => {
    const rows = makeRows(60);
    const margins = { ...rows, candidate: rows.candidate.map((score) => score * 8 - 4) };
    const [auc, loss] = evaluateMetrics(margins, { metrics: ['roc_auc', 'log_loss'], slices: [], ci: auto, threshold: 0.5 });
    expect(auc!.value).not.toBeNull();
    expect(loss).toMatchObject({ value: null, note: 'the scores are not between 0 and 1' });
  });

  it('of no rows at all is everything', () => {
    const rows = { ...makeRows(0), slices: {} };
    for (const { value, interval } of everything(rows).filter(({ name }) => name !== 'model_bytes')) {
      expect(value).toBeNull();
      expect(interval).toBeNull();
    }
  });
});

it('refuses scores that are no numbers, and names the row', () => {
  const rows = makeRows(30);
  const broken = { ...rows, candidate: rows.candidate.with(4, Number.NaN) };
  expect(() => evaluateMetrics(broken, { slices: [], ci: auto, threshold: 0.5 })).toThrow(/1 value\(s\).*test row 5/);
});

it('names the nearest metric for a name that is none', () => {
  const ask = () => evaluateMetrics(makeRows(30), { metrics: ['rocauc'], slices: [], ci: auto, threshold: 0.5 });
  expect(ask).toThrow(UserError);
  expect(ask).toThrow(/no metric "rocauc"/);
  try {
    ask();
  } catch (error) {
    expect(error).toMatchObject({ code: 'GATE_UNKNOWN_METRIC', hint: expect.stringContaining('"roc_auc"') });
  }
});

it('calls predictions identical by their scores, not by their labels', () => {
  const rows = makeRows(50);
  expect(identicalPredictions({ ...rows, baseline: rows.candidate.slice() })).toBe(true);
  expect(identicalPredictions({ ...rows, baseline: rows.candidate.map((score) => (score >= 0.5 ? 0.9 : 0.1)) })).toBe(false);
  expect(identicalPredictions({ ...rows, baseline: null })).toBe(false);
});
