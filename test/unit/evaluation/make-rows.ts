import type { ScoredRows } from '../../../shared/evaluation/scored-rows.ts';
import { createRandom } from '../../../shared/statistics/random.ts';

/** Binary rows of two related models; `shift` moves the candidate's scores of positives. */
export function makeRows(n: number, { seed = 1, share = 0.3, shift = 0, digits = 3 } = {}): ScoredRows {
  const random = createRandom(seed);
  const labels = new Float64Array(n);
  const candidate = new Float64Array(n);
  const baseline = new Float64Array(n);
  const rounded = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10 ** digits) / 10 ** digits;
  for (let i = 0; i < n; i++) {
    labels[i] = random.uniform() < share ? 1 : 0;
    const common = random.uniform() * 0.6 + labels[i]! * 0.25;
    candidate[i] = rounded(common + random.uniform() * 0.2 + shift * labels[i]!);
    baseline[i] = rounded(common + random.uniform() * 0.2);
  }
  const codes = Int32Array.from({ length: n }, (_, i) => i % 3);
  return {
    task: 'binary',
    n,
    labels,
    candidate,
    baseline,
    dtype: 'float64',
    slices: { region: { codes, names: ['north', 'south', '(missing)'] } },
    clusters: null,
    rowNumbers: null,
  };
}

/** The same rows in another order. */
export function permuted(rows: ScoredRows, order: readonly number[]): ScoredRows {
  const width = rows.task === 'multiclass' ? (rows.classes?.length ?? 1) : 1;
  const scores = (values: Float64Array) => Float64Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
  const codes = (values: Int32Array) => Int32Array.from(order, (row) => values[row]!);
  return {
    ...rows,
    labels: Float64Array.from(order, (row) => rows.labels[row]!),
    candidate: scores(rows.candidate),
    baseline: rows.baseline && scores(rows.baseline),
    clusters: rows.clusters && { ...rows.clusters, codes: codes(rows.clusters.codes) },
    slices: Object.fromEntries(Object.entries(rows.slices).map(([name, slice]) => [name, { ...slice, codes: codes(slice.codes) }])),
  };
}

export const swapped = (rows: ScoredRows): ScoredRows => ({ ...rows, candidate: rows.baseline!, baseline: rows.candidate });

export const auto = { method: 'auto', level: 0.9, resamples: 400, seed: 7 } as const;
