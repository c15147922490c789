import type { EvaluationResult, GateResult, MetricResult } from '../../../shared/evaluation/evaluation-result.ts';
import { composeWords } from '../../../shared/report/compose-words.ts';
import type { Report } from '../../../shared/report/report.ts';
import { worstVerdict } from '../../../shared/verdict/verdict.ts';
import { check, contract, dataset, digestOf, gate, metric, plots, training } from './parts.ts';

/** The reports that a team meets in its first month. */

const baseline = { stage: 'production', version: 11, digest: digestOf('v11'), createdAt: '2026-10-14T08:00:00.000Z', ageDays: 38.2 };
const noPlots = { roc: null, precisionRecall: null, calibration: null, scores: null };

export function evaluation(given: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    task: 'binary',
    baseline,
    rows: 21_340,
    positives: 4_812,
    testDigest: digestOf('test rows'),
    looks: { count: 4, budget: 20, alphaReuse: 0.2 },
    identical: false,
    metrics: [],
    gates: [],
    plots: noPlots,
    notices: [],
    scoring: { rows: 42_680, seconds: 0.61 },
    ...given,
  };
}

/** A report whose words, verdict and digests follow from its parts. */
export function report(given: Partial<Report> = {}, unchanged = false): Report {
  const gates = given.gates ?? given.evaluation?.gates ?? [];
  const parts = {
    model: 'churn',
    mode: 'enforce' as const,
    contract: contract(),
    tests: [],
    dataset: dataset(),
    training: training(),
    evaluation: null,
    ...given,
    gates,
    verdict: given.verdict ?? worstVerdict(gates.map(({ status }) => status)),
  };
  return {
    schema: 'weighin/report@1',
    task: 'binary',
    evidence: 'claimed',
    blocks: parts.mode === 'enforce' && (parts.verdict === 'fail' || parts.verdict === 'error'),
    createdAt: '2026-11-21T10:00:00.000Z',
    source: {
      repository: 'acme/churn',
      commit: '3f2a9c1d5b7e8f90123456789abcdef012345678',
      dirty: false,
      pull: 57,
      changed: ['train.py', 'src/churn/features.py'],
    },
    policy: { digest: digestOf('policy'), file: 'weighin.yaml' },
    card: { file: 'MODEL_CARD.md', missing: [] },
    notices: [],
    runtime: { weighin: '0.1.0', node: 'v24.4.0', platform: 'linux-x64', seconds: 51.7 },
    inputs: digestOf('inputs'),
    decisionDigest: digestOf('decision'),
    ...composeWords({ ...parts, unchanged }),
    ...parts,
  };
}

const ci = (low: number, high: number, method = 'delong') => ({ low, high, level: 0.9, method });

