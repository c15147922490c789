import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationConfig } from '../../../shared/config/schema.ts';
import { configSchema } from '../../../shared/config/schema.ts';
import { gateResultSchema } from '../../../shared/evaluation/evaluation-result.ts';
import type { ScoredRows } from '../../../shared/evaluation/scored-rows.ts';
import { type JudgeContext, judgeGates } from '../../../shared/gate/judge-gates.ts';
import { makeRows, permuted } from '../evaluation/make-rows.ts';

/** A policy as the reader of the config makes it, defaults filled in. */
function policyOf(gates: readonly object[], evaluation: object = {}): EvaluationConfig {
  const config = configSchema.parse({ version: 1, models: { m: { task: 'binary', evaluation: { gates, ...evaluation } } } });
  return config.models['m']!.evaluation;
}
const judge = (rows: ScoredRows, gates: readonly object[], context: Partial<JudgeContext> = {}, evaluation: object = {}) =>
  judgeGates(rows, policyOf(gates, evaluation), { hasBaseline: rows.baseline !== null, ...context });
const one = (rows: ScoredRows, gate: object, context: Partial<JudgeContext> = {}, evaluation: object = {}) =>
  judge(rows, [gate], context, evaluation)[0]!;

const better = makeRows(1000, { shift: 0.1 });
const worse: ScoredRows = { ...better, candidate: better.baseline!, baseline: better.candidate };
const same: ScoredRows = { ...better, baseline: better.candidate.slice() };
const maxRegression = (limit: number | 'auto', metric = 'roc_auc') => ({ metric, compare: { maxRegression: limit } });

describe('three answers', () => {
  it('passes what is shown good enough, stops what is shown worse, and says when neither is shown', () => {
    expect(one(better, maxRegression(0.005))).toMatchObject({
      status: 'pass',
      answer: 'shown better',
      reason: 'GATE_PASSED',
      method: 'delong',
    });
    expect(one(worse, maxRegression(0.005))).toMatchObject({ status: 'fail', answer: 'shown worse', reason: 'GATE_FAILED' });
    const near = one(makeRows(400), maxRegression(0.0001));
    expect(near).toMatchObject({ status: 'inconclusive', answer: 'not shown', reason: 'GATE_INCONCLUSIVE' });
    expect(near.smallestVisible).toBeGreaterThan(0.0001);
  });

  it('judges limits on the side that they name', () => {
    const { value } = one(better, { metric: 'roc_auc', min: 0.5 });
    expect(one(better, { metric: 'roc_auc', min: value! - 0.1 }).status).toBe('pass');
    expect(one(better, { metric: 'roc_auc', min: value! + 0.1 })).toMatchObject({ status: 'fail', answer: 'shown too low' });
    expect(one(better, { metric: 'brier', max: 0.9 }).status).toBe('pass');
    expect(one(better, { metric: 'brier', max: 0.01 })).toMatchObject({ status: 'fail', answer: 'shown too high' });
    expect(one(better, { metric: 'roc_auc', min: value!, decide: 'point' })).toMatchObject({ status: 'pass', answer: 'met' });
    expect(one(better, { metric: 'roc_auc', above: value!, decide: 'point' })).toMatchObject({ status: 'fail', answer: 'missed' });
  });

  it('lets a gate that warns warn at most, and asks it for harm', () => {
    expect(one(worse, { ...maxRegression(0.005), severity: 'warn' })).toMatchObject({
      status: 'warn',
      prove: 'harm',
      reason: 'GATE_FAILED',
    });
    expect(one(makeRows(400), { ...maxRegression(0.0001), severity: 'warn' })).toMatchObject({ status: 'pass', mark: 'not shown' });
  });

  it('orients losses: a loss that rises is worse', () => {
    expect(one(worse, maxRegression(0.001, 'log_loss'))).toMatchObject({ status: 'fail', method: 'paired-t' });
    expect(one(better, maxRegression(0.001, 'log_loss'))).toMatchObject({ status: 'pass' });
    expect(one(better, { metric: 'log_loss', compare: { minImprovement: 0 } }).status).toBe('pass');
    expect(one(worse, { metric: 'log_loss', compare: { minImprovement: 0 } }).status).toBe('fail');
  });
});

