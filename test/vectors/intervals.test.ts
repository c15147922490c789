import { it } from 'vitest';
import { estimateMetric } from '../../shared/evaluation/estimate.ts';
import { findMetric } from '../../shared/evaluation/metrics.ts';
import { sampleOf } from '../../shared/evaluation/sample.ts';
import { accelerationOf, bcaBounds, bcaShares, bootstrapDistribution, influenceOf, percentileBounds } from '../../shared/statistics/bca.ts';
import { binomialTest } from '../../shared/statistics/binomial.ts';
import { delongBounds, delongCovariance, NO_VARIANCE, placements, rocAuc } from '../../shared/statistics/delong.ts';
import { drawCounts } from '../../shared/statistics/draw-counts.ts';
import { type Alternative, mannWhitney, mannWhitneyAsymptotic, mannWhitneyExact } from '../../shared/statistics/mann-whitney.ts';
import { mcnemarCorrected, mcnemarExact } from '../../shared/statistics/mcnemar.ts';
import { adjust } from '../../shared/statistics/multiplicity.ts';
import { ascendingOrder, tieEnds } from '../../shared/statistics/order.ts';
import { agrestiCoull, clopperPearson, clopperPearsonOneSided, jeffreys, wilson, zOfLevel } from '../../shared/statistics/proportion.ts';
import { createRandom } from '../../shared/statistics/random.ts';
import { meanEstimate, studentBounds } from '../../shared/statistics/student-interval.ts';
import { studentCdf } from '../../shared/statistics/student-t.ts';
import { fisherExact, greaterP, newcombeDifference, twoProportionZ, twoSidedP } from '../../shared/statistics/two-proportions.ts';
import { signedRanks, wilcoxonAsymptotic, wilcoxonExact } from '../../shared/statistics/wilcoxon.ts';
import { compareExpected, inputNumber, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';
import { scoredRows } from './rows-of-vector.ts';

type Input = VectorCase['input'];
const number = (input: Input, key: string) => inputNumber(input[key]);
const ofNull = <T>(value: number | null, of: (value: number) => T): T | null => (value === null ? null : of(value));

const undefinedDelong = {
  auc_1: null,
  auc_2: null,
  difference: null,
  covariance: [
    [null, null],
    [null, null],
  ],
  variance_of_difference: null,
  z: null,
  p: null,
  ci_difference: [null, null],
  ci_auc_1: [null, null],
};

const kinds: Readonly<Record<string, (input: Input, expected: VectorCase['expected']) => Record<string, unknown>>> = {
  proportion: (input) => {
    const [x, n, confidence] = [number(input, 'successes'), number(input, 'n'), number(input, 'confidence')];
    return {
      wilson: wilson(x, n, confidence),
      clopper_pearson: clopperPearson(x, n, confidence),
      jeffreys: jeffreys(x, n, confidence),
      agresti_coull: agrestiCoull(x, n, confidence),
      clopper_pearson_lower_one_sided: clopperPearsonOneSided(x, n, confidence)[0],
      clopper_pearson_upper_one_sided: clopperPearsonOneSided(x, n, confidence)[1],
    };
  },
  binomial_test: (input) => ({
    p: binomialTest(number(input, 'successes'), number(input, 'n'), number(input, 'p0'), input['alternative'] as Alternative),
  }),
  two_proportions: (input) => {
    const [x1, n1, x2, n2] = ['x1', 'n1', 'x2', 'n2'].map((key) => number(input, key)) as [number, number, number, number];
    const z = twoProportionZ(x1, n1, x2, n2);
    return {
      difference: x1 / n1 - x2 / n2,
      z_pooled: z,
      p_two_sided: ofNull(z, twoSidedP),
      p_greater: ofNull(z, greaterP),
      newcombe: newcombeDifference(x1, n1, x2, n2, number(input, 'confidence')),
      fisher_p: fisherExact(x1, n1, x2, n2),
    };
  },
  delong: (input) => {
    const labels = inputNumbers(input['y_true']);
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const rankings = ['score_1', 'score_2'].map((key) => {
      const scores = inputNumbers(input[key]);
      const order = ascendingOrder(scores);
      return { order, ends: tieEnds(scores, order) };
    });
    const [first, second] = rankings.map((ranking) => placements(labels, ranking, positives)) as [Float64Array, Float64Array];
    const [auc1, auc2] = rankings.map((ranking) => rocAuc(labels, ranking)) as [number | null, number | null];
    // One class only: there is no AUC, and so nothing else.
    if (auc1 === null || auc2 === null) return undefinedDelong;
    const covariance = [first, second].map((a) => [first, second].map((b) => delongCovariance(labels, a, b, positives)));
    const apart = first.map((value, i) => value - second[i]!);
    const variance = delongCovariance(labels, apart, apart, positives);
    // One row of a class has an AUC, and no variance.
    if (variance === null) return { ...undefinedDelong, auc_1: auc1, auc_2: auc2, difference: auc1 - auc2 };
    const flat = variance < NO_VARIANCE;
    const z = flat ? null : (auc1 - auc2) / Math.sqrt(variance);
    const confidence = number(input, 'confidence');
    const half = zOfLevel(confidence) * Math.sqrt(covariance[0]![0]!);
    return {
      auc_1: auc1,
      auc_2: auc2,
      difference: auc1 - auc2,
      covariance,
      variance_of_difference: variance,
      z,
      p: ofNull(z, twoSidedP),
      ci_difference: flat ? [auc1 - auc2, auc1 - auc2] : delongBounds(auc1 - auc2, variance, confidence),
      ci_auc_1: [Math.max(0, auc1 - half), Math.min(1, auc1 + half)],
    };
  },
  mcnemar: (input) => {
    const [b, c] = [number(input, 'b'), number(input, 'c')];
    return { p_exact: mcnemarExact(b, c), chi2_corrected: mcnemarCorrected(b, c) };
  },
  paired: (input, expected) => {
    const x = inputNumbers(input['x']);
    const y = inputNumbers(input['y']);
    const differences = x.map((value, i) => value - y[i]!);
    const estimate = meanEstimate(differences);
    const t = estimate.se ? estimate.mean / estimate.se : null;
    const ranks = signedRanks(Array.from(differences, (value) => Math.round(value * 100) / 100));
    const methods: Record<string, () => number | null> = {
      exact: () => wilcoxonExact(ranks),
      approx: () => wilcoxonAsymptotic(ranks, false),
      approx_corrected: () => wilcoxonAsymptotic(ranks, true),
    };
    return {
      t,
      df: estimate.df,
      p_t: ofNull(t, (value) => 2 * studentCdf(-Math.abs(value), estimate.df!)),
      ci_mean_difference: studentBounds(estimate, 0.95),
      wilcoxon: Object.fromEntries(
        Object.keys((expected['wilcoxon'] ?? {}) as object).map((key) => [key, { statistic: ranks.statistic, p: methods[key]!() }]),
      ),
    };
  },
  mann_whitney: (input, expected) => {
    const result = mannWhitney(inputNumbers(input['x']), inputNumbers(input['y']));
    return Object.fromEntries(
      Object.keys(expected).map((key) => {
        if (key === 'u1') return [key, result.u];
        if (key === 'u_min') return [key, Math.min(result.u, result.n * result.m - result.u)];
        const [, method, side, plain] = /^p_(asymptotic|exact)_(two-sided|less|greater)(_no_continuity)?$/.exec(key) ?? [];
        if (!method) throw new Error(`the vectors expect ${key}, which is unknown`);
        return [
          key,
          method === 'exact' ? mannWhitneyExact(result, side as Alternative) : mannWhitneyAsymptotic(result, side as Alternative, !plain),
        ];
      }),
    );
  },
  multiplicity: (input) => {
    const p = [...inputNumbers(input['p'])];
    const family = (method: 'holm' | 'bh' | 'by' | 'bonferroni') => {
      const adjusted = adjust(p, method);
      return { adjusted, reject: adjusted.map((value) => value <= number(input, 'alpha')) };
    };
    return { holm: family('holm'), benjamini_hochberg: family('bh'), bonferroni: family('bonferroni'), benjamini_yekutieli: family('by') };
  },
  bca_formula: (input) => {
    const acceleration = accelerationOf(influenceOf(inputNumbers(input['jackknife'])));
    const distribution = bootstrapDistribution(inputNumbers(input['bootstrap']), number(input, 'estimate'), acceleration);
    const confidence = number(input, 'confidence');
    return {
      z0: distribution.z0,
      acceleration,
      alphas: bcaShares(distribution, confidence),
      bca: bcaBounds(distribution, confidence),
      percentile: percentileBounds(distribution.sorted, confidence),
    };
  },
  bootstrap: (input, expected) => ({ ...bootstrapOf(input), resamples: expected['resamples'] }),
};

/** Monte Carlo: bounds within the tolerance of the case, at 10,000 resamples. */
function bootstrapOf(input: Input): Record<string, unknown> {
  const ci = { level: 0.95, resamples: 10_000, seed: 7 };
  if (input['x']) return ofSample(inputNumbers(input['x']), String(input['statistic']).includes('deviation'), ci);
  const labels = inputNumbers(input['y_true']);
  const auc = input['score_1'] !== undefined;
  const rows = scoredRows(
    'binary',
    labels,
    inputNumbers(input[auc ? 'score_1' : 'pred_1']),
    inputNumbers(input[auc ? 'score_2' : 'pred_2']),
  );
  const metric = findMetric('binary', auc ? 'roc_auc' : 'accuracy')!;
  const bounds = (['percentile', 'bca'] as const).map((method) => {
    const { delta, uncertainty } = estimateMetric(sampleOf(rows), metric, { threshold: 0.5, paired: true, ci: { ...ci, method } });
    return { delta, bounds: [uncertainty?.low, uncertainty?.high] };
  });
  return { estimate: bounds[0]!.delta, percentile: bounds[0]!.bounds, bca: bounds[1]!.bounds };
}

function ofSample(x: Float64Array, deviation: boolean, { level, resamples, seed }: { level: number; resamples: number; seed: number }) {
  const of = (counts: ArrayLike<number>) => {
    let n = 0;
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      n += counts[i]!;
      sum += counts[i]! * x[i]!;
    }
    if (!deviation) return sum / n;
    return Math.sqrt(x.reduce((squares, value, i) => squares + counts[i]! * (value - sum / n) ** 2, 0) / n);
  };
  const random = createRandom(seed);
  const counts = new Uint8Array(x.length);
  const values = Float64Array.from({ length: resamples }, () => {
    drawCounts(random, counts, 0, x.length);
    return of(counts);
  });
  const once = new Uint8Array(x.length).fill(1);
  const jackknife = x.map((_, i) => of(once.with(i, 0)));
  const distribution = bootstrapDistribution(values, of(once), accelerationOf(influenceOf(jackknife)));
  return { estimate: of(once), percentile: percentileBounds(distribution.sorted, level), bca: bcaBounds(distribution, level) };
}

for (const { name, kind, input, expected, tolerance } of readVectors('intervals.json')) {
  const run = kinds[kind];
  if (run) it(`${kind}: ${name}`, () => compareExpected(run(input, expected), expected, tolerance));
}

listAbsent('intervals.json');
