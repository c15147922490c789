import { createRandom } from '../../../statistics/random.ts';
import { fitIsotonic } from './isotonic.ts';
import { realisedAuc, type ScoredRows } from './scored-rows.ts';

const SPLITS = 10;
const BINS = 10;

/**
 * Whether isotonic regression brings the scores closer to the labels on rows that it did not see: ten stratified splits, a tenth of the
 * rows held out, compared by the expected calibration error over ten equally full bins. The splits are ours, not scikit-learn's.
 */
export function needsCalibration(reference: ScoredRows): boolean {
  const auc = realisedAuc(reference);
  if (auc === null || auc > 0.999) return false;
  const { score, truth } = reference;
  const random = createRandom(42);
  const held: { truth: number; score: number; calibrated: number }[] = [];
  for (let split = 0; split < SPLITS; split++) {
    const chosen = new Uint8Array(score.length);
    for (const label of [0, 1]) {
      const rows = Array.from(truth.keys()).filter((row) => truth[row] === label);
      const count = Math.round(rows.length / SPLITS);
      for (let i = 0; i < count; i++) {
        const other = i + Math.floor(random.uniform() * (rows.length - i));
        [rows[i], rows[other]] = [rows[other]!, rows[i]!];
        chosen[rows[i]!] = 1;
      }
    }
    const calibrate = fitIsotonic(
      score.filter((_, row) => chosen[row] === 0),
      truth.filter((_, row) => chosen[row] === 0),
    );
    for (const [row, value] of score.entries())
      if (chosen[row] === 1) held.push({ truth: truth[row]!, score: value, calibrated: calibrate(value) });
  }
  const error = (of: (row: (typeof held)[number]) => number) => calibrationError(held.map((row) => ({ truth: row.truth, score: of(row) })));
  return error((row) => row.score) > error((row) => row.calibrated);
}

function calibrationError(rows: readonly { readonly truth: number; readonly score: number }[]): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const part = sorted.slice(Math.floor((bin * sorted.length) / BINS), Math.floor(((bin + 1) * sorted.length) / BINS));
    error += Math.abs(part.reduce((sum, row) => sum + row.truth - row.score, 0));
  }
  return error / sorted.length;
}
