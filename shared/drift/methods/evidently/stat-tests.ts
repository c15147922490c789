import { normalCdf } from '../../../statistics/normal.ts';
import { fisherExact, twoProportionZ } from '../../../statistics/two-proportions.ts';
import { andersonDarling } from '../anderson-darling.ts';
import { type BinnedCounts, binAsEvidently, countInBins, sturgesEdges } from '../bins.ts';
import { goodnessOfFit, likelihoodFit } from '../count-tests.ts';
import { cramerVonMisesAuto, cramerVonMisesU } from '../cramer-von-mises.ts';
import { energyDistance, wassersteinDistance, wassersteinNorm } from '../distances.ts';
import { eppsSingleton } from '../epps-singleton.ts';
import { ksAuto, ksStatistic } from '../kolmogorov-smirnov.ts';
import { defined, isDrifted, type NamedMethod, type NotApplicable } from '../method.ts';
import { type PooledCategories, type PooledNumbers, poolCategories, poolCounts, poolNumbers } from '../pool-samples.ts';
import { mannWhitneyAuto, rankSum } from '../rank-sum.ts';
import { fillZeros, jensenShannon, kullbackLeibler, populationStability, sharesOf } from '../share-distances.ts';
import { studentTest } from '../t-test.ts';
import { areIntegers, asKeys, asNumbers, type EvidentlyColumn } from './column-type.ts';
import { permutedVariation } from './permuted-variation.ts';

export interface StatTest {
  readonly display: string;
  readonly threshold: number;
  readonly drifts: NamedMethod['drifts'];
  readonly num?: (sides: NumberSides) => number | null | NotApplicable;
  readonly cat?: (sides: PooledCategories) => number | null | NotApplicable;
}

interface NumberSides {
  readonly pooled: PooledNumbers;
  readonly bins: () => BinnedCounts;
  readonly norm: () => number;
  readonly t: () => number | null;
  readonly integers: boolean;
}

const refuse = (notApplicable: string): NotApplicable => ({ notApplicable });
const shares = ({ reference, current, n, m }: BinnedCounts) => [sharesOf(reference, n), sharesOf(current, m)] as const;
const filled = (counts: BinnedCounts) => shares(counts).map(fillZeros) as [Float64Array, Float64Array];
const ofCategories = (sides: PooledCategories): BinnedCounts => ({ edges: null, ...sides });
const ofShares = (of: (counts: BinnedCounts) => number): Pick<StatTest, 'num' | 'cat'> => ({
  num: ({ bins }) => of(bins()),
  cat: (sides) => of(ofCategories(sides)),
});
/** Beyond so many names they are left unsorted. */
const SORTED_NAMES = 10_000;
const ONE_VALUE = 'all rows have one value';

/** Evidently 0.7.23 `legacy/calculations/stattests`: names, thresholds, comparisons and conditions are its own. */
export const statTests: Readonly<Record<string, StatTest>> = {
  ks: {
    display: 'K-S p_value',
    threshold: 0.05,
    drifts: '<=',
    num: ({ pooled }) => ksAuto(ksStatistic(pooled), pooled.n, pooled.m),
  },
  wasserstein: {
    display: 'Wasserstein distance (normed)',
    threshold: 0.1,
    drifts: '>=',
    num: ({ pooled, norm }) => wassersteinDistance(pooled) / norm(),
  },
  psi: { display: 'PSI', threshold: 0.1, drifts: '>=', ...ofShares((counts) => populationStability(...filled(counts))) },
  jensenshannon: {
    display: 'Jensen-Shannon distance',
    threshold: 0.1,
    drifts: '>=',
    ...ofShares((counts) => jensenShannon(...shares(counts))),
  },
  kl_div: {
    display: 'Kullback-Leibler divergence',
    threshold: 0.1,
    drifts: '>=',
    ...ofShares((counts) => kullbackLeibler(...filled(counts))),
  },
  hellinger: {
    display: 'Hellinger distance',
    threshold: 0.1,
    drifts: '>=',
    num: numericHellinger,
    cat: (sides) => affinityDistance(shares(ofCategories(sides))),
  },
  anderson: {
    display: 'Anderson-Darling',
    threshold: 0.1,
    drifts: '<',
    num: ({ pooled }) => (pooled.values.length < 2 ? refuse(ONE_VALUE) : andersonDarling(pooled).p),
  },
  cramer_von_mises: {
    display: 'Cramer-von Mises',
    threshold: 0.1,
    drifts: '<=',
    num: ({ pooled }) =>
      Math.min(pooled.n, pooled.m) < 2
        ? refuse('a side has fewer than two rows')
        : cramerVonMisesAuto(cramerVonMisesU(pooled), pooled.n, pooled.m),
  },
  ed: { display: 'Energy-distance', threshold: 0.1, drifts: '>', num: ({ pooled }) => energyDistance(pooled) },
  es: {
    display: 'Epps-Singleton',
    threshold: 0.05,
    drifts: '<',
    num: ({ pooled }) =>
      eppsSingleton(pooled)?.p ?? refuse('the middle half of the rows has one value, or a side has fewer than five rows'),
  },
  mannw: {
    display: 'Mann-Whitney U-rank test',
    threshold: 0.05,
    drifts: '<',
    num: ({ pooled }) => mannWhitneyAuto(rankSum(pooled), 'less'),
  },
  t_test: { display: 't_test', threshold: 0.05, drifts: '<', num: ({ t }) => t() },
  chisquare: { display: 'chi-square p_value', threshold: 0.05, drifts: '<', cat: (sides) => goodnessOfFit(sides).p },
  z: { display: 'Z-test p_value', threshold: 0.05, drifts: '<', cat: zTest },
  g_test: {
    display: 'g_test',
    threshold: 0.1,
    drifts: '<',
    cat: (sides) => (sides.n === sides.m ? likelihoodFit(sides).p : refuse('it needs as many current rows as reference rows')),
  },
  fisher_exact: { display: "Fisher's Exact test", threshold: 0.1, drifts: '<', cat: fisher },
  TVD: { display: 'Total-Variation-Distance', threshold: 0.1, drifts: '<', cat: permutedVariation },
};

