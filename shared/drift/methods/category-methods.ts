import { fisherExact, twoProportionZ, twoSidedP } from '../../statistics/two-proportions.ts';
import type { CategorySample } from '../sample.ts';
import { type CountedSides, type CountTest, goodnessOfFit, homogeneity, likelihoodRatio } from './count-tests.ts';
import type { Finding, NamedMethod, NotApplicable } from './method.ts';
import { poolCategories, poolCounts } from './pool-samples.ts';
import { asCategories } from './samples-of-rows.ts';
import { binsOf } from './share-methods.ts';

const ONE = 'all rows have one value';
const MORE = 'it compares two values, and there are more';
const SAYS = 'from rows and from a profile alike, while it keeps every category; numbers are counted in Sturges bins beyond 20 values';

function countMethod(method: Pick<NamedMethod, 'name' | 'aliases' | 'description'>, of: (sides: CountedSides) => CountTest): NamedMethod {
  const find = (sides: CountedSides): Finding | NotApplicable => {
    const { statistic, p } = of(sides);
    return p === null ? { notApplicable: ONE } : { score: p, statistic, pValue: p };
  };
  return {
    ...method,
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    says: `chi-square limit, ${SAYS}`,
    numeric: (reference, current) => find(binsOf(reference, current)),
    categories: (reference, current) => find(poolCounts(reference, current)),
  };
}

/** Of two categories: rows of the later name on both sides. */
function pairMethod(
  method: Pick<NamedMethod, 'name' | 'aliases' | 'description' | 'says'>,
  of: (x1: number, n1: number, x2: number, n2: number) => Finding | NotApplicable,
): NamedMethod {
  const find = (first: CategorySample, second: CategorySample): Finding | NotApplicable => {
    if (first.counts.size > 2 || second.counts.size > 2) return { notApplicable: MORE };
    const { names, reference, current, n, m } = poolCategories(first, second);
    if (names.length !== 2) return { notApplicable: names.length < 2 ? ONE : MORE };
    return of(reference[1]!, n, current[1]!, m);
  };
  return {
    ...method,
    score: 'p-value',
    threshold: 0.05,
    drifts: '<',
    numeric: (reference, current) =>
      reference.values.length > 2 || current.values.length > 2
        ? { notApplicable: MORE }
        : find(asCategories(reference), asCategories(current)),
    categories: find,
  };
}

export const categoryMethods: readonly NamedMethod[] = [
  countMethod(
    {
      name: 'chi2',
      aliases: ['chi_square', 'chi2_homogeneity', 'chi2_contingency'],
      description: 'Chi-square of homogeneity: both sides are samples',
    },
    homogeneity,
  ),
  countMethod(
    {
      name: 'chi2_fit',
      aliases: ['chisquare', 'chi2_goodness_of_fit', 'goodness_of_fit'],
      description: "Chi-square goodness of fit, as if the reference's shares were known: alarms falsely when they are not",
    },
    goodnessOfFit,
  ),
  countMethod({ name: 'g_test', aliases: ['g', 'g-test'], description: 'G test of homogeneity (likelihood ratio)' }, likelihoodRatio),
  pairMethod(
    {
      name: 'fisher',
      aliases: ['fisher_exact'],
      description: "Fisher's exact test of two values",
      says: 'exact, from rows and from a profile alike',
    },
    (x1, n1, x2, n2) => {
      const p = fisherExact(x1, n1, x2, n2);
      const [top, bottom] = [x1 * (n2 - x2), x2 * (n1 - x1)];
      // The odds ratio; 0/0 is nothing, x/0 is more than every number.
      return { score: p, statistic: bottom > 0 ? top / bottom : top > 0 ? Number.POSITIVE_INFINITY : null, pValue: p };
    },
  ),
  pairMethod(
    {
      name: 'z',
      aliases: ['z_test', 'two_proportions'],
      description: 'Pooled z of the share of one of two values',
      says: `normal limit, ${SAYS}`,
    },
    (x1, n1, x2, n2) => {
      const z = twoProportionZ(x1, n1, x2, n2);
      return z === null ? { notApplicable: ONE } : { score: twoSidedP(z), statistic: z, pValue: twoSidedP(z) };
    },
  ),
];
