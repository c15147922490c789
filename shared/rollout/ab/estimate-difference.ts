import type { ArmCounts } from './experiment.ts';

/** Treatment minus control on the metric's own scale, with what tests and intervals need. */
export interface Difference {
  /** Null while an arm is empty. */
  readonly control: number | null;
  readonly treatment: number | null;
  readonly difference: number | null;
  /** For intervals: each arm's own variance. */
  readonly error: number | null;
  /** For the test of no difference: proportions pooled; null where it has no variance. */
  readonly z: number | null;
  /** Of the test's z. */
  readonly nullVariance: number | null;
  /** Relative; null for a control of 0. */
  readonly lift: number | null;
}

interface Estimate {
  readonly value: number;
  readonly variance: number;
}

/** Conversions: a proportion of units. Ratios: Σy/Σx with the delta method on units, never on requests (Deng, Knoblich and Lu 2018). */
export function estimateDifference(control: ArmCounts, treatment: ArmCounts, metric: string): Difference {
  const [c, t] = [estimateOf(control, metric), estimateOf(treatment, metric)];
  if (!c || !t)
    return {
      control: c?.value ?? null,
      treatment: t?.value ?? null,
      difference: null,
      error: null,
      z: null,
      nullVariance: null,
      lift: null,
    };
  const difference = t.value - c.value;
  const nullVariance = pooledVariance(control, treatment, metric) ?? c.variance + t.variance;
  return {
    control: c.value,
    treatment: t.value,
    difference,
    error: Math.sqrt(c.variance + t.variance),
    z: nullVariance > 0 ? difference / Math.sqrt(nullVariance) : null,
    nullVariance: nullVariance > 0 ? nullVariance : null,
    lift: c.value > 0 ? difference / c.value : null,
  };
}

function estimateOf({ units: n, metrics }: ArmCounts, metric: string): Estimate | null {
  const found = metrics[metric];
  if (found === undefined || n === 0) return null;
  if (typeof found === 'number') return { value: found / n, variance: ((found / n) * (1 - found / n)) / n };
  const { numerator, denominator, numeratorSquares, denominatorSquares, products } = found;
  if (n < 2 || !(denominator > 0)) return null;
  const ratio = numerator / denominator;
  const [y, x] = [numerator / n, denominator / n];
  const spread =
    (numeratorSquares - n * y * y - 2 * ratio * (products - n * x * y) + ratio * ratio * (denominatorSquares - n * x * x)) / (n - 1);
  return { value: ratio, variance: Math.max(0, spread) / (n * x * x) };
}

function pooledVariance(control: ArmCounts, treatment: ArmCounts, metric: string): number | null {
  const [x1, x2] = [control.metrics[metric], treatment.metrics[metric]];
  if (typeof x1 !== 'number' || typeof x2 !== 'number') return null;
  const pooled = (x1 + x2) / (control.units + treatment.units);
  return pooled * (1 - pooled) * (1 / control.units + 1 / treatment.units);
}
