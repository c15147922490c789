import type { Predictions } from './scorer.ts';

/** Predictions of consecutive batches as one. */
export function joinPredictions(parts: readonly Predictions[]): Predictions {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  if (first.kind === 'binary') return { ...first, scores: concatenate(parts.map((part) => (part.kind === 'binary' ? part.scores : none))) };
  if (first.kind === 'multiclass') {
    return { ...first, probabilities: concatenate(parts.map((part) => (part.kind === 'multiclass' ? part.probabilities : none))) };
  }
  return { ...first, values: concatenate(parts.map((part) => (part.kind === 'values' ? part.values : none))) };
}

// One scorer answers all batches, and always in one kind.
const none = new Float64Array(0);

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
