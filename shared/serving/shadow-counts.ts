import { createHistogram, type Histogram, observe } from './arm-counts.ts';
import type { ServedTask } from './served-model.ts';

/** How far a shadow was from the answers that were given, request by request. */
export interface ShadowCounts {
  readonly version: string;
  /** Rows that both answered by a model: a fallback's answers are nobody's to agree with. */
  compared: number;
  /** Of those, the rows where the two differ: another label or decision, or a score further away than `tolerance`. */
  disagreed: number;
  /** |the shadow's score − the answered one|. Of several classes: of the class that each of them chose. */
  readonly difference: Histogram;
}

/** What is compared of an answer. */
export interface ComparedAnswer {
  readonly score: number | null;
  readonly prediction: string | number | null;
  readonly decision?: string;
}

/** Of scores in 0 … 1. */
const scoreDifferenceEdges = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1] as const;
/** Of numbers that a regression predicts. */
const numberDifferenceEdges = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e6] as const;

export const createShadowCounts = (version: string, task: ServedTask): ShadowCounts => ({
  version,
  compared: 0,
  disagreed: 0,
  difference: createHistogram(task === 'regression' ? numberDifferenceEdges : scoreDifferenceEdges),
});

/** A score may move by so much and still agree; of a regression by this share of the answer, or by this much where the answer is below 1. */
export const tolerance = 0.05;

/** Whether two answers to the same row agree. */
export function agree(task: ServedTask, given: ComparedAnswer, shadow: ComparedAnswer): boolean {
  if (given.decision !== shadow.decision) return false;
  // The number that a regression predicts is its score.
  if (task !== 'regression' && given.prediction !== shadow.prediction) return false;
  if (given.score === null || shadow.score === null) return given.score === shadow.score;
  const room = task === 'regression' ? tolerance * Math.max(1, Math.abs(given.score)) : tolerance;
  // .55 − .5 is a little more than .05 in binary.
  return Math.abs(shadow.score - given.score) <= room + 1e-12 * Math.max(1, Math.abs(given.score));
}

export function countShadow(counts: ShadowCounts, task: ServedTask, given: ComparedAnswer, shadow: ComparedAnswer): void {
  counts.compared++;
  if (!agree(task, given, shadow)) counts.disagreed++;
  if (given.score !== null && shadow.score !== null) observe(counts.difference, Math.abs(shadow.score - given.score));
}
