import type { EvaluationResult } from '../evaluation/evaluation-result.ts';
import { formatMany } from '../words/format-number.ts';

/** By what the models were judged, as half a sentence: rows that both answered, rows that one answered, or numbers that were only reported. */
export function howScored({ rows, baseline, metrics }: Pick<EvaluationResult, 'rows' | 'baseline' | 'metrics'>): string {
  if (rows === 0) return 'judged by reported numbers, without rows';
  // The size of production's model is known also where it could not answer.
  const both = baseline !== null && metrics.some((metric) => metric.baseline !== null && metric.unit !== 'bytes');
  return `${both ? 'both scored on the same' : 'scored on'} ${formatMany(rows, 'test row')}`;
}
