import type { CategorySample, NumericSample } from '../sample.ts';
import { type BinnedCounts, binAsEvidently } from './bins.ts';
import type { Finding, NamedMethod } from './method.ts';
import { poolCounts, poolNumbers } from './pool-samples.ts';
import { stabilityThreshold } from './psi-threshold.ts';
import {
  fillZeros,
  hellinger,
  jensenShannon,
  kullbackLeibler,
  largestDifference,
  populationStability,
  sharesOf,
  totalVariation,
} from './share-distances.ts';

/** The bins of a named method: Evidently's, of whole numbers where every value of both sides is whole. */
export function binsOf(reference: NumericSample, current: NumericSample): BinnedCounts {
  const whole = reference.values.every(Number.isInteger) && current.values.every(Number.isInteger);
  return binAsEvidently(reference, poolNumbers(reference, current), whole);
}

const SAYS =
  'exact from rows, over Sturges bins of both sides beyond 20 values; from a profile the middles of its buckets are binned, no bound';

function shareMethod(
  method: Omit<NamedMethod, 'score' | 'drifts' | 'says' | 'numeric' | 'categories'>,
  of: (counts: BinnedCounts) => number,
  thresholdOf?: (counts: BinnedCounts) => number,
): NamedMethod {
  const find = (counts: BinnedCounts): Finding => {
    const score = of(counts);
    return { score, statistic: score, pValue: null, bound: null, ...(thresholdOf && { threshold: thresholdOf(counts) }) };
  };
  return {
    ...method,
    score: 'distance',
    drifts: '>=',
    says: SAYS,
    numeric: (reference, current) => find(binsOf(reference, current)),
    categories: (reference: CategorySample, current: CategorySample) => find({ edges: null, ...poolCounts(reference, current) }),
  };
}

const plain =
  (of: (p: Float64Array, q: Float64Array) => number) =>
  ({ reference, current, n, m }: BinnedCounts): number =>
    of(sharesOf(reference, n), sharesOf(current, m));
const filled =
  (of: (p: Float64Array, q: Float64Array) => number) =>
  ({ reference, current, n, m }: BinnedCounts): number =>
    of(fillZeros(sharesOf(reference, n)), fillZeros(sharesOf(current, m)));

export const shareMethods: readonly NamedMethod[] = [
  shareMethod(
    {
      name: 'psi',
      aliases: ['population_stability_index'],
      threshold: 0.1,
      description: 'Population stability index; threshold .1, or what chance alone reaches with so few rows',
    },
    filled(populationStability),
    stabilityThreshold,
  ),
  shareMethod(
    {
      name: 'jensen_shannon',
      aliases: ['jensenshannon', 'js', 'jensen-shannon'],
      threshold: 0.1,
      description: 'Jensen-Shannon distance, natural logarithm: 0 to .8326',
    },
    plain(jensenShannon),
  ),
  shareMethod({ name: 'hellinger', aliases: [], threshold: 0.1, description: 'Hellinger distance: 0 to 1' }, plain(hellinger)),
  shareMethod(
    {
      name: 'kl',
      aliases: ['kl_div', 'kullback_leibler'],
      threshold: 0.1,
      description: 'Kullback-Leibler divergence of the reference from the current side',
    },
    filled(kullbackLeibler),
  ),
  shareMethod(
    {
      name: 'total_variation',
      aliases: ['tv', 'tvd', 'total-variation'],
      threshold: 0.1,
      description: 'Total variation: the share of rows that would have to move',
    },
    plain(totalVariation),
  ),
  shareMethod(
    {
      name: 'l_infinity',
      aliases: ['linf', 'l-infinity'],
      threshold: 0.1,
      description: 'The largest change of the share of a bin or category',
    },
    plain(largestDifference),
  ),
];
