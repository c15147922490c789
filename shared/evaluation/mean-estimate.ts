import { clusteredMeanEstimate, type MeanEstimate, meanEstimate, studentBounds, studentPBelow } from '../statistics/student-interval.ts';
import type { Terms } from './metric-definition.ts';
import { termsOf } from './metric-value.ts';
import type { Sample } from './sample.ts';
import type { Uncertainty } from './uncertainty.ts';
import { sided, spread } from './uncertainty.ts';

/** A mean of losses by t; clusters by CR1. */
export function meanOfModel(sample: Sample, terms: Terms, level: number): Uncertainty | null {
  const losses = termsOf(sample, sample.candidate, terms);
  if (typeof losses === 'string') return null;
  const flat = losses[0]!.every((loss) => loss === losses[0]![0]);
  return byStudent(sample, estimateOf(sample, losses[0]!), level, flat, sample.clusters ? 't-clustered' : 't');
}

/** The difference of two means of losses on the same rows by the paired t. */
export function meanDifference(sample: Sample, terms: Terms, level: number): Uncertainty | null {
  const first = termsOf(sample, sample.candidate, terms);
  const second = sample.baseline && termsOf(sample, sample.baseline, terms);
  if (!second || typeof first === 'string' || typeof second === 'string') return null;
  return pairedStudent(sample, first[0]!, second[0]!, level);
}

/** Also for shares when rows hang together. */
export function pairedStudent(sample: Sample, candidate: Float64Array, baseline: Float64Array, level: number): Uncertainty {
  const differences = new Float64Array(candidate.length);
  for (let i = 0; i < differences.length; i++) differences[i] = candidate[i]! - baseline[i]!;
  return byStudent(
    sample,
    estimateOf(sample, differences),
    level,
    isFlat(differences, candidate, baseline),
    sample.clusters ? 'paired-t-clustered' : 'paired-t',
  );
}

const estimateOf = ({ clusters }: Sample, values: Float64Array): MeanEstimate =>
  clusters ? clusteredMeanEstimate(values, clusters.codes, clusters.count) : meanEstimate(values);

/** No variance: the differences range over no more than rounding, 1e-12 of the largest loss. */
export function isFlat(differences: Float64Array, candidate: Float64Array, baseline: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < differences.length; i++) {
    const difference = differences[i]!;
    if (difference < low) low = difference;
    if (difference > high) high = difference;
    largest = Math.max(largest, Math.abs(candidate[i]!), Math.abs(baseline[i]!));
  }
  return high - low <= 1e-12 * largest;
}

function byStudent(sample: Sample, estimate: MeanEstimate, level: number, flat: boolean, method: string): Uncertainty {
  if (sample.n < 2) return { method, low: null, high: null, se: null, p: () => null };
  // A difference that is 0 on every row is 0; one that is the same on every row has no t.
  if (flat)
    return Math.abs(estimate.mean) === 0
      ? { method, low: 0, high: 0, se: 0, p: (limit, side) => ((side === 'at-least' ? limit <= 0 : limit >= 0) ? 1 : 0) }
      : { method, low: null, high: null, se: 0, p: () => null };
  return {
    method,
    ...spread(studentBounds(estimate, level)),
    se: estimate.se,
    p: (limit, side) =>
      side === 'at-least'
        ? studentPBelow(estimate, limit)
        : sided((other) => studentPBelow({ ...estimate, mean: -estimate.mean }, other))(-limit, 'at-least'),
  };
}
