import { describe, expect, it } from 'vitest';
import { estimateMetric } from '../../../shared/evaluation/estimate.ts';
import { metricValue } from '../../../shared/evaluation/metric-value.ts';
import { findMetric, metricNames } from '../../../shared/evaluation/metrics.ts';
import { resampledDifference, resampledMetric } from '../../../shared/evaluation/resampled-statistic.ts';
import { type Sample, sampleOf, subsample } from '../../../shared/evaluation/sample.ts';
import type { ScoredRows } from '../../../shared/evaluation/scored-rows.ts';
import { auto, makeRows } from './make-rows.ts';

const estimate = (rows: ScoredRows, name: string, paired: boolean, ci: Partial<typeof auto> | object = {}) =>
  estimateMetric(sampleOf(rows), findMetric(rows.task, name)!, { threshold: 0.5, paired, ci: { ...auto, ...ci } });

const methods = (rows: ScoredRows, paired: boolean) =>
  Object.fromEntries(
    ['roc_auc', 'accuracy', 'recall', 'specificity', 'precision', 'f1', 'mcc', 'average_precision', 'ece', 'log_loss', 'brier'].map(
      (name) => [name, estimate(rows, name, paired).uncertainty?.method],
    ),
  );

describe('the method of each metric', () => {
  it('for one model', () => {
    expect(methods(makeRows(500), false)).toEqual({
      roc_auc: 'logit-delong',
      accuracy: 'wilson',
      recall: 'wilson',
      specificity: 'wilson',
      precision: 'wilson',
      f1: 'bca',
      mcc: 'bca',
      average_precision: 'bca',
      ece: 'bca',
      log_loss: 't',
      brier: 't',
    });
    // Below 100 rows of a class DeLong's variance of one AUC is not trusted.
    expect(estimate(makeRows(200), 'roc_auc', false).uncertainty?.method).toBe('newcombe-5');
  });

  it('for a paired difference', () => {
    expect(methods(makeRows(500), true)).toEqual({
      roc_auc: 'delong',
      accuracy: 'tango',
      recall: 'tango',
      specificity: 'tango',
      precision: 'paired-bca',
      f1: 'paired-bca',
      mcc: 'paired-bca',
      average_precision: 'paired-bca',
      ece: 'paired-bca',
      log_loss: 'paired-t',
      brier: 'paired-t',
    });
  });

  it('of resampling when it is asked for, close to the analytic one', () => {
    const rows = makeRows(800, { shift: 0.03 });
    for (const name of ['roc_auc', 'accuracy', 'log_loss', 'recall']) {
      const analytic = estimate(rows, name, true).uncertainty!;
      for (const method of ['bca', 'percentile'] as const) {
        const resampled = estimate(rows, name, true, { method, resamples: 4000 }).uncertainty!;
        expect(resampled.method).toBe(`paired-${method}`);
        const width = analytic.high! - analytic.low!;
        expect(Math.abs(resampled.low! - analytic.low!) / width, `${name} ${method}`).toBeLessThan(0.1);
        expect(Math.abs(resampled.high! - analytic.high!) / width, `${name} ${method}`).toBeLessThan(0.1);
      }
    }
  });
});

it('gives from the jackknife, beyond some rows, what resampling gives', () => {
  const rows = makeRows(22_000, { shift: 0.02 });
  for (const name of ['average_precision', 'ece']) {
    expect(estimate(makeRows(2_000, { shift: 0.02 }), name, true, { resamples: 2000 }).uncertainty!.method).toBe('paired-bca');
    const quick = estimate(rows, name, true, { resamples: 2000 }).uncertainty!;
    expect(quick.method).toBe('paired-jackknife');
    const slow = estimate(rows, name, true, { method: 'bca', resamples: 1500 }).uncertainty!;
    const width = slow.high! - slow.low!;
    expect(Math.abs(quick.low! - slow.low!) / width, name).toBeLessThan(0.12);
    expect(Math.abs(quick.high! - slow.high!) / width, name).toBeLessThan(0.12);
  }
});

