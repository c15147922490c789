import { expect, it } from 'vitest';
import { andersonDarling } from '../../shared/drift/methods/anderson-darling.ts';
import { type BinnedCounts, binAsEvidently } from '../../shared/drift/methods/bins.ts';
import {
  cramersV,
  goodnessOfFit,
  homogeneity,
  homogeneityYates,
  likelihoodFit,
  likelihoodRatio,
} from '../../shared/drift/methods/count-tests.ts';
import {
  cramerVonMisesAsymptotic,
  cramerVonMisesExact,
  cramerVonMisesT,
  cramerVonMisesU,
} from '../../shared/drift/methods/cramer-von-mises.ts';
import { energyDistance, wassersteinDistance, wassersteinNorm } from '../../shared/drift/methods/distances.ts';
import { eppsSingleton } from '../../shared/drift/methods/epps-singleton.ts';
import { ksAsymptotic, ksAuto, ksExact, ksStatistic } from '../../shared/drift/methods/kolmogorov-smirnov.ts';
import { poolCategories, poolNumbers } from '../../shared/drift/methods/pool-samples.ts';
import { stabilityThreshold } from '../../shared/drift/methods/psi-threshold.ts';
import { mannWhitneyAuto, rankSum } from '../../shared/drift/methods/rank-sum.ts';
import { numericSample } from '../../shared/drift/methods/samples-of-rows.ts';
import {
  fillZeros,
  hellinger,
  jensenShannon,
  kullbackLeibler,
  largestDifference,
  populationStability,
  sharesOf,
  totalVariation,
} from '../../shared/drift/methods/share-distances.ts';
import { studentTest, welchTest } from '../../shared/drift/methods/t-test.ts';
import type { CategorySample } from '../../shared/drift/sample.ts';
import { mannWhitneyAsymptotic } from '../../shared/statistics/mann-whitney.ts';
import { fisherExact, twoProportionZ, twoSidedP } from '../../shared/statistics/two-proportions.ts';
import { compareExpected, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

function distances({ reference, current, n, m }: BinnedCounts) {
  const [p, q] = [sharesOf(reference, n), sharesOf(current, m)];
  const [filledP, filledQ] = [fillZeros(p), fillZeros(q)];
  return {
    psi: populationStability(filledP, filledQ),
    kl_ref_cur: kullbackLeibler(filledP, filledQ),
    jensenshannon: jensenShannon(p, q),
    hellinger: hellinger(p, q),
    total_variation: totalVariation(p, q),
    l_infinity: largestDifference(p, q),
  };
}

function numeric(input: VectorCase['input']): Record<string, unknown> {
  const [reference, current] = [numericSample(inputNumbers(input['reference'])), numericSample(inputNumbers(input['current']))];
  const pooled = poolNumbers(reference, current);
  const { n, m } = pooled;
  const d = ksStatistic(pooled);
  const u = cramerVonMisesU(pooled);
  const t = cramerVonMisesT(u, n, m);
  const ranks = rankSum(pooled);
  const bins = binAsEvidently(reference, pooled, false);
  const darling = andersonDarling(pooled);
  return {
    ks: { statistic: d, p_auto: ksAuto(d, n, m), p_asymptotic: ksAsymptotic(d, n, m), p_exact: ksExact(d, n, m) },
    wasserstein: wassersteinDistance(pooled),
    wasserstein_evidently: wassersteinDistance(pooled) / wassersteinNorm(reference),
    energy_distance: energyDistance(pooled),
    cramer_von_mises: {
      statistic: t,
      p_asymptotic: cramerVonMisesAsymptotic(t, n, m),
      ...(n + m <= 30 ? { p_exact: cramerVonMisesExact(u, n, m) } : {}),
    },
    t_student: studentTest(reference, current),
    t_welch: welchTest(reference, current),
    anderson_ksamp: { statistic: darling.statistic, 'p_clipped_0.001_0.25': darling.p },
    epps_singleton: eppsSingleton(pooled),
    mann_whitney: {
      u1: ranks.u,
      p_asymptotic: mannWhitneyAsymptotic(ranks, 'two-sided', true),
      p_less_auto_evidently: mannWhitneyAuto(ranks, 'less'),
    },
    binned_evidently: {
      bins: bins.edges ? 'sturges on pooled' : 'union of values',
      edges: bins.edges && Array.from(bins.edges),
      ...distances(bins),
    },
  };
}

function categorical(input: VectorCase['input']): Record<string, unknown> {
  const sampleOf = (side: unknown): CategorySample => {
    const counts = new Map(Object.entries(side as Record<string, number>));
    return { kind: 'categories', counts, n: [...counts.values()].reduce((a, b) => a + b, 0), missing: 0, exactness: 'exact' };
  };
  const sides = poolCategories(sampleOf(input['reference_counts']), sampleOf(input['current_counts']));
  const { n, m } = sides;
  const chi2 = homogeneity(sides);
  const [x1, x2] = [sides.reference.at(-1)!, sides.current.at(-1)!];
  const z = twoProportionZ(x1, n, x2, m);
  const { kl_ref_cur, ...rest } = distances({ edges: null, ...sides });
  return {
    chi2_contingency: chi2,
    cramers_v: chi2.statistic === null ? null : cramersV(chi2.statistic, sides),
    g_test_contingency: likelihoodRatio(sides),
    chi2_contingency_yates: homogeneityYates(sides),
    fisher_p: fisherExact(x1, n, x2, m),
    z_pooled: { statistic: z, p: z === null ? null : twoSidedP(z) },
    chi2_goodness_of_fit: goodnessOfFit(sides),
    g_test_goodness_of_fit: likelihoodFit(sides),
    jensenshannon_base2: rest.jensenshannon / Math.sqrt(Math.LN2),
    kl_ref_cur,
    psi_threshold_suite: stabilityThreshold(sides),
    ...rest,
  };
}

const kinds: Readonly<Record<string, (input: VectorCase['input']) => Record<string, unknown>>> = { numeric, categorical };

listAbsent('drift-univariate.json');
for (const { name, kind, input, expected, tolerance } of readVectors('drift-univariate.json')) {
  it(`${kind}: ${name}`, () => {
    const got = kinds[kind]!(input);
    const { epps_singleton: want, ...rest } = expected;
    compareExpected(got, rest, tolerance);
    if (want === undefined) return;
    const rel = tolerance['epps_singleton_rel'] ?? tolerance['rel'] ?? 0;
    const { statistic } = want as { statistic: number };
    if (statistic < 1e20) compareExpected(got['epps_singleton'], want, { ...tolerance, rel });
    else {
      // Constant sides: the covariance is rounding alone, and with it how far beyond every bound the statistic lies.
      const { p } = (got['epps_singleton'] ?? {}) as { p?: number };
      expect(p ?? null, `statistic ${statistic}`).toBe(0);
    }
  });
}
