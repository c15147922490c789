import { UserError } from '../errors.ts';
import type { Clusters, Ranking } from '../statistics/delong.ts';
import { ascendingOrder, tieEnds } from '../statistics/order.ts';
import type { ScoredRows } from './scored-rows.ts';

/** One model's answers on the rows of a sample, and their order. */
export interface ModelScores extends Ranking {
  readonly scores: Float64Array;
}

/**
 * Test rows in an order of their own: by the candidate's score, the baseline's, the label and the cluster. Rows that agree in
 * all four are interchangeable, so every sum and every seeded draw is the same however the file was ordered, to the last bit.
 */
export interface Sample {
  readonly task: ScoredRows['task'];
  readonly n: number;
  readonly labels: Float64Array;
  /** Rows of label 1; 0 where the task is not binary. */
  readonly positives: number;
  readonly classes: readonly string[];
  readonly candidate: ModelScores;
  readonly baseline: ModelScores | null;
  readonly dtype: ScoredRows['dtype'];
  readonly clusters: (Clusters & { readonly what: string; readonly codes: Int32Array }) | null;
  /** The row in the source of each position. */
  readonly source: Uint32Array;
  /** Every answer of the candidate is the baseline's. */
  readonly identical: boolean;
}

const samples = new WeakMap<ScoredRows, Sample>();

/** The sample of all rows; sorted once however often it is asked for. */
export function sampleOf(rows: ScoredRows): Sample {
  const known = samples.get(rows);
  if (known) return known;
  refuseNonFinite(rows.labels, 'labels');
  refuseNonFinite(rows.candidate, "candidate's scores");
  if (rows.baseline) refuseNonFinite(rows.baseline, "baseline's scores");
  const sample = rows.task === 'multiclass' ? sortedByContent(rows) : sortedByScore(rows);
  samples.set(rows, sample);
  return sample;
}

function sortedByScore(rows: ScoredRows): Sample {
  const { labels, candidate, baseline, clusters } = rows;
  const byCluster = clusters ? ascendingOrder(Float64Array.from(clusters.codes)) : undefined;
  const byLabel = ascendingOrder(labels, byCluster);
  const byBaseline = baseline ? ascendingOrder(baseline, byLabel) : byLabel;
  const source = ascendingOrder(candidate, byBaseline);
  const place = new Uint32Array(rows.n);
  for (let i = 0; i < rows.n; i++) place[source[i]!] = i;
  return assemble(rows, source, baseline ? gatherRows(place, byBaseline) : null);
}

/** Multiclass rows have no single score: compare label, then both models' probabilities. */
function sortedByContent(rows: ScoredRows): Sample {
  const width = rows.classes?.length ?? 1;
  const source = Uint32Array.from(rows.labels, (_, i) => i).sort((a, b) => {
    if (rows.labels[a] !== rows.labels[b]) return rows.labels[a]! - rows.labels[b]!;
    for (const table of [rows.candidate, rows.baseline]) {
      for (let k = 0; table && k < width; k++) {
        const difference = table[a * width + k]! - table[b * width + k]!;
        if (difference !== 0) return difference;
      }
    }
    return (rows.clusters?.codes[a] ?? 0) - (rows.clusters?.codes[b] ?? 0);
  });
  return assemble(rows, source, null);
}

function assemble(rows: ScoredRows, source: Uint32Array, baselineOrder: Uint32Array | null): Sample {
  const width = rows.task === 'multiclass' ? (rows.classes?.length ?? 1) : 1;
  const { clusters } = rows;
  return withRankings({
    task: rows.task,
    labels: gather(rows.labels, source, 1),
    classes: rows.classes ?? [],
    candidate: gather(rows.candidate, source, width),
    baseline: rows.baseline ? gather(rows.baseline, source, width) : null,
    baselineOrder,
    dtype: rows.dtype,
    clusters: clusters
      ? { codes: Int32Array.from(source, (row) => clusters.codes[row]!), count: clusters.count, what: clusters.what }
      : null,
    source,
  });
}

interface Parts extends Pick<Sample, 'task' | 'labels' | 'classes' | 'dtype' | 'clusters' | 'source'> {
  readonly candidate: Float64Array;
  readonly baseline: Float64Array | null;
  readonly baselineOrder: Uint32Array | null;
}

function withRankings({ candidate, baseline, baselineOrder, ...rest }: Parts): Sample {
  const ranked = rest.task === 'binary';
  const none = new Uint32Array(0);
  let positives = 0;
  if (ranked) for (let i = 0; i < rest.labels.length; i++) positives += rest.labels[i]!;
  return {
    ...rest,
    n: rest.labels.length,
    positives,
    candidate: { scores: candidate, order: null, ends: ranked ? tieEnds(candidate, null) : none },
    baseline: baseline ? { scores: baseline, order: baselineOrder, ends: ranked ? tieEnds(baseline, baselineOrder) : none } : null,
    identical: baseline !== null && candidate.every((score, i) => score === baseline[i]),
  };
}

/** The rows at these positions, ascending: they keep their order, so nothing is sorted again. */
export function subsample(sample: Sample, positions: Uint32Array): Sample {
  const width = sample.task === 'multiclass' ? sample.classes.length : 1;
  let baselineOrder: Uint32Array | null = null;
  if (sample.baseline?.order) {
    const place = new Int32Array(sample.n).fill(-1);
    for (let i = 0; i < positions.length; i++) place[positions[i]!] = i;
    const { order } = sample.baseline;
    baselineOrder = new Uint32Array(positions.length);
    let count = 0;
    for (let i = 0; i < order.length; i++) {
      const position = place[order[i]!]!;
      if (position >= 0) baselineOrder[count++] = position;
    }
  }
  const { clusters } = sample;
  return withRankings({
    task: sample.task,
    labels: gather(sample.labels, positions, 1),
    classes: sample.classes,
    candidate: gather(sample.candidate.scores, positions, width),
    baseline: sample.baseline ? gather(sample.baseline.scores, positions, width) : null,
    baselineOrder,
    dtype: sample.dtype,
    clusters: clusters ? { ...clusters, codes: Int32Array.from(positions, (position) => clusters.codes[position]!) } : null,
    source: gatherRows(sample.source, positions),
  });
}

/** How many clusters have rows here. */
export function clusterCount({ clusters }: Sample): number | null {
  if (!clusters) return null;
  const seen = new Uint8Array(clusters.count);
  for (const code of clusters.codes) seen[code] = 1;
  return seen.reduce((total, flag) => total + flag, 0);
}

function gather(values: Float64Array, positions: Uint32Array, width: number): Float64Array {
  const gathered = new Float64Array(positions.length * width);
  if (width === 1) for (let i = 0; i < positions.length; i++) gathered[i] = values[positions[i]!]!;
  else for (const [i, position] of positions.entries()) gathered.set(values.subarray(position * width, (position + 1) * width), i * width);
  return gathered;
}

function gatherRows(values: Uint32Array, positions: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(positions.length);
  for (let i = 0; i < positions.length; i++) gathered[i] = values[positions[i]!]!;
  return gathered;
}

function refuseNonFinite(values: Float64Array, what: string): void {
  let count = 0;
  let first = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    count++;
    if (first < 0) first = i;
  }
  if (count === 0) return;
  throw new UserError(
    'SCORES_NOT_FINITE',
    `The ${what} hold ${count} value(s) that are no finite number, the first in test row ${first + 1}.`,
    'Make the model answer every row with a number, or take such rows out of the test set.',
  );
}
