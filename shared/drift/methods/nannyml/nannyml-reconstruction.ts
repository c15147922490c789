import { meanOf } from '../../../statistics/sums.ts';
import { symmetricEigen } from '../symmetric-eigen.ts';

/** A column of numbers or of names, in the order of the file; null is missing. */
export type ReconstructedColumn = readonly (number | string | null)[];

export interface Reconstruction {
  /** Directions kept. */
  readonly components: number;
  /** Mean distance of a chunk's rows from their reconstruction, in standard deviations of the reference's columns. */
  readonly value: readonly number[];
  /** The value ± 3 standard errors; null for a chunk of one row. */
  readonly lowerConfidence: readonly (number | null)[];
  readonly upperConfidence: readonly (number | null)[];
  /** Mean ± 3 standard deviations (ddof 0) of the reference's own chunks; null where 0 or less. */
  readonly lowerThreshold: number | null;
  readonly upperThreshold: number;
  readonly alert: readonly boolean[];
}

/**
 * NannyML 0.13.1's data reconstruction: categories as their share of the reference, missing values as its mean or its commonest category,
 * standardised, then the reference's principal components up to this share of the variance. Sees columns that stopped moving together.
 */
export function nannymlReconstruction(
  reference: readonly ReconstructedColumn[],
  current: readonly ReconstructedColumn[],
  chunkRows: number,
  explained = 0.65,
): Reconstruction {
  const encoders = reference.map(encoderOf);
  const encode = (columns: readonly ReconstructedColumn[]) => columns.map((column, i) => encoders[i]!(column));
  const known = encode(reference);
  const kept = principalDirections(known, explained);
  const own = chunkErrors(known, kept, chunkRows);
  const mean = meanOf(own.map(({ value }) => value));
  const width =
    3 *
    deviation(
      own.map(({ value }) => value),
      0,
    );
  const lowerThreshold = mean - width > 0 ? mean - width : null;
  const upperThreshold = mean + width;
  const found = chunkErrors(encode(current), kept, chunkRows);
  return {
    components: kept.length,
    value: found.map(({ value }) => value),
    lowerConfidence: found.map(({ value, error }) => (error === null ? null : Math.max(0, value - 3 * error))),
    upperConfidence: found.map(({ value, error }) => (error === null ? null : value + 3 * error)),
    lowerThreshold,
    upperThreshold,
    alert: found.map(({ value }) => !(value > (lowerThreshold ?? Number.NEGATIVE_INFINITY) && value < upperThreshold)),
  };
}

function deviation(values: ArrayLike<number>, ddof: number): number {
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / (values.length - ddof));
}

/** To numbers without gaps, standardised by the reference. */
function encoderOf(reference: ReconstructedColumn): (column: ReconstructedColumn) => Float64Array {
  const raw = isNumeric(reference) ? imputeMean(reference) : countShares(reference);
  const known = raw(reference);
  const mean = meanOf(known);
  const scale = deviation(known, 0) || 1;
  return (column) => raw(column).map((value) => (value - mean) / scale);
}

const isNumeric = (column: ReconstructedColumn): column is readonly (number | null)[] => column.every((value) => typeof value !== 'string');

function imputeMean(reference: readonly (number | null)[]): (column: ReconstructedColumn) => Float64Array {
  const mean = meanOf(reference.filter((value) => value !== null));
  return (column) => Float64Array.from(column, (value) => (value === null ? mean : Number(value)));
}

/** A category is its share; the commonest (ties: the first by name) stands in for a missing one, an unknown one is 0. */
function countShares(reference: ReconstructedColumn): (column: ReconstructedColumn) => Float64Array {
  const counts = new Map<string, number>();
  for (const value of reference) if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [''];
  const missing = reference.filter((value) => value === null).length;
  counts.set(commonest, (counts.get(commonest) ?? 0) + missing);
  return (column) => Float64Array.from(column, (value) => (counts.get(String(value ?? commonest)) ?? 0) / reference.length);
}

/** Unit vectors of the largest variances, as many as explain more than the share. */
function principalDirections(columns: readonly Float64Array[], explained: number): readonly (readonly number[])[] {
  const covariance = columns.map((a) => columns.map((b) => meanOf(a.map((value, row) => value * b[row]!))));
  const { eigenvalues, vectors } = symmetricEigen(covariance);
  const order = eigenvalues.map((_, i) => i).sort((a, b) => eigenvalues[b]! - eigenvalues[a]!);
  const whole = eigenvalues.reduce((sum, value) => sum + value, 0);
  const kept: number[][] = [];
  let reached = 0;
  for (const k of order) {
    kept.push(vectors.map((row) => row[k]!));
    reached += eigenvalues[k]!;
    if (reached / whole > explained) break;
  }
  return kept;
}

function chunkErrors(columns: readonly Float64Array[], kept: readonly (readonly number[])[], chunkRows: number) {
  const rows = columns[0]?.length ?? 0;
  const errors = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const along = kept.map((direction) => direction.reduce((sum, weight, i) => sum + weight * columns[i]![row]!, 0));
    errors[row] = Math.hypot(
      ...columns.map((column, i) => column[row]! - kept.reduce((sum, direction, k) => sum + direction[i]! * along[k]!, 0)),
    );
  }
  return Array.from({ length: Math.ceil(rows / chunkRows) }, (_, i) => {
    const chunk = errors.slice(i * chunkRows, (i + 1) * chunkRows);
    return { value: meanOf(chunk), error: chunk.length > 1 ? deviation(chunk, 1) / Math.sqrt(chunk.length) : null };
  });
}