it('passes identical predictions in every non-inferiority gate whatever n, and in no improvement gate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(1000), (n, seed) => {
      const rows = makeRows(n, { seed });
      const twin = { ...rows, baseline: rows.candidate.slice() };
      for (const metric of ['roc_auc', 'recall', 'f1', 'log_loss', 'ece', 'average_precision']) {
        const [regression, improvement] = judge(twin, [maxRegression(0, metric), { metric, compare: { minImprovement: 0 } }]);
        if (regression!.value === null || (metric === 'recall' && !rows.labels.includes(1))) continue;
        expect(regression).toMatchObject({ status: 'pass', answer: 'identical', reason: 'IDENTICAL', lower: 0, upper: 0, p: 1 });
        expect(improvement!.status).toBe('fail');
      }
    }),
    { numRuns: 30 },
  );
});

describe('too little to judge by', () => {
  it('is open for few rows, few of a class, and few clusters', () => {
    expect(one(makeRows(199), maxRegression(0.5))).toMatchObject({ status: 'inconclusive', reason: 'TOO_FEW_ROWS', rowsNeeded: 200 });
    expect(one(makeRows(300, { share: 0.05 }), maxRegression(0.5, 'recall'))).toMatchObject({ reason: 'TOO_FEW_ROWS' });
    expect(one(makeRows(300, { share: 0.05 }), maxRegression(0.5, 'accuracy'))).toMatchObject({ status: 'pass' });
    const clusters = (count: number) => ({ codes: Int32Array.from({ length: 1000 }, (_, i) => i % count), count, what: 'shop' });
    expect(one({ ...better, clusters: clusters(29) }, maxRegression(0.5))).toMatchObject({
      reason: 'TOO_FEW_CLUSTERS',
      status: 'inconclusive',
    });
    expect(one({ ...better, clusters: clusters(30) }, maxRegression(0.5))).toMatchObject({ status: 'pass', method: 'obuchowski' });
  });

  it('is open for an undefined metric, with its reason', () => {
    const oneClass = { ...better, labels: new Float64Array(1000) };
    expect(one(oneClass, maxRegression(0.1))).toMatchObject({ status: 'inconclusive', reason: 'UNDEFINED_METRIC', value: null });
    expect(one(oneClass, { metric: 'recall', min: 0.5, decide: 'point' })).toMatchObject({
      status: 'inconclusive',
      reason: 'UNDEFINED_METRIC',
    });
  });
});

describe('compare', () => {
  it('divides by the size of the baseline, and names a baseline of 0 an error', () => {
    const relative = one(worse, { metric: 'log_loss', compare: { maxRelative: 0.02 } });
    expect(relative.estimate).toBeCloseTo((relative.baseline! - relative.value!) / relative.baseline!, 12);
    expect(relative.status).toBe('fail');
    expect(relative.message).toMatch(/rose by [\d.]+ %/);
    const nothing = { ...better, baseline: new Float64Array(1000) };
    expect(one(nothing, { metric: 'recall', compare: { maxRelative: 0.1 } })).toMatchObject({ status: 'error', reason: 'ZERO_BASELINE' });
  });

  it('chooses with auto the smallest margin that this test set can decide, unless the baseline has one already', () => {
    const auto = one(better, maxRegression('auto'));
    expect(auto.limit).toBeGreaterThanOrEqual(auto.smallestVisible!);
    expect(auto.limit! / auto.smallestVisible!).toBeLessThan(1.1);
    expect(one(better, maxRegression('auto'), { previousMargins: { [auto.id]: 0.5 } }).limit).toBe(0.5);
    expect(one(same, maxRegression('auto'))).toMatchObject({ status: 'pass', answer: 'identical', limit: null });
  });

  it('without a baseline passes with a notice, or fails where the policy says so', () => {
    const first = { ...better, baseline: null };
    expect(one(first, maxRegression(0.01))).toMatchObject({ status: 'pass', answer: 'no baseline', reason: 'NO_BASELINE' });
    expect(one(first, maxRegression(0.01), {}, { baseline: { onMissing: 'fail' } })).toMatchObject({
      status: 'fail',
      reason: 'NO_BASELINE',
    });
    expect(one(first, { metric: 'roc_auc', min: 0.5 }).status).toBe('pass');
  });
});

