import type { Confusion, MetricValue } from './confusion.ts';
import type { MetricResult } from './evaluation-result.ts';
import type { ModelScores, Sample } from './sample.ts';

/** How a metric is made of its rows, which decides its interval and how it is resampled. */
export type Ingredients =
  /** A function of the confusion counts. `share`: it is x of n, so Wilson and Tango apply. */
  | { readonly kind: 'confusion'; readonly of: (confusion: Confusion) => MetricValue; readonly share?: ShareOf }
  | { readonly kind: 'roc-auc' }
  | { readonly kind: 'average-precision' }
  /** Mean of one number a row. */
  | { readonly kind: 'mean'; readonly terms: Terms }
  /** A function of the means of several numbers a row. */
  | { readonly kind: 'means'; readonly terms: Terms; readonly of: (means: readonly number[]) => MetricValue }
  | { readonly kind: 'calibration'; readonly of: 'positive' | 'top-label' }
  /** Nothing that resampling says much of (a maximum, a median): shown without an interval. */
  | { readonly kind: 'plain'; readonly of: (sample: Sample, model: ModelScores) => MetricValue };

/** Columns of numbers, one a row each, or why there are none. */
export type Terms = (sample: Sample, model: ModelScores) => readonly Float64Array[] | string;

/** Which rows a share is of, when the denominator does not depend on the model; `predicted`: it does. */
export type ShareOf = 'rows' | 'positives' | 'negatives' | 'predicted';

export interface MetricDefinition {
  readonly name: string;
  readonly tasks: readonly Sample['task'][];
  readonly greaterIsBetter: boolean | null;
  readonly unit: MetricResult['unit'];
  /** Classes that must have rows enough before a gate decides. */
  readonly needs: 'none' | 'positives' | 'negatives' | 'both';
  readonly ingredients: Ingredients;
}
