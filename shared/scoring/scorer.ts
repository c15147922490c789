import type { ColumnTable } from '../query/query-engine.ts';

/** A model that is ready to answer: ONNX in this process, a team's own command, or a file of predictions. */
export interface Scorer {
  /** Columns that it reads of a row, by name, with the type it wants them in. */
  readonly inputs: readonly { readonly name: string; readonly type: 'number' | 'integer' | 'text' }[];
  /** Wants all rows in one call, since each call starts a process. */
  readonly wholeFile?: true;
  /** One answer a row, in order. The table has at least the columns of `inputs`; a missing value is what `ColumnTable` says. */
  score(rows: ColumnTable): Promise<Predictions>;
  close(): Promise<void>;
}

export type Predictions =
  /** Score of the positive class, 0 … 1. `dtype` is the model's own, since log loss clips by it. */
  | { readonly kind: 'binary'; readonly scores: Float64Array; readonly dtype: 'float32' | 'float64' }
  /** Row-major n × classes. */
  | {
      readonly kind: 'multiclass';
      readonly classes: readonly string[];
      readonly probabilities: Float64Array;
      readonly dtype: 'float32' | 'float64';
    }
  /** Regressors and bare tensors: row-major n × width. */
  | { readonly kind: 'values'; readonly values: Float64Array; readonly width: number };
