import { sampleOf } from './sample.ts';
import type { ScoredRows } from './scored-rows.ts';

/** Whether both models give the same score on every row: equal labels under other scores are not identical. */
export const identicalPredictions = (rows: ScoredRows): boolean => rows.n > 0 && sampleOf(rows).identical;
