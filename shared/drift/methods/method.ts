import type { CategorySample, NumericSample } from '../sample.ts';

/** What a method finds, before its threshold. */
export interface Finding {
  /** A p-value or a distance; null: undefined for these rows, which is never drift. */
  readonly score: number | null;
  /** Infinite where SciPy says so. */
  readonly statistic: number | null;
  readonly pValue: number | null;
  /** How far the rows' own statistic can be from this one, where the samples are a profile's buckets; null: no bound is known. */
  readonly bound?: number | null;
  /** Where the method's threshold depends on the rows. */
  readonly threshold?: number;
}

export interface NotApplicable {
  /** A sentence without data values. */
  readonly notApplicable: string;
}

export type Comparison = (reference: NumericSample, current: NumericSample) => Finding | NotApplicable;
export type CategoryComparison = (reference: CategorySample, current: CategorySample) => Finding | NotApplicable;

export interface NamedMethod {
  readonly name: string;
  /** As Evidently, NannyML and SciPy call it. */
  readonly aliases: readonly string[];
  /** What the score is. */
  readonly score: 'p-value' | 'distance';
  /** null: no threshold is customary, the caller gives one or nothing drifts. */
  readonly threshold: number | null;
  /** The score that drifts, against the threshold. */
  readonly drifts: '<' | '<=' | '>' | '>=';
  /** One line of help. */
  readonly description: string;
  /** What the number is when rows, and when a profile's buckets, are compared. */
  readonly says: string;
  readonly numeric?: Comparison;
  readonly categories?: CategoryComparison;
}

/** Undefined is null: squares of numbers near 1e308 overflow, and infinity over infinity is nothing. */
export const defined = (value: number | null): number | null => (Number.isNaN(value) ? null : value);

export function isDrifted(score: number | null, drifts: NamedMethod['drifts'], threshold: number | null): boolean {
  if (score === null || threshold === null) return false;
  if (drifts === '<') return score < threshold;
  if (drifts === '<=') return score <= threshold;
  if (drifts === '>') return score > threshold;
  return score >= threshold;
}