describe('resampled statistics', () => {
  const without = (sample: Sample, row: number) =>
    subsample(
      sample,
      Uint32Array.from({ length: sample.n - 1 }, (_, i) => (i < row ? i : i + 1)),
    );

  it('leave each row out exactly as computing again without it', () => {
    const rows = makeRows(40, { digits: 1 });
    const sample = sampleOf(rows);
    const names = metricNames('binary').filter((name) => !/latency|bytes/.test(name));
    for (const name of names) {
      const metric = findMetric('binary', name)!;
      const quick = resampledMetric(sample, sample.candidate, metric, 0.5)!.jackknife();
      for (let row = 0; row < sample.n; row++) {
        const rest = without(sample, row);
        expect(quick[row], `${name} without row ${row}`).toBeCloseTo(metricValue(rest, rest.candidate, metric, 0.5).value!, 10);
      }
    }
  });

  it('leave regression rows out the same way', () => {
    const rows: ScoredRows = { ...makeRows(40), task: 'regression', labels: makeRows(40, { seed: 9 }).candidate.map((value) => value + 1) };
    const sample = sampleOf(rows);
    for (const name of ['rmse', 'mae', 'r2', 'mape', 'rmsle', 'bias', 'pinball_0.9']) {
      const metric = findMetric('regression', name)!;
      const quick = resampledMetric(sample, sample.candidate, metric, 0.5)!.jackknife();
      for (const row of [0, 7, 39]) {
        const rest = without(sample, row);
        // R²'s terms stand around the mean of all rows: equal to second order, exact to rounding by its own centring term.
        expect(quick[row], `${name} without row ${row}`).toBeCloseTo(metricValue(rest, rest.candidate, metric, 0.5).value!, 9);
      }
    }
  });

  it('with every row once are the metric itself', () => {
    const sample = sampleOf(makeRows(300, { digits: 2 }));
    const once = new Uint8Array(300).fill(1);
    for (const name of metricNames('binary').filter((each) => !/latency|bytes/.test(each))) {
      const metric = findMetric('binary', name)!;
      const own = metricValue(sample, sample.candidate, metric, 0.5).value!;
      const other = metricValue(sample, sample.baseline!, metric, 0.5).value!;
      expect(resampledDifference(sample, metric, 0.5)!.ofCounts(once), name).toBeCloseTo(own - other, 12);
    }
  });
});

describe('clusters', () => {
  const copies = (rows: ScoredRows, times: number): ScoredRows => {
    const repeat = (values: Float64Array) => Float64Array.from({ length: rows.n * times }, (_, i) => values[i % rows.n]!);
    return {
      ...rows,
      n: rows.n * times,
      labels: repeat(rows.labels),
      candidate: repeat(rows.candidate),
      baseline: repeat(rows.baseline!),
      slices: {},
      clusters: { codes: Int32Array.from({ length: rows.n * times }, (_, i) => i % rows.n), count: rows.n, what: 'household' },
    };
  };

  it('of copied rows give about the interval of the rows themselves, not a narrower one', () => {
    const rows = makeRows(400, { shift: 0.02 });
    const tripled = copies(rows, 3);
    for (const name of ['roc_auc', 'accuracy', 'recall', 'log_loss', 'f1', 'average_precision']) {
      for (const paired of [true, false]) {
        const own = estimate({ ...rows, slices: {} }, name, paired, { resamples: 2000 }).uncertainty!;
        const clustered = estimate(tripled, name, paired, { resamples: 2000 }).uncertainty!;
        const blind = estimate({ ...tripled, clusters: null }, name, paired, { resamples: 2000 }).uncertainty!;
        const width = (found: typeof own) => found.high! - found.low!;
        expect(width(clustered) / width(own), `${name} ${paired}`).toBeGreaterThan(0.85);
        // Clusters are drawn over both classes, rows within each: that alone widens a single F1.
        expect(width(clustered) / width(own), `${name} ${paired}`).toBeLessThan(1.4);
        expect(width(blind) / width(own)).toBeLessThan(0.75);
      }
    }
  });
});
