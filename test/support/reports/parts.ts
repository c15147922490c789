import { createHash } from 'node:crypto';
import type { Check, ContractResult } from '../../../shared/contract/contract-result.ts';
import type { DatasetManifest } from '../../../shared/dataset/manifest.ts';
import type { GateResult, MetricResult, Plots } from '../../../shared/evaluation/evaluation-result.ts';
import type { TrainingResult } from '../../../shared/training/training-result.ts';

/** Parts of reports with numbers that fit together; each test states only what it is about. */

export const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export const gate = (given: Partial<GateResult> & Pick<GateResult, 'id' | 'metric'>): GateResult => ({
  kind: 'metric',
  slice: null,
  rule: 'maxRegression',
  limit: null,
  prove: 'safe',
  decide: 'bound',
  severity: 'fail',
  status: 'pass',
  mark: null,
  answer: 'shown good enough',
  value: null,
  baseline: null,
  estimate: null,
  lower: null,
  upper: null,
  observed: given.lower ?? null,
  bound: null,
  level: 0.9,
  method: 'delong',
  p: null,
  adjustedP: null,
  n: null,
  positives: null,
  negatives: null,
  rowsNeeded: null,
  smallestVisible: null,
  unit: 'share',
  reason: 'GATE_PASSED',
  message: 'The bound meets the limit.',
  ...given,
});

export const metric = (given: Partial<MetricResult> & Pick<MetricResult, 'name' | 'value'>): MetricResult => ({
  baseline: null,
  delta: given.value !== null && given.baseline != null ? given.value - given.baseline : null,
  interval: null,
  slice: null,
  n: 21_340,
  positives: 4_812,
  greaterIsBetter: true,
  unit: 'share',
  note: null,
  ...given,
});

export const check = (given: Partial<Check> & Pick<Check, 'rule' | 'column'>): Check => ({
  status: 'pass',
  severity: 'fail',
  observed: null,
  expected: null,
  failed: 0,
  total: 142_267,
  message: 'holds',
  rows: [],
  location: { file: 'contracts/customers.odcs.yaml', line: 31 },
  ...given,
});

export const contract = (given: Partial<ContractResult> = {}): ContractResult => ({
  verdict: 'pass',
  contract: { file: 'contracts/customers.odcs.yaml', digest: digestOf('contract'), id: 'customers', version: '1.2.0' },
  rows: 142_267,
  columns: 18,
  checks: [
    check({ rule: 'required', column: 'customer_id' }),
    check({ rule: 'unique', column: 'customer_id' }),
    check({ rule: 'nulls', column: 'income', observed: 0, expected: 0.1, failed: 5_975 }),
    check({ rule: 'nulls', column: 'tenure', observed: 0, expected: 0.1, failed: 1_565 }),
    check({ rule: 'range', column: 'age', expected: '18 … 110' }),
    check({ rule: 'LEAKAGE_FUTURE_EVENT', column: 'last_call', location: null }),
  ],
  ...given,
});

const split = (file: string, rows: number) => ({ file, rows, digest: digestOf(file), rowIds: digestOf(`ids of ${file}`) });

export const dataset = (given: Partial<DatasetManifest> = {}): DatasetManifest => ({
  schema: 'weighin/dataset@1',
  version: digestOf('dataset'),
  inputs: [
    { source: 'data/customers.parquet', files: [{ path: 'data/customers.parquet', bytes: 9_412_776, digest: digestOf('customers') }] },
    { source: 'data/usage.parquet', files: [{ path: 'data/usage.parquet', bytes: 31_207_110, digest: digestOf('usage') }] },
  ],
  recipe: { asked: { split: { by: 'stratified', train: 0.7, validation: 0.15, test: 0.15, seed: 42 } } },
  asOf: null,
  features: [
    { name: 'tenure', type: 'integer' },
    { name: 'plan', type: 'text' },
    { name: 'income', type: 'number' },
  ],
  label: 'churned',
  positive: '1',
  id: 'customer_id',
  cluster: null,
  time: 'signup_date',
  splits: { train: split('train.parquet', 99_587), validation: split('validation.parquet', 21_340), test: split('test.parquet', 21_340) },
  statistics: {
    train_rows: 99_587,
    val_rows: 21_340,
    test_rows: 21_340,
    train_label_dist: { '0': 0.7745, '1': 0.2255 },
    num_features: 18,
  },
  notices: [],
  ...given,
});

export const training = (given: Partial<TrainingResult> = {}): TrainingResult => ({
  by: 'command',
  command: 'python train.py',
  trainer: null,
  params: { trees: 200, learningRate: 0.1 },
  seed: 42,
  seconds: 38.4,
  model: {
    format: 'onnx',
    file: 'model.onnx',
    digest: digestOf('candidate'),
    bytes: 1_204_331,
    opset: 17,
    inputs: [{ name: 'tenure', type: 'int64[N,1]' }],
    outputs: [{ name: 'probabilities', type: 'float32[N,2]' }],
  },
  reported: { val_auc: 0.8571 },
  curves: { train_loss: decay(0.69, 0.36, 60), val_loss: decay(0.69, 0.41, 60), val_auc: decay(0.5, 0.857, 60) },
  environment: { python: '3.12.3', 'scikit-learn': '1.7.2' },
  notices: [],
  ...given,
});

function decay(from: number, to: number, steps: number): [number, number][] {
  return Array.from({ length: steps }, (_, step) => [step + 1, to + (from - to) * Math.exp(-step / 14) + 0.004 * Math.sin(step * 1.7)]);
}

/** Curves of two models whose scores are power laws: `strength` 1 knows nothing. */
export function plots(candidate: number, baseline: number | null): Plots {
  const grid = Array.from({ length: 101 }, (_, index) => index / 100);
  const both = <T>(draw: (strength: number) => T) => ({ candidate: draw(candidate), baseline: baseline === null ? null : draw(baseline) });
  const roc = (strength: number) => grid.map((x): [number, number] => [x, 1 - (1 - x) ** strength]);
  const precisionRecall = (strength: number) =>
    grid.map((recall): [number, number] => [recall, Math.max(0.2255, 0.2255 + (0.75 * (1 - recall) ** 0.8 * strength) / 6)]);
  const calibration = (strength: number) =>
    Array.from({ length: 10 }, (_, bin) => {
      const mean = (bin + 0.5) / 10;
      return {
        mean,
        observed: Math.min(1, Math.max(0, mean + 0.05 * Math.sin(bin) * (6.2 - strength))),
        rows: Math.round(5200 * 0.66 ** bin),
      };
    });
  const scores = (strength: number) => {
    const raw = Array.from({ length: 20 }, (_, bin) => Math.exp(-(((bin - strength + 1) / 5) ** 2)));
    const sum = raw.reduce((total, share) => total + share, 0);
    return raw.map((share) => share / sum);
  };
  return { roc: both(roc), precisionRecall: both(precisionRecall), calibration: both(calibration), scores: both(scores) };
}
