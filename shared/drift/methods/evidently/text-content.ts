import { createRandom } from '../../../statistics/random.ts';
import type { CategorySample } from '../../sample.ts';
import { domainAuc } from './domain-classifier.ts';

const MOST_ROWS = 5000;

/**
 * Evidently asks how well a classifier tells the sides' texts apart: AUC on half of the rows, above .55 for many rows, else above the 95th
 * percentile of guessing. Its score depends on scikit-learn's internals (TF-IDF, SGD, its shuffles); the classifier here is of the same
 * kind and answers the same question, with a score of its own.
 */
export function textContentDrift(reference: CategorySample, current: CategorySample, many: boolean) {
  const { auc, negatives, positives } = domainAuc(rowsOf(reference, 1), rowsOf(current, 2));
  const method = many ? 'Absolute text content drift' : 'Percentile text content drift';
  // AUC of guessing is about normal with this variance (Mann-Whitney's); 1.6449 is its 95th percentile.
  const guessing = 0.5 + 1.6448536269514722 * Math.sqrt((negatives + positives + 1) / (12 * negatives * positives));
  return {
    method,
    threshold: many ? 0.55 : 0.95,
    score: auc,
    drifted: auc !== null && auc > (many ? 0.55 : guessing),
    compatible: false,
  };
}

/** Every row's text; of more than some thousands a seeded draw. */
function rowsOf({ counts, n }: CategorySample, seed: number): readonly string[] {
  const random = createRandom(seed);
  const keep = MOST_ROWS / n;
  const rows: string[] = [];
  for (const [text, count] of counts) for (let i = 0; i < count; i++) if (keep >= 1 || random.uniform() < keep) rows.push(text);
  return rows;
}