describe('slices', () => {
  const recall = { metric: 'recall', slices: { by: ['region'] }, compare: { maxRegression: 0.02 } };

  it('make one harm gate each, in one Holm family', () => {
    const results = judge(worse, [recall]);
    expect(results.map(({ id }) => id)).toEqual([
      'recall.maxRegression[region=(missing)]',
      'recall.maxRegression[region=north]',
      'recall.maxRegression[region=south]',
    ]);
    for (const { prove, p, adjustedP, status } of results) {
      expect(prove).toBe('harm');
      expect(adjustedP).toBeGreaterThanOrEqual(p!);
      expect(status).toBe('fail');
    }
    const smallest = results.reduce((a, b) => (a.p! < b.p! ? a : b));
    expect(smallest.adjustedP).toBeCloseTo(smallest.p! * 3, 15);
  });

  it('keep gates that warn in a family of their own, and leave short slices out', () => {
    const few = {
      ...worse,
      slices: { region: { codes: Int32Array.from({ length: 1000 }, (_, i) => (i < 40 ? 1 : 0)), names: ['a', 'b'] } },
    };
    const [a, b, warned] = judge(few, [recall, { ...maxRegression(0.01, 'specificity'), severity: 'warn' }]);
    expect(b).toMatchObject({ reason: 'TOO_FEW_ROWS', adjustedP: null, mark: 'not shown', status: 'pass' });
    expect(a!.adjustedP).toBe(a!.p);
    expect(warned!.adjustedP).toBe(warned!.p);
  });

  it('that no row has are a mistake of the policy', () => {
    expect(() => judge(better, [{ ...recall, slices: { by: ['regoin'] } }])).toThrow(/column "regoin"/);
  });
});

describe('what a run measured', () => {
  const calls = (of: (i: number) => number) => Float64Array.from({ length: 600 }, (_, i) => of(i));
  const latency = (factor: number) => ({
    latency: { candidate: calls((i) => (1 + ((i * 37) % 100) / 200) * factor), baseline: calls((i) => 1 + ((i * 61) % 100) / 200) },
    modelBytes: { candidate: 60e6, baseline: 50e6 },
  });
  const relative = { metric: 'latency_p99', compare: { maxRelative: 0.2 } };

  it('judges latency against the baseline by blocks of rounds', () => {
    expect(one(better, relative, { measured: latency(1) })).toMatchObject({ status: 'pass', unit: 'ms', method: 'paired-block-bootstrap' });
    expect(one(better, relative, { measured: latency(1.6) })).toMatchObject({ status: 'fail', answer: 'shown worse' });
    expect(one(better, { ...relative, severity: 'warn' }, { measured: latency(1.6) }).status).toBe('warn');
  });

  it('judges a latency limit by the share of calls beyond it', () => {
    expect(one(better, { metric: 'latency_p99', max: 5 }, { measured: latency(1) })).toMatchObject({ status: 'pass' });
    const slow = one(better, { metric: 'latency_p95', max: 1.2 }, { measured: latency(1) });
    expect(slow).toMatchObject({ status: 'fail', method: 'wilson-blocks' });
    expect(slow.message).toMatch(/of 600 calls \(.*\) took longer than 1\.2 ms, and 5 % may/);
  });

  it('knows a size exactly', () => {
    expect(one(better, { metric: 'model_bytes', max: '50MB' }, { measured: latency(1) })).toMatchObject({ status: 'fail', limit: 50e6 });
    expect(one(better, { metric: 'model_bytes', max: '64 MB' }, { measured: latency(1) }).status).toBe('pass');
    expect(one(better, { metric: 'model_bytes', compare: { maxRelative: 0.25 } }, { measured: latency(1) }).status).toBe('pass');
    expect(one(better, { metric: 'model_bytes', compare: { maxRelative: 0.1 } }, { measured: latency(1) }).message).toContain(
      'rose by 20 %',
    );
  });

  it('says what was not measured', () => {
    expect(one(better, relative)).toMatchObject({ status: 'inconclusive', reason: 'NOT_MEASURED' });
  });
});