const gates = {
  contract: gate({
    id: 'contract',
    kind: 'contract',
    metric: 'contract',
    rule: 'contract',
    prove: null,
    decide: null,
    method: null,
    level: null,
    answer: 'holds',
    message: 'All 6 rules of the contract hold.',
  }),
  floor: gate({
    id: 'roc_auc.min',
    metric: 'roc_auc',
    rule: 'min',
    limit: 0.8,
    bound: 0,
    value: 0.853,
    baseline: 0.846,
    estimate: 0.053,
    lower: 0.048,
    upper: 0.058,
    method: 'logit-delong',
    n: 21_340,
    positives: 4_812,
    smallestVisible: 0.005,
    message: 'roc_auc is .853 (.848 … .858), which meets the minimum of .800.',
  }),
  better: gate({
    id: 'roc_auc.maxRegression',
    metric: 'roc_auc',
    limit: 0.003,
    bound: -0.003,
    value: 0.853,
    baseline: 0.846,
    estimate: 0.007,
    lower: 0.005,
    upper: 0.009,
    n: 21_340,
    positives: 4_812,
    answer: 'shown better',
    smallestVisible: 0.002,
    message: 'roc_auc rose by .007 (.005 … .009), within the limit of .003.',
  }),
  precision: gate({
    id: 'average_precision.maxRegression',
    metric: 'average_precision',
    limit: 0.01,
    bound: -0.01,
    value: 0.569,
    baseline: 0.561,
    estimate: 0.008,
    lower: -0.004,
    upper: 0.02,
    n: 21_340,
    positives: 4_812,
    method: 'paired-bca',
    smallestVisible: 0.018,
    message: 'average_precision falls by .004 at most; it may fall by .010.',
  }),
  logLoss: gate({
    id: 'log_loss.maxRegression',
    metric: 'log_loss',
    limit: 0.002,
    bound: -0.002,
    value: 0.3811,
    baseline: 0.3862,
    estimate: 0.0051,
    lower: 0.0039,
    upper: 0.0063,
    n: 21_340,
    method: 'paired-t',
    unit: 'none',
    answer: 'shown better',
    smallestVisible: 0.0018,
    message: 'log_loss fell by .0051 (.0039 … .0063), within the limit of .002.',
  }),
  size: gate({
    id: 'model_bytes.max',
    metric: 'model_bytes',
    rule: 'max',
    limit: 50_000_000,
    bound: 0,
    value: 1_204_331,
    baseline: 1_198_220,
    estimate: 48_795_669,
    lower: 48_795_669,
    upper: 48_795_669,
    decide: 'point',
    method: null,
    level: null,
    unit: 'bytes',
    answer: 'below',
    message: 'model_bytes is 1.2 MB, which meets the maximum of 50 MB.',
  }),
  south: gate({
    id: 'recall.maxRegression[region=south]',
    metric: 'recall',
    slice: 'region=south',
    limit: 0.02,
    bound: -0.02,
    prove: 'harm',
    status: 'fail',
    answer: 'shown worse',
    value: 0.651,
    baseline: 0.712,
    estimate: -0.061,
    lower: -0.098,
    upper: -0.024,
    method: 'tango',
    p: 0.0021,
    adjustedP: 0.0105,
    n: 1_912,
    positives: 431,
    negatives: 1481,
    smallestVisible: 0.053,
    reason: 'GATE_FAILED',
    message: 'recall in region=south fell by .061 (.024 … .098); the whole interval lies beyond the limit of .020.',
  }),
  latency: gate({
    id: 'latency_p99.maxRelative',
    metric: 'latency_p99',
    rule: 'maxRelative',
    severity: 'warn',
    prove: 'harm',
    status: 'warn',
    answer: 'shown worse',
    limit: 0.2,
    bound: -0.2,
    value: 6,
    baseline: 4.1,
    estimate: -0.46,
    lower: -0.55,
    upper: -0.38,
    method: 'blocks',
    unit: 'ms',
    reason: 'GATE_FAILED',
    message: 'latency_p99 rose by 46 % (55 % … 38 %); the whole interval lies beyond the limit of 20 %.',
  }),
};

const slice = (
  name: string,
  value: number,
  before: number,
  low: number,
  high: number,
  n: number,
  positives: number,
  status: GateResult['status'] = 'pass',
) =>
  gate({
    ...gates.south,
    id: `recall.maxRegression[region=${name}]`,
    slice: `region=${name}`,
    status,
    answer: status === 'pass' ? 'shown good enough' : 'too few rows',
    value,
    baseline: before,
    estimate: value - before,
    lower: low,
    upper: high,
    p: 0.4,
    adjustedP: 1,
    n,
    positives,
    negatives: n - positives,
    smallestVisible: 0.05,
    reason: 'GATE_PASSED',
    message: 'No harm shown.',
  });

const otherSlices = [
  slice('north', 0.718, 0.709, -0.01, 0.028, 8_204, 1_850),
  slice('west', 0.725, 0.718, -0.016, 0.03, 5_377, 1_212),
  slice('east', 0.731, 0.722, -0.014, 0.032, 5_633, 1_271),
  slice('islands', 0.69, 0.69, -0.06, 0.06, 214, 48),
];

const metrics: readonly MetricResult[] = [
  metric({ name: 'roc_auc', value: 0.853, baseline: 0.846, interval: ci(0.005, 0.009) }),
  metric({ name: 'average_precision', value: 0.569, baseline: 0.561, interval: ci(-0.004, 0.02, 'paired-bca') }),
  metric({
    name: 'log_loss',
    value: 0.3811,
    baseline: 0.3862,
    interval: ci(-0.0063, -0.0039, 'paired-t'),
    greaterIsBetter: false,
    unit: 'none',
  }),
  metric({
    name: 'brier',
    value: 0.1194,
    baseline: 0.1211,
    interval: ci(-0.0022, -0.0012, 'paired-t'),
    greaterIsBetter: false,
    unit: 'none',
  }),
  metric({ name: 'ece', value: 0.012, baseline: 0.019, interval: ci(-0.011, -0.003, 'paired-bca'), greaterIsBetter: false }),
  metric({ name: 'accuracy', value: 0.829, baseline: 0.825, interval: ci(0.001, 0.007, 'tango') }),
  metric({ name: 'recall', value: 0.716, baseline: 0.712, interval: ci(-0.006, 0.014, 'tango') }),
  metric({
    name: 'latency_p99',
    value: 6,
    baseline: 4.1,
    delta: 1.9,
    interval: ci(1.56, 2.26, 'blocks'),
    greaterIsBetter: false,
    unit: 'ms',
  }),
  metric({ name: 'model_bytes', value: 1_204_331, baseline: 1_198_220, greaterIsBetter: false, unit: 'bytes' }),
  metric({
    name: 'recall',
    slice: 'region=south',
    value: 0.651,
    baseline: 0.712,
    interval: ci(-0.098, -0.024, 'tango'),
    n: 1_912,
    positives: 431,
  }),
  metric({
    name: 'recall',
    slice: 'region=north',
    value: 0.718,
    baseline: 0.709,
    interval: ci(-0.01, 0.028, 'tango'),
    n: 8_204,
    positives: 1_850,
  }),
  metric({
    name: 'recall',
    slice: 'region=west',
    value: 0.725,
    baseline: 0.718,
    interval: ci(-0.016, 0.03, 'tango'),
    n: 5_377,
    positives: 1_212,
  }),
  metric({
    name: 'recall',
    slice: 'region=east',
    value: 0.731,
    baseline: 0.722,
    interval: ci(-0.014, 0.032, 'tango'),
    n: 5_633,
    positives: 1_271,
  }),
  metric({
    name: 'recall',
    slice: 'region=islands',
    value: 0.69,
    baseline: 0.69,
    interval: ci(-0.06, 0.06, 'tango'),
    n: 214,
    positives: 48,
  }),
];