export interface StatTestResult {
  /** null: undefined, NaN there. */
  readonly score: number | null;
  readonly threshold: number;
  readonly drifted: boolean;
}

/** One of Evidently's tests by its own name, both sides cleaned of missing values and not empty. `type` says which variant. */
export function runStatTest(
  name: string,
  type: 'num' | 'cat',
  reference: EvidentlyColumn,
  current: EvidentlyColumn,
): StatTestResult | NotApplicable {
  const test = statTests[name];
  if (!test) return refuse(`Evidently has no test ${JSON.stringify(name)}`);
  const found = scoreOf(test, type, reference, current);
  if (found !== null && typeof found === 'object') return found;
  const score = defined(found);
  return { score, threshold: test.threshold, drifted: isDrifted(score, test.drifts, test.threshold) };
}

function scoreOf(test: StatTest, type: 'num' | 'cat', reference: EvidentlyColumn, current: EvidentlyColumn): number | null | NotApplicable {
  // A preset takes χ² and z for numbers with few values too: each is a category.
  if (type === 'cat' || !test.num) return test.cat?.(poolKeys(reference, current, test === statTests['z'])) ?? null;
  const [first, second] = [asNumbers(reference), asNumbers(current)];
  if (!first || !second) return refuse('a side holds no numbers');
  const pooled = poolNumbers(first, second);
  const integers = areIntegers(reference, current);
  return test.num({
    pooled,
    integers,
    bins: () => binAsEvidently(first, pooled, integers),
    norm: () => wassersteinNorm(first),
    t: () => studentTest(first, second).p,
  });
}

/** By Python's order of the keys, which z looks at: numbers by size, texts by code points. */
function poolKeys(reference: EvidentlyColumn, current: EvidentlyColumn, byName: boolean): PooledCategories {
  const [first, second] = [asKeys(reference), asKeys(current)];
  // A million names take longer to sort than to compare, and one test alone looks at them.
  if (!byName && Math.max(first.counts.size, second.counts.size) > SORTED_NAMES) return { ...poolCounts(first, second), names: [] };
  const sides = poolCategories(first, second);
  if (!asNumbers(reference) || !asNumbers(current)) return sides;
  const order = sides.names.map((_, i) => i).sort((a, b) => Number(sides.names[a]) - Number(sides.names[b]));
  return {
    ...sides,
    names: order.map((i) => sides.names[i]!),
    reference: Float64Array.from(order, (i) => sides.reference[i]!),
    current: Float64Array.from(order, (i) => sides.current[i]!),
  };
}

/** The first key against all others; 2(1 − Φ|z|), which ends at 1e-16. */
function zTest({ names, reference, current, n, m }: PooledCategories): number | null {
  if (names.length === 1) return 1;
  const z = twoProportionZ(n - reference[0]!, n, m - current[0]!, m);
  return z === null ? null : 2 * (1 - normalCdf(Math.abs(z)));
}

function fisher({ names, reference, current, n, m }: PooledCategories): number | NotApplicable {
  const several = [reference, current].some((side) => side.reduce((found, count) => found + (count > 0 ? 1 : 0), 0) > 2);
  if (several || names.length > 2) return refuse('it compares two values, and there are more');
  if (n !== m) return refuse('it needs as many current rows as reference rows');
  return names.length < 2 ? 1 : fisherExact(reference[1]!, n, current[1]!, m);
}

/** Over Sturges bins of the different values, not of the rows, as densities. */
function numericHellinger({ pooled, integers }: NumberSides): number {
  const { values, reference, current, n, m } = pooled;
  const edges = sturgesEdges(values[0]!, values[values.length - 1]!, values.length, integers);
  const width = (edges[edges.length - 1]! - edges[0]!) / (edges.length - 1);
  const densities = [countInBins(values, reference, edges), countInBins(values, current, edges)].map((counts, side) =>
    counts.map((count, i) => count / (edges[i + 1]! - edges[i]!) / (side === 0 ? n : m)),
  );
  return affinityDistance(densities as [Float64Array, Float64Array], width);
}

function affinityDistance([p, q]: readonly [Float64Array, Float64Array], width = 1): number {
  let affinity = 0;
  for (let i = 0; i < p.length; i++) affinity += Math.sqrt(p[i]! * q[i]!) * width;
  return Math.sqrt(1 - Math.min(1, Math.max(0, affinity)));
}
