import { wilson, wilsonPBelow, zOfLevel } from '../statistics/proportion.ts';
import { clusteredMeanEstimate } from '../statistics/student-interval.ts';
import { tango, tangoPBelow } from '../statistics/tango.ts';
import { pairedStudent } from './mean-estimate.ts';
import type { ShareOf } from './metric-definition.ts';
import { predictedClasses } from './metric-value.ts';
import { clusterCount, type ModelScores, type Sample, subsample } from './sample.ts';
import type { Uncertainty } from './uncertainty.ts';
import { sided, spread } from './uncertainty.ts';

/** The positions that a share is of. */
function rowsOf(sample: Sample, share: ShareOf, predicted: Uint16Array): Uint32Array {
  const positions = new Uint32Array(sample.n);
  let count = 0;
  for (let i = 0; i < sample.n; i++) {
    const counts = share === 'rows' || (share === 'predicted' ? predicted[i] === 1 : sample.labels[i] === (share === 'positives' ? 1 : 0));
    if (counts) positions[count++] = i;
  }
  return positions.slice(0, count);
}

const rightAnswers = (sample: Sample, model: ModelScores, threshold: number): Float64Array => {
  const predicted = predictedClasses(sample, model, threshold);
  const right = new Float64Array(sample.n);
  for (let i = 0; i < sample.n; i++) right[i] = predicted[i] === sample.labels[i] ? 1 : 0;
  return right;
};

/** Accuracy, recall, specificity or precision of the candidate by Wilson; clusters by an effective number of rows n/deff. */
export function shareEstimate(sample: Sample, share: ShareOf, threshold: number, level: number): Uncertainty | null {
  const right = rightAnswers(sample, sample.candidate, threshold);
  const positions = rowsOf(sample, share, predictedClasses(sample, sample.candidate, threshold));
  const n = positions.length;
  if (n === 0) return { method: 'wilson', low: null, high: null, se: null, p: () => null };
  let x = 0;
  for (const position of positions) x += right[position]!;
  const effective = sample.clusters ? n / designEffect(subsample(sample, positions), positions.length, right, positions) : n;
  const successes = (x / n) * effective;
  const exact = effective === n ? x : successes;
  const bounds = wilson(exact, effective, level);
  const p = x / n;
  return {
    method: sample.clusters ? 'wilson-clustered' : 'wilson',
    ...spread(bounds),
    se: p > 0 && p < 1 ? Math.sqrt((p * (1 - p)) / effective) : bounds && (bounds[1] - bounds[0]) / (2 * zOfLevel(level)),
    p: sided((limit) => wilsonPBelow(exact, effective, limit)),
  };
}

/** Variance by cluster sums over the binomial one, at least 1. Where all answers agree nothing shows it: one answer a cluster then. */
function designEffect(sample: Sample, n: number, right: Float64Array, positions: Uint32Array): number {
  const { clusters } = sample;
  if (!clusters) return 1;
  const values = Float64Array.from(positions, (position) => right[position]!);
  const { mean, se } = clusteredMeanEstimate(values, clusters.codes, clusters.count);
  if (mean === 0 || mean === 1) return n / (clusterCount(sample) ?? n);
  return Math.max(1, se === null ? n : (se * se * n) / (mean * (1 - mean)));
}

/** The paired difference by Tango's score on the discordant rows; clusters by t on cluster sums of the differences. */
export function shareDifference(
  sample: Sample,
  share: Exclude<ShareOf, 'predicted'>,
  threshold: number,
  level: number,
): Uncertainty | null {
  const { baseline } = sample;
  if (!baseline) return null;
  const own = rightAnswers(sample, sample.candidate, threshold);
  const other = rightAnswers(sample, baseline, threshold);
  if (sample.clusters) {
    const positions = rowsOf(sample, share, new Uint16Array(0));
    const pick = (values: Float64Array) => Float64Array.from(positions, (position) => values[position]!);
    return pairedStudent(subsample(sample, positions), pick(own), pick(other), level);
  }
  const label = share === 'rows' ? null : share === 'positives' ? 1 : 0;
  let n = 0;
  let b = 0;
  let c = 0;
  for (let i = 0; i < sample.n; i++) {
    if (label !== null && sample.labels[i] !== label) continue;
    n++;
    if (own[i]! > other[i]!) b++;
    else if (own[i]! < other[i]!) c++;
  }
  return tangoUncertainty(b, c, n, level);
}

/** Tango's interval and test of `b` rows that only the candidate has right and `c` only the baseline, of `n`. */
export function tangoUncertainty(b: number, c: number, n: number, level: number): Uncertainty {
  const bounds = tango(b, c, n, level);
  return {
    method: 'tango',
    ...spread(bounds),
    // At a true difference of 0; without a discordant row the interval's own width stands in.
    se:
      bounds &&
      (b + c > 0
        ? Math.sqrt(b + c - (b - c) ** 2 / n) / n || (bounds[1] - bounds[0]) / (2 * zOfLevel(level))
        : (bounds[1] - bounds[0]) / (2 * zOfLevel(level))),
    p: (limit, side) => (side === 'at-least' ? tangoPBelow(b, c, n, limit) : tangoPBelow(c, b, n, -limit)),
  };
}