const passing = [gates.contract, gates.floor, gates.better, gates.precision, gates.logLoss, gates.size];
const withGates = (list: readonly GateResult[], given: Partial<EvaluationResult> = {}) =>
  evaluation({ gates: list.filter(({ kind }) => kind === 'metric'), metrics: [...metrics], plots: plots(5.6, 5.2), ...given });
const weighed = (list: readonly GateResult[], given: Partial<Report> = {}) =>
  report({ gates: [...list], evaluation: withGates(list), ...given });

export const better = () =>
  weighed(passing, {
    tests: [
      {
        name: 'unit',
        command: 'pytest -q',
        status: 'pass',
        severity: 'fail',
        exitCode: 0,
        seconds: 4.2,
        cases: { total: 41, failed: 0, skipped: 1 },
        failures: [],
        message: '41 cases, none failed',
        tail: [],
      },
    ],
  });

export const worse = () => weighed([...passing, gates.south, ...otherSlices, gates.latency]);

export const warned = () => weighed([...passing, gates.latency]);

export const inconclusive = () => {
  const open = gate({
    ...gates.precision,
    status: 'inconclusive',
    answer: 'not shown',
    value: 0.556,
    estimate: -0.005,
    lower: -0.017,
    upper: 0.007,
    rowsNeeded: 48_200,
    reason: 'GATE_INCONCLUSIVE',
    message:
      'average_precision fell by .005 (−.017 … +.007); the limit of .010 lies inside the interval, so it is not shown to be good enough. About 48,200 rows would settle it.',
  });
  return weighed([gates.contract, gates.floor, open, gates.logLoss, gates.size]);
};

export const first = () => {
  const floor = { ...gates.floor, baseline: null };
  const waiting = gate({
    id: 'roc_auc.maxRegression',
    metric: 'roc_auc',
    limit: 0.003,
    method: null,
    answer: 'no baseline',
    reason: 'NO_BASELINE',
    message: 'There is no model to compare roc_auc with yet.',
  });
  const list = [gates.contract, floor, waiting, { ...gates.size, baseline: null }];
  const alone = metrics
    .filter(({ name }) => name !== 'latency_p99')
    .map((entry) => ({
      ...entry,
      baseline: null,
      delta: null,
      interval:
        entry.interval && entry.value !== null
          ? { ...entry.interval, low: entry.value - 0.01, high: entry.value + 0.01, method: 'wilson' }
          : null,
    }));
  return report({
    gates: list,
    evaluation: withGates(list, { baseline: null, metrics: alone, plots: plots(5.6, null), looks: null }),
    notices: [{ code: 'NO_BASELINE', message: 'Nothing is in production yet, so the candidate is judged by its own values alone.' }],
  });
};

const stopped = (failing: Parameters<typeof check>[0][]): Partial<Report> => {
  const checks = [...failing.map((given) => check({ status: 'fail', ...given })), ...contract().checks.slice(0, 2)];
  const count = failing.length;
  return {
    contract: contract({ verdict: 'fail', checks }),
    dataset: null,
    training: null,
    card: null,
    gates: [
      {
        ...gates.contract,
        status: 'fail',
        answer: 'broken',
        reason: 'CONTRACT_FAILED',
        message: `${count} of ${checks.length} rules of the contract fail.`,
      },
    ],
  };
};

export const leak = () =>
  report(
    stopped([
      {
        rule: 'LEAKAGE_FUTURE_EVENT',
        column: 'delay',
        failed: 312,
        location: null,
        observed: 312,
        expected: 0,
        rows: [17, 204, 1_031],
        message: 'delay is observed after its label in 312 rows',
      },
    ]),
  );

