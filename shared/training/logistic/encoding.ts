/** How raw columns become the numbers that weights multiply: everything that serving needs of it is here and goes into the graph. */
export interface Encoding {
  readonly numeric: readonly NumericEncoding[];
  readonly categorical: readonly CategoricalEncoding[];
}

/** (value or `fill` where missing − `centre`) / `scale`; with `indicator` a further column that is 1 where missing. Infinite counts as missing. */
export interface NumericEncoding {
  readonly name: string;
  readonly fill: number;
  readonly centre: number;
  /** Never 0: a constant column has 1. */
  readonly scale: number;
  readonly indicator: boolean;
}

/** One column a category and a last one for all others. A missing value is the empty text. */
export interface CategoricalEncoding {
  readonly name: string;
  readonly of: 'text' | 'number';
  /** In byte order of the text. */
  readonly categories: readonly string[];
}

/** Encoded rows. Weights are ordered: intercept, `dense` columns, then the groups, each with its `size` weights. */
export interface Design {
  readonly rows: number;
  readonly labels: Uint8Array;
  /** Numeric columns, then the indicators of those that have one. */
  readonly dense: readonly Float64Array[];
  readonly groups: readonly { readonly codes: Uint16Array; readonly size: number }[];
}

export const weightCount = ({ dense, groups }: Design) => 1 + dense.length + groups.reduce((sum, { size }) => sum + size, 0);