describe('looks', () => {
  const looks = { defaults: { looks: { correct: true, budget: 10 } } };

  it('spend alpha over the budget when corrected', () => {
    const plain = one(better, maxRegression(0.01));
    const corrected = one(better, maxRegression(0.01), { looks: 3 }, looks);
    expect(corrected.level).toBeCloseTo(0.99, 12);
    expect(corrected.lower).toBeLessThan(plain.lower!);
  });

  it('beyond the budget decide nothing until the test set is fresh', () => {
    expect(one(better, maxRegression(0.5), { looks: 10 }, looks).status).toBe('pass');
    expect(one(better, maxRegression(0.5), { looks: 11 }, looks)).toMatchObject({ status: 'inconclusive', reason: 'LOOKS_SPENT' });
    const strict = { defaults: { looks: { correct: true, budget: 10, onSpent: 'fail' } } };
    expect(one(better, maxRegression(0.5), { looks: 11 }, strict).status).toBe('fail');
  });
});

describe('mistakes of a policy', () => {
  it.each([
    [{ metric: 'roc_ac', min: 0.5 }, 'GATE_UNKNOWN_METRIC'],
    [{ metric: 'latency_p99', min: 5 }, 'GATE_BAD_RULE'],
    [{ metric: 'roc_auc', min: '5MB' }, 'GATE_BAD_LIMIT'],
    [{ metric: 'recall', group: 'gender', max: 0.1 }, 'GATE_NOT_YET_SUPPORTED'],
    [{ metric: 'model_bytes', max: 5, slices: { by: ['region'] } }, 'GATE_NOT_SLICED'],
  ])('%o', (gate, code) => {
    expect(() => one(better, gate)).toThrow(expect.objectContaining({ code }));
  });
});

it('gives the shape of the report, ids that differ, and the same bytes for rows in any order', () => {
  const gates = [
    maxRegression(0.01),
    maxRegression(0.02),
    { metric: 'f1', compare: { minImprovement: 0.01 } },
    { metric: 'average_precision', slices: { by: ['region'] }, compare: { maxRegression: 0.02 } },
    { metric: 'ece', max: 0.2, ci: { method: 'bca', resamples: 300 } },
  ];
  const rows = makeRows(250, { digits: 1 });
  const want = judge(rows, gates);
  for (const result of want) expect(gateResultSchema.parse(result)).toEqual(result);
  expect(new Set(want.map(({ id }) => id)).size).toBe(want.length);
  const order = Array.from({ length: 250 }, (_, i) => (i * 7) % 250);
  expect(judge(permuted(rows, order), gates)).toEqual(want);
});

it('says it in sentences', () => {
  const messages = [
    one(worse, { metric: 'recall', slices: { by: ['region'] }, compare: { maxRegression: 0.02 } }),
    one(better, { metric: 'roc_auc', min: 0.99 }),
    one(makeRows(400), maxRegression(0.0001)),
    one(same, maxRegression(0.01)),
    one(makeRows(40), maxRegression(0.01)),
    one(better, { metric: 'brier', max: 0.5, decide: 'point' }),
  ].map(({ message }) => message);
  expect(messages).toMatchInlineSnapshot(`
    [
      "recall in region=(missing) fell by .183 (.122 … .255); the whole interval lies beyond the limit of .020.",
      "roc_auc is .911 (.894 … .925); the whole interval lies below the minimum of .990.",
      "roc_auc rose by .0033 (−.014 … +.021); the limit of .0001 lies inside the interval, so it is not shown to be good enough. About 24,333 rows would settle it.",
      "Both models give the same score on every row, so roc_auc is the same.",
      "roc_auc can't be decided here: there are 40 rows of the 200 that it needs.",
      "brier is .163 (.156 … .171), which meets the maximum of .500 by the estimate alone.",
    ]
  `);
});
