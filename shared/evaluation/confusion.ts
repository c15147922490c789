/** Counts of a classification, row-major: truth × prediction. For binary [[tn, fp], [fn, tp]]. */
export interface Confusion {
  readonly classes: number;
  readonly counts: ArrayLike<number>;
  readonly total: number;
}

/** A value, or null with why there is none; a value may carry a note too (a zero division). */
export interface MetricValue {
  readonly value: number | null;
  readonly note: string | null;
}

export const defined = (value: number): MetricValue => ({ value, note: null });
export const undefinedValue = (note: string): MetricValue => ({ value: null, note });

const rowSum = ({ classes, counts }: Confusion, k: number) => {
  let sum = 0;
  for (let j = 0; j < classes; j++) sum += counts[k * classes + j]!;
  return sum;
};
const columnSum = ({ classes, counts }: Confusion, k: number) => {
  let sum = 0;
  for (let i = 0; i < classes; i++) sum += counts[i * classes + k]!;
  return sum;
};
const hits = ({ classes, counts }: Confusion, k: number) => counts[k * classes + k]!;
const trace = (confusion: Confusion) => {
  let sum = 0;
  for (let k = 0; k < confusion.classes; k++) sum += hits(confusion, k);
  return sum;
};

const zeroDivision = (reason: string): MetricValue => ({ value: 0, note: `${reason}: 0 by convention` });
const ratio = (part: number, whole: number, reason: string): MetricValue => (whole > 0 ? defined(part / whole) : zeroDivision(reason));

export const accuracy = (confusion: Confusion): MetricValue =>
  confusion.total > 0 ? defined(trace(confusion) / confusion.total) : undefinedValue('no rows');

export const precisionOf = (confusion: Confusion, k: number): MetricValue =>
  ratio(hits(confusion, k), columnSum(confusion, k), 'nothing was predicted positive');
export const recallOf = (confusion: Confusion, k: number): MetricValue =>
  ratio(hits(confusion, k), rowSum(confusion, k), 'no row is positive');
export const f1Of = (confusion: Confusion, k: number): MetricValue =>
  ratio(2 * hits(confusion, k), rowSum(confusion, k) + columnSum(confusion, k), 'nothing is positive, in truth or prediction');

/** Mean of the recalls of the classes that occur; undefined where fewer than two occur. */
export function balancedAccuracy(confusion: Confusion): MetricValue {
  let sum = 0;
  let present = 0;
  for (let k = 0; k < confusion.classes; k++) {
    const rows = rowSum(confusion, k);
    if (rows === 0) continue;
    present++;
    sum += hits(confusion, k) / rows;
  }
  return present > 1 ? defined(sum / present) : undefinedValue('the rows hold one class only');
}

/** Matthews's correlation; for more classes Gorodkin's R_K (2004). The numerator is whole numbers, so it does not cancel. */
export function matthews(confusion: Confusion): MetricValue {
  const { classes, total } = confusion;
  let chance = 0;
  let truthSquares = 0;
  let predictionSquares = 0;
  for (let k = 0; k < classes; k++) {
    const truth = rowSum(confusion, k);
    const prediction = columnSum(confusion, k);
    chance += truth * prediction;
    truthSquares += truth * truth;
    predictionSquares += prediction * prediction;
  }
  const square = total * total;
  const scale = Math.sqrt(square - truthSquares) * Math.sqrt(square - predictionSquares);
  return ratio(trace(confusion) * total - chance, scale, 'one class only, in truth or prediction');
}

/** Cohen's kappa; `weights` for ordered classes. 0/0 is undefined. */
export function cohensKappa(confusion: Confusion, weights: 'none' | 'linear' | 'quadratic' = 'none'): MetricValue {
  const { classes, counts, total } = confusion;
  let observed = 0;
  let expected = 0;
  const truth = Array.from({ length: classes }, (_, k) => rowSum(confusion, k));
  const prediction = Array.from({ length: classes }, (_, k) => columnSum(confusion, k));
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      const weight = weights === 'none' ? Number(i !== j) : Math.abs(i - j) ** (weights === 'linear' ? 1 : 2);
      observed += weight * counts[i * classes + j]! * total;
      expected += weight * truth[i]! * prediction[j]!;
    }
  return expected > 0 ? defined(1 - observed / expected) : undefinedValue('one class only, in truth and prediction');
}

type PerClass = (confusion: Confusion, k: number) => MetricValue;

/** Averages over all classes; macro counts each the same, weighted by its rows. A class without a value counts 0, as in scikit-learn. */
export function averaged(confusion: Confusion, perClass: PerClass, average: 'macro' | 'micro' | 'weighted'): MetricValue {
  // Every row has one truth and one prediction, so the micro averages are all the accuracy.
  if (average === 'micro') return accuracy(confusion);
  let sum = 0;
  let weights = 0;
  for (let k = 0; k < confusion.classes; k++) {
    const weight = average === 'macro' ? 1 : rowSum(confusion, k);
    sum += weight * (perClass(confusion, k).value ?? 0);
    weights += weight;
  }
  return weights > 0 ? defined(sum / weights) : undefinedValue('no rows');
}
