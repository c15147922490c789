import { areProbabilities } from './binary-metrics.ts';
import { CALIBRATION_BINS, calibrationBin } from './calibration-bins.ts';
import type { Plots } from './evaluation-result.ts';
import { type ModelScores, type Sample, sampleOf } from './sample.ts';
import type { ScoredRows } from './scored-rows.ts';

const MOST_POINTS = 200;
const SCORE_BINS = 20;
type Points = [number, number][];

/** Curves of a binary task; nothing for other tasks. */
export function drawPlots(rows: ScoredRows): Plots {
  if (rows.task !== 'binary') return { roc: null, precisionRecall: null, calibration: null, scores: null };
  const sample = sampleOf(rows);
  const both = <T>(draw: (model: ModelScores) => T) => ({
    candidate: draw(sample.candidate),
    baseline: sample.baseline ? draw(sample.baseline) : null,
  });
  const twoClasses = sample.positives > 0 && sample.positives < sample.n;
  const probabilities = areProbabilities(sample.candidate) && (!sample.baseline || areProbabilities(sample.baseline));
  return {
    roc: twoClasses ? both((model) => rocCurve(sample, model)) : null,
    precisionRecall: sample.positives > 0 ? both((model) => precisionRecallCurve(sample, model)) : null,
    calibration: probabilities && sample.n > 0 ? both((model) => calibrationCurve(sample, model)) : null,
    scores: probabilities && sample.n > 0 ? both((model) => histogram(model)) : null,
  };
}

/** True and false positives down to each tie, from the highest score. */
function* steps({ labels, n }: Sample, { order, ends }: ModelScores): Generator<{ tp: number; fp: number; last: boolean }> {
  let tp = 0;
  let fp = 0;
  let end = n;
  for (let group = ends.length - 1; group >= 0; group--) {
    const start = group > 0 ? ends[group - 1]! : 0;
    for (let i = start; i < end; i++) {
      if (labels[order ? order[i]! : i]) tp++;
      else fp++;
    }
    end = start;
    yield { tp, fp, last: group === 0 };
  }
}

/** [false positive rate, true positive rate]; points closer than 1/100 of the path are left out. */
function rocCurve(sample: Sample, model: ModelScores): Points {
  const negatives = sample.n - sample.positives;
  const points: Points = [[0, 0]];
  let drawn = 0;
  for (const { tp, fp, last } of steps(sample, model)) {
    const x = fp / negatives;
    const y = tp / sample.positives;
    if (!last && x + y - drawn < 2 / (MOST_POINTS - 2)) continue;
    drawn = x + y;
    points.push([x, y]);
  }
  return points;
}

/** [recall, precision], from the highest score down. */
function precisionRecallCurve(sample: Sample, model: ModelScores): Points {
  const points: Points = [];
  let drawn = Number.NEGATIVE_INFINITY;
  for (const { tp, fp, last } of steps(sample, model)) {
    const recall = tp / sample.positives;
    if (!last && recall - drawn < 1 / (MOST_POINTS - 2)) continue;
    drawn = recall;
    points.push([recall, tp / (tp + fp)]);
  }
  return points;
}

function calibrationCurve({ labels }: Sample, { scores }: ModelScores) {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ score: 0, positives: 0, rows: 0 }));
  for (let i = 0; i < scores.length; i++) {
    const bin = bins[calibrationBin(scores[i]!)]!;
    bin.score += scores[i]!;
    bin.positives += labels[i]!;
    bin.rows++;
  }
  return bins
    .filter(({ rows }) => rows > 0)
    .map(({ score, positives, rows }) => ({ mean: score / rows, observed: positives / rows, rows }));
}

function histogram({ scores }: ModelScores): number[] {
  const counts = new Array<number>(SCORE_BINS).fill(0);
  for (const score of scores) counts[Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS))]!++;
  return counts.map((count) => count / scores.length);
}
