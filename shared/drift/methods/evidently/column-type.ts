import type { CategorySample, NumericSample, Sample } from '../../sample.ts';
import { asCategories } from '../samples-of-rows.ts';

/** One side of a column as pandas would hold it. */
export interface EvidentlyColumn {
  /**
   * pandas' dtype: `float64`, `int64`, `bool`, `object` (texts), `category`, `string`, `datetime64[ns]` …; `mixed` for an object column
   * whose values are no texts (booleans with nulls).
   */
  readonly dtype: string;
  /** Numbers; or texts and booleans (`true`, `false`) as categories. */
  readonly sample: Sample;
}

export type EvidentlyType = 'num' | 'cat' | 'text' | 'datetime' | 'unknown';

/** Whole numbers with at most so many different values are categories. */
const INTEGER_CATEGORIES = 10;

/** Evidently 0.7.23 `infer_column_type`, which it asks of the current side alone. */
export function inferType({ dtype, sample }: EvidentlyColumn): EvidentlyType {
  const unique = sample.kind === 'numeric' ? sample.values.length : sample.counts.size;
  if (dtype.startsWith('float')) return 'num';
  // `uint8` and the nullable `Int64` begin otherwise: left out, as there.
  if (dtype.startsWith('int')) return unique <= INTEGER_CATEGORIES ? 'cat' : 'num';
  if (dtype === 'object' && sample.n === 0) return 'unknown';
  if (dtype === 'object' || dtype === 'string' || dtype === 'str') return unique > sample.n * 0.5 ? 'text' : 'cat';
  if (dtype === 'bool' || dtype === 'category') return 'cat';
  if (dtype.startsWith('datetime')) return 'datetime';
  return 'unknown';
}

/** The dtype that pandas gives a column of this kind when it reads it; whole numbers with a null become floats. */
export function pandasDtype(kind: 'integer' | 'uint8' | 'float' | 'boolean' | 'text' | 'time', missing: number): string {
  if (kind === 'integer' || kind === 'uint8') return missing > 0 ? 'float64' : kind === 'uint8' ? 'uint8' : 'int64';
  if (kind === 'boolean') return missing > 0 ? 'mixed' : 'bool';
  return { float: 'float64', text: 'object', time: 'datetime64[ns]' }[kind];
}

/** null: pandas holds no numbers there. Booleans are 0 and 1. */
export function asNumbers({ dtype, sample }: EvidentlyColumn): NumericSample | null {
  if (sample.kind === 'numeric') return sample;
  if (dtype !== 'bool') return null;
  const rows = [...sample.counts]
    .map(([name, count]) => [name.toLowerCase() === 'true' ? 1 : 0, count] as const)
    .sort((a, b) => a[0] - b[0]);
  return {
    kind: 'numeric',
    values: Float64Array.from(rows, ([value]) => value),
    counts: Float64Array.from(rows, ([, count]) => count),
    n: sample.n,
    missing: sample.missing,
    exactness: sample.exactness,
  };
}

/** Python's keys: 1, 1.0 and True are one. */
export function asKeys(column: EvidentlyColumn): CategorySample {
  const numbers = asNumbers(column);
  // Numbers were not categories above, so the sample is one of categories.
  return numbers ? asCategories(numbers) : (column.sample as CategorySample);
}

/** Whether NumPy bins both sides together as whole numbers. */
export const areIntegers = (...columns: readonly EvidentlyColumn[]): boolean => columns.every(({ dtype }) => /^u?int/.test(dtype));
