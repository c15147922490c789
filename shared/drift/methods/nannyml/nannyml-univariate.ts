import type { CategorySample, NumericSample, Sample } from '../../sample.ts';
import { countInBins, doaneEdges } from '../bins.ts';
import { homogeneity, homogeneityYates } from '../count-tests.ts';
import { wassersteinDistance } from '../distances.ts';
import { ksStatistic } from '../kolmogorov-smirnov.ts';
import { mergeCategories, mergeNumbers, poolCategories, poolNumbers } from '../pool-samples.ts';
import { hellinger, jensenShannon, largestDifference, sharesOf } from '../share-distances.ts';

export interface NannymlMethod {
  /** By chunk; null: the chunk has no value. */
  readonly value: readonly (number | null)[];
  readonly alert: readonly boolean[];
  /** Mean + 3 standard deviations (ddof 0) of the reference's own chunks; null: alerts by p < .05. */
  readonly upperThreshold: number | null;
}

/**
 * NannyML 0.13.1's univariate drift: every chunk of the analysed rows against the whole reference, with thresholds from the reference's
 * own chunks. Chunks follow the order of the file, hence alarm on sorted rows. KS and W1 are exact at every size (NannyML estimates them on
 * a grid from 10,000 reference rows).
 */
export function nannymlUnivariate(referenceChunks: readonly Sample[], chunks: readonly Sample[]): Readonly<Record<string, NannymlMethod>> {
  if ([...referenceChunks, ...chunks].every((chunk) => chunk.kind === 'numeric')) {
    const reference = mergeNumbers(referenceChunks as readonly NumericSample[]);
    return methodsOf(referenceChunks as readonly NumericSample[], chunks as readonly NumericSample[], numericValues(reference), []);
  }
  const reference = mergeCategories(referenceChunks as readonly CategorySample[]);
  return methodsOf(referenceChunks as readonly CategorySample[], chunks as readonly CategorySample[], categoryValues(reference), ['chi2']);
}

interface Measured {
  readonly value: number | null;
  /** chi2 alone alerts by its p-value. */
  readonly p?: number | null;
}
type Measures<S> = Readonly<Record<string, (chunk: S) => Measured>>;

/** Upper limits that NannyML knows by nature. */
const LIMITS: Readonly<Record<string, number>> = { kolmogorov_smirnov: 1 };

function methodsOf<S extends Sample>(
  referenceChunks: readonly S[],
  chunks: readonly S[],
  measures: Measures<S>,
  byP: readonly string[],
): Readonly<Record<string, NannymlMethod>> {
  const measure = (of: (chunk: S) => Measured) => (chunk: S) => (chunk.n === 0 ? { value: null, p: null } : of(chunk));
  return Object.fromEntries(
    Object.entries(measures).map(([name, of]): [string, NannymlMethod] => {
      const found = chunks.map(measure(of));
      const value = found.map((one) => one.value);
      if (byP.includes(name)) return [name, { value, alert: found.map(({ p }) => (p ?? 1) < 0.05), upperThreshold: null }];
      const threshold = thresholdOf(referenceChunks.map((chunk) => measure(of)(chunk).value));
      const upperThreshold = threshold === null ? null : Math.min(threshold, LIMITS[name] ?? Number.POSITIVE_INFINITY);
      return [name, { value, alert: value.map((one) => one !== null && upperThreshold !== null && one > upperThreshold), upperThreshold }];
    }),
  );
}

function thresholdOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return mean + 3 * Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
}

function numericValues(reference: NumericSample): Measures<NumericSample> {
  const edges = doaneEdges(reference);
  // One more bin for what lies outside the reference.
  const shares = ({ values, counts, n }: NumericSample) => {
    const inside = countInBins(values, counts, edges);
    return sharesOf(Float64Array.of(...inside, n - inside.reduce((sum, count) => sum + count, 0)), n);
  };
  const known = shares(reference);
  return {
    jensen_shannon: (chunk) => ({ value: baseTwo(jensenShannon(known, shares(chunk))) }),
    kolmogorov_smirnov: (chunk) => ({ value: ksStatistic(poolNumbers(reference, chunk)) }),
    wasserstein: (chunk) => ({ value: wassersteinDistance(poolNumbers(reference, chunk)) }),
    hellinger: (chunk) => ({ value: hellinger(known, shares(chunk)) }),
  };
}

function categoryValues(reference: CategorySample): Measures<CategorySample> {
  const sides = (chunk: CategorySample) => {
    const { reference: first, current: second, n, m } = poolCategories(reference, chunk);
    return [sharesOf(first, n), sharesOf(second, m)] as const;
  };
  // Categories that the reference lacks are one.
  const lumped = (chunk: CategorySample) => {
    let unseen = 0;
    for (const [name, count] of chunk.counts) if (!reference.counts.has(name)) unseen += count;
    const names = [...reference.counts.keys()];
    const [first, second] = [reference, chunk].map((side) => names.map((name) => side.counts.get(name) ?? 0));
    return [sharesOf(Float64Array.of(...first!, 0), reference.n), sharesOf(Float64Array.of(...second!, unseen), chunk.n)] as const;
  };
  return {
    jensen_shannon: (chunk) => ({ value: baseTwo(jensenShannon(...lumped(chunk))) }),
    chi2: (chunk) => {
      const pooled = poolCategories(reference, chunk);
      // SciPy corrects 2 × 2 tables by itself.
      const { statistic, p } = pooled.names.length === 2 ? homogeneityYates(pooled) : homogeneity(pooled);
      return { value: statistic ?? 0, p: p ?? 1 };
    },
    hellinger: (chunk) => ({ value: hellinger(...lumped(chunk)) }),
    l_infinity: (chunk) => ({ value: largestDifference(...sides(chunk)) }),
  };
}

/** Of a distance in natural units; its maximum is 1. */
const baseTwo = (distance: number): number => distance / Math.sqrt(Math.LN2);
