import { chiSquareSurvival } from '../../statistics/chi-square.ts';
import { rankTest } from '../rank-test.ts';
import type { NumericSample } from '../sample.ts';
import { andersonDarling } from './anderson-darling.ts';
import { energyBound, ksBound, scaledWassersteinBound, wassersteinBound } from './bucket-bounds.ts';
import { cramerVonMisesAuto, cramerVonMisesT, cramerVonMisesU } from './cramer-von-mises.ts';
import { energyDistance, wassersteinDistance, wassersteinNorm } from './distances.ts';
import { eppsSingleton } from './epps-singleton.ts';
import { ksAuto, ksStatistic } from './kolmogorov-smirnov.ts';
import type { Comparison, Finding, NamedMethod } from './method.ts';
import { type PooledNumbers, poolNumbers } from './pool-samples.ts';
import { mannWhitneyAuto, rankSum } from './rank-sum.ts';
import { studentTest, type TTest, welchTest } from './t-test.ts';

/** A method on the pooled values. */
const pooledMethod =
  (find: (pooled: PooledNumbers, reference: NumericSample, current: NumericSample) => ReturnType<Comparison>): Comparison =>
  (reference, current) =>
    find(poolNumbers(reference, current), reference, current);

const test = (statistic: number | null, pValue: number | null): Finding => ({ score: pValue, statistic, pValue });
const distance = (value: number, bound: number | null = null): Finding => ({ score: value, statistic: value, pValue: null, bound });

const ofT = ({ statistic, p }: TTest): ReturnType<Comparison> =>
  p === null ? { notApplicable: 'both sides are one and the same constant, or there are too few rows' } : test(statistic, p);

const RANKS = 'exact from rows; from a profile the rows of a bucket count as ties, no bound';

export const numericMethods: readonly NamedMethod[] = [
  {
    name: 'location_scale',
    aliases: ['s2'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: 'Location and scale by ranks (Legendre scores): the test within the default, by itself',
    says: 'chi-square limit on exact ranks from rows; from a profile the rows of a bucket count as ties, no bound',
    numeric: pooledMethod((pooled) => {
      const { statistic, df } = rankTest(pooled);
      return statistic === null ? { notApplicable: 'all rows have one value' } : test(statistic, chiSquareSurvival(statistic, df));
    }),
  },
  {
    name: 'ks',
    aliases: ['kolmogorov_smirnov', 'kolmogorov-smirnov'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<=',
    description: 'Kolmogorov-Smirnov: the largest difference of the shares at or below a value',
    says: "exact from rows, the p-value too up to 10,000 rows a side; from a profile D is at most the largest bucket's share larger",
    numeric: pooledMethod((pooled) => {
      const d = ksStatistic(pooled);
      return { ...test(d, ksAuto(d, pooled.n, pooled.m)), bound: ksBound(pooled) };
    }),
  },
  {
    name: 'wasserstein',
    aliases: ['wasserstein_normed', 'w1_normed'],
    score: 'distance',
    threshold: 0.1,
    drifts: '>=',
    description: "Wasserstein distance over the reference's standard deviation (at least .001), as Evidently scales it",
    says: "exact from rows; from a profile bounded by the buckets' half-widths",
    numeric: pooledMethod((pooled, reference, current) => {
      const [raw, scale] = [wassersteinDistance(pooled), wassersteinNorm(reference)];
      return distance(raw / scale, scaledWassersteinBound(reference, current, raw, scale));
    }),
  },
  {
    name: 'wasserstein_raw',
    aliases: ['w1', 'earth_mover'],
    score: 'distance',
    threshold: null,
    drifts: '>=',
    description: "Wasserstein distance in the column's own unit; drifts only beyond a threshold that you give",
    says: "exact from rows; from a profile bounded by the buckets' half-widths",
    numeric: pooledMethod((pooled, reference, current) => distance(wassersteinDistance(pooled), wassersteinBound(reference, current))),
  },
  {
    name: 't_test',
    aliases: ['student', 't'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: "Student's t of the means, equal variances",
    says: 'exact from rows; from a profile of the middles of its buckets, no bound',
    numeric: (reference, current) => ofT(studentTest(reference, current)),
  },
  {
    name: 'welch',
    aliases: ['t_test_welch', 'welch_t_test'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: "Welch's t of the means, variances of their own",
    says: 'exact from rows; from a profile of the middles of its buckets, no bound',
    numeric: (reference, current) => ofT(welchTest(reference, current)),
  },
  {
    name: 'mann_whitney',
    aliases: ['mann-whitney', 'wilcoxon_rank_sum'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: 'Mann-Whitney U, two-sided; exact without ties up to 8 rows a side, else normal with continuity',
    says: RANKS,
    numeric: pooledMethod((pooled) => {
      const ranks = rankSum(pooled);
      return test(ranks.u, mannWhitneyAuto(ranks, 'two-sided'));
    }),
  },
  {
    name: 'cramer_von_mises',
    aliases: ['cramer-von-mises', 'cvm'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<=',
    description: 'Cramér-von Mises: the mean square of the difference; exact up to 20 rows a side',
    says: RANKS,
    numeric: pooledMethod((pooled) => {
      const { n, m } = pooled;
      if (Math.min(n, m) < 2) return { notApplicable: 'a side has fewer than two rows' };
      const u = cramerVonMisesU(pooled);
      return test(cramerVonMisesT(u, n, m), cramerVonMisesAuto(u, n, m));
    }),
  },
  {
    name: 'anderson_darling',
    aliases: ['anderson', 'anderson-darling', 'anderson_ksamp'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: 'Anderson-Darling for two samples: sensitive in the tails; its p-value lies in [.001, .25]',
    says: `${RANKS}; the p-value is interpolated in a table of seven points`,
    numeric: pooledMethod((pooled) => {
      const { statistic, p } = andersonDarling(pooled);
      return p === null ? { notApplicable: 'all rows have one value, or there are fewer than four' } : test(statistic, p);
    }),
  },
  {
    name: 'energy',
    aliases: ['energy_distance', 'ed'],
    score: 'distance',
    threshold: 0.1,
    drifts: '>',
    description: "Energy distance, in the square root of the column's unit",
    says: "exact from rows; from a profile bounded by the buckets' half-widths and shares",
    numeric: pooledMethod((pooled, reference, current) => distance(energyDistance(pooled), energyBound(reference, current))),
  },
  {
    name: 'epps_singleton',
    aliases: ['es', 'epps-singleton'],
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    description: 'Epps-Singleton: the characteristic functions at two points; needs five rows a side',
    says: 'chi-square limit, from rows; from a profile of the middles of its buckets, no bound',
    numeric: pooledMethod((pooled) => {
      const found = eppsSingleton(pooled);
      return found === null
        ? { notApplicable: 'the middle half of the rows has one value, or a side has fewer than five rows' }
        : test(found.statistic, found.p);
    }),
  },
];