export const broken = () =>
  report(
    stopped([
      {
        rule: 'nulls',
        column: 'income',
        observed: 1,
        expected: 0.1,
        failed: 15_649,
        rows: [4, 9, 23, 31, 40],
        message: 'Columns with >10% nulls: {income: 11.0}',
        location: null,
      },
      {
        rule: 'type',
        column: 'age',
        observed: 'VARCHAR',
        expected: 'integer',
        failed: 3,
        rows: [88, 1_204, 90_011],
        message: 'age is text in 3 rows, not integer',
      },
      {
        rule: 'unique',
        column: 'customer_id',
        observed: 2,
        expected: 0,
        failed: 2,
        rows: [512, 77_001],
        message: 'customer_id repeats in 2 rows',
      },
    ]),
  );

export const unchanged = () => report({ evaluation: withGates(passing), gates: passing }, true);

export const failedTest = () => {
  const message = '2 of 41 cases failed';
  return report({
    training: null,
    tests: [
      {
        name: 'unit',
        command: 'pytest -q --junitxml=unit.xml',
        status: 'fail',
        severity: 'fail',
        exitCode: 1,
        seconds: 6.1,
        cases: { total: 41, failed: 2, skipped: 0 },
        failures: ['test_features.test_lag', 'test_features.test_na'],
        message,
        tail: ['E   assert 3 == 4', '2 failed, 39 passed in 5.91s'],
      },
    ],
    gates: [
      gates.contract,
      {
        ...gates.contract,
        id: 'test.unit',
        kind: 'test',
        metric: 'unit',
        rule: 'test',
        status: 'fail',
        answer: 'failed',
        reason: 'TEST_FAILED',
        message,
      },
    ],
  });
};

export const failedTraining = () =>
  report({
    training: null,
    verdict: 'error',
    card: null,
    gates: [gates.contract],
    notices: [{ code: 'TRAINING_FAILED', message: 'python train.py ended with exit code 1.' }],
  });

/** Every text that data or a config can bring is an attack. */
export const hostile = () => {
  const name = `<script>alert(1)</script>"'\`|@team #1 https://evil.example ![x](https://evil.example/a.png)\u202Etxt\u0007\u200b\n# head`;
  const base = worse();
  const bad = { ...gates.south, id: `recall.maxRegression[${name}]`, metric: name, slice: name, message: name, answer: name };
  return {
    ...report({
      ...base,
      gates: [bad],
      evaluation: withGates([bad], {
        metrics: [
          metric({ name, value: 0.4, baseline: 0.5 }),
          metric({ name, value: 0.4, baseline: 0.5, slice: `${name}=${name}`, note: name }),
        ],
        notices: [{ code: name, message: name }],
      }),
      contract: contract({
        checks: [
          check({ rule: name, column: name, status: 'fail', message: name, rows: [1], values: [name], location: { file: name, line: 3 } }),
        ],
      }),
      tests: [
        {
          name,
          command: name,
          status: 'fail',
          severity: 'fail',
          exitCode: 1,
          seconds: 1,
          cases: null,
          failures: [name],
          message: name,
          tail: [name],
        },
      ],
      training: training({
        command: name,
        params: { [name]: name },
        reported: { [name]: 1 },
        curves: {
          [name]: [
            [1, 2],
            [2, 3],
          ],
        },
        environment: { [name]: name },
      }),
      dataset: dataset({
        label: name,
        inputs: [{ source: name, files: [{ path: name, bytes: 1, digest: digestOf('x') }] }],
        notices: [{ code: name, message: name }],
      }),
      notices: [{ code: name, message: name }],
      source: { ...base.source, repository: name, commit: null, changed: [name] },
    }),
    headline: name,
    why: name,
    next: name,
  };
};

/** 200 metrics by 50 slices, every gate failing. */
export const huge = () => {
  const list: GateResult[] = [];
  const all: MetricResult[] = [];
  for (let m = 0; m < 200; m += 1)
    for (let s = 0; s < 50; s += 1) {
      const [name, cell] = [`metric_with_a_rather_long_name_${m}`, `a_long_column_name=and a long value of it ${s}`];
      list.push({ ...gates.south, id: `${name}.maxRegression[${cell}]`, metric: name, slice: cell });
      all.push(metric({ name, slice: cell, value: 0.65, baseline: 0.71, interval: ci(-0.098, -0.024), n: 1_912, positives: 431 }));
    }
  return report({ gates: list, evaluation: withGates(list, { metrics: all }) });
};

export const fixtures = { first, better, worse, leak, broken, unchanged, inconclusive, warned } as const;
