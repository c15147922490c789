/** One side of a column, as the named methods take it: every different value once, with its rows. */
export type Sample = NumericSample | CategorySample;

export interface NumericSample {
  readonly kind: 'numeric';
  /** Finite, strictly ascending; -0 is 0. */
  readonly values: Float64Array;
  /** Rows of each, at least 1. */
  readonly counts: Float64Array;
  /** Rows with a value. */
  readonly n: number;
  /** NULL, NaN and infinite rows. */
  readonly missing: number;
  /** exact: every row's own value; bounded: middles of a profile's buckets; sampled: of some rows. */
  readonly exactness: 'exact' | 'bounded' | 'sampled';
}

export interface CategorySample {
  readonly kind: 'categories';
  readonly counts: ReadonlyMap<string, number>;
  readonly n: number;
  readonly missing: number;
  readonly exactness: 'exact' | 'bounded' | 'sampled';
}
