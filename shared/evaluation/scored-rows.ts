/** Test rows with both models' answers beside them: all that metrics, intervals and gates are computed from. */
export interface ScoredRows {
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly n: number;
  /** 0 and 1 (binary), index into `classes` (multiclass), the target (regression). */
  readonly labels: Float64Array;
  readonly classes?: readonly string[];
  /** Scores of the positive class, or predicted values; multiclass: row-major n × classes. */
  readonly candidate: Float64Array;
  readonly baseline: Float64Array | null;
  /** The scores' own precision: log loss clips by it. */
  readonly dtype: 'float32' | 'float64';
  /** Slice columns: one code a row into `names`. A missing value has its own name, `(missing)`. */
  readonly slices: Readonly<Record<string, { readonly codes: Int32Array; readonly names: readonly string[] }>>;
  /** Rows of one code are resampled together; null where rows are independent. */
  readonly clusters: { readonly codes: Int32Array; readonly count: number; readonly what: string } | null;
  /** The row's number in the source, for pointing at rows. */
  readonly rowNumbers: Float64Array | null;
}

/** What a run measured besides scores. */
export interface Measured {
  /** Milliseconds a call, one entry a round, interleaved between the two models. */
  readonly latency: { readonly candidate: Float64Array; readonly baseline: Float64Array | null } | null;
  readonly modelBytes: { readonly candidate: number; readonly baseline: number | null } | null;
}
