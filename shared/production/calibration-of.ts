import { CALIBRATION_BINS, calibrationBin } from '../evaluation/calibration-bins.ts';
import { normalSf } from '../statistics/normal.ts';
import { zOfLevel } from '../statistics/proportion.ts';
import { compensatedSum } from '../statistics/sums.ts';
import type { Calibration } from './performance.ts';

/** A twentieth more or fewer than promised is nothing to tell anyone; a quarter changes what a score means. */
const tellRatio = 1.05;
const alarmRatio = 1.25;

/**
 * Expected against observed positives, tested by the Poisson-binomial variance Σp(1−p) (calibration in the large; Spiegelhalter 1986), and
 * Murphy's (1973) parts of the Brier score. Scores in 0 … 1, labels 0 and 1. The level is of this window alone.
 */
export function calibrationOf(scores: Float64Array, labels: Float64Array, confidence: number): Calibration | null {
  const n = scores.length;
  if (n === 0) return null;
  const expected = compensatedSum(n, (row) => scores[row]!);
  const observed = compensatedSum(n, (row) => labels[row]!);
  const variance = compensatedSum(n, (row) => scores[row]! * (1 - scores[row]!));
  const ratio = expected > 0 ? observed / expected : null;
  const half = expected > 0 && variance > 0 ? (zOfLevel(confidence) * Math.sqrt(variance)) / expected : null;
  const pValue = variance > 0 ? 2 * normalSf(Math.abs(observed - expected) / Math.sqrt(variance)) : null;
  const interval = ratio !== null && half !== null ? { low: Math.max(0, ratio - half), high: ratio + half } : null;
  const off = (limit: number) => interval !== null && (interval.low > limit || interval.high < 1 / limit);
  // The normal law of the count needs a handful of either class.
  const shifted =
    variance >= 9 && pValue !== null && pValue < 1 - confidence && ratio !== null && (ratio >= tellRatio || ratio <= 1 / tellRatio);
  return {
    expected,
    observed,
    ratio,
    interval,
    pValue,
    ...murphyParts(scores, labels, observed / n),
    level: shifted ? (off(alarmRatio) ? 'drift' : 'shift') : 'none',
  };
}

function murphyParts(scores: Float64Array, labels: Float64Array, base: number) {
  const rows = new Float64Array(CALIBRATION_BINS);
  const promised = new Float64Array(CALIBRATION_BINS);
  const came = new Float64Array(CALIBRATION_BINS);
  scores.forEach((score, row) => {
    const bin = calibrationBin(score);
    rows[bin]! += 1;
    promised[bin]! += score;
    came[bin]! += labels[row]!;
  });
  const over = (term: (share: number, mean: number) => number) =>
    rows.reduce((sum, count, bin) => (count === 0 ? sum : sum + count * term(came[bin]! / count, promised[bin]! / count)), 0) /
    scores.length;
  return {
    reliability: over((share, mean) => (mean - share) ** 2),
    resolution: over((share) => (share - base) ** 2),
    uncertainty: base * (1 - base),
  };
}
