import { describe, it } from 'vitest';
import { compareProportions } from '../../shared/rollout/ab/compare-proportions.ts';
import { type BetaArm, posteriorsOf } from '../../shared/rollout/ab/probability-best.ts';
import { testSampleRatio } from '../../shared/rollout/ab/sample-ratio.ts';
import { cohenH, sizeByArcsine, sizeByPooled, smallestEffect, tTestPower, tTestSize } from '../../shared/statistics/sample-size.ts';
import { msprtLooks } from './msprt-looks.ts';
import { compareExpected, inputNumber, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

type Input = VectorCase['input'];
const number = (input: Input, key: string) => inputNumber(input[key]);
const sidesOf = (input: Input) => inputNumber(input['sides']) as 1 | 2;

const kinds: Readonly<Record<string, (input: Input) => unknown>> = {
  two_proportion: (input) => {
    const compared = compareProportions(
      { successes: number(input, 'x1'), units: number(input, 'n1') },
      { successes: number(input, 'x2'), units: number(input, 'n2') },
    );
    return { ...compared, relative_lift: compared.lift };
  },
  sample_size: (input) => {
    const [p1, p2, ratio] = [number(input, 'p1'), number(input, 'p2'), number(input, 'ratio_n2_over_n1')];
    const plan = { alpha: number(input, 'alpha'), power: number(input, 'power'), sides: sidesOf(input) };
    const [arcsine, classic] = [sizeByArcsine(p1, p2, ratio, plan), sizeByPooled(p1, p2, ratio, plan)];
    return {
      cohen_h: cohenH(p1, p2),
      n1_arcsine: arcsine,
      n1_arcsine_ceil: Math.ceil(arcsine),
      n1_classic_pooled: classic,
      n1_classic_ceil: Math.ceil(classic),
    };
  },
  t_power: (input) => {
    const [d, alpha, sides] = [number(input, 'cohen_d'), number(input, 'alpha'), sidesOf(input)];
    return { power: tTestPower(d, number(input, 'n_per_group'), { alpha, sides }), n_for_80: tTestSize(d, { alpha, sides, power: 0.8 }) };
  },
  mde: (input) => {
    const p1 = number(input, 'p1');
    const plan = { alpha: number(input, 'alpha'), power: number(input, 'power'), sides: sidesOf(input) };
    const { h, above } = smallestEffect(p1, number(input, 'n_per_group'), plan);
    return { effect_size_h: h, p2_above: above, absolute: above === null ? null : above - p1 };
  },
  thompson: (input) => {
    const [a = 1, b = 1] = inputNumbers(input['prior']);
    const posteriors = posteriorsOf(input['arms'] as BetaArm[], [a, b]);
    return {
      probability_best: posteriors.map(({ best }) => best),
      posterior_mean: posteriors.map(({ mean }) => mean),
      credible_95: posteriors.map(({ credible }) => credible),
    };
  },
  msprt: (input) => ({ looks: msprtLooks(input) }),
  sample_ratio_mismatch: (input) => {
    const found = testSampleRatio([...inputNumbers(input['observed'])], [...inputNumbers(input['ratio'])]);
    return { chi2: found?.chi2, p: found?.p, 'mismatch_at_0.001': found?.mismatch };
  },
};

describe('ab.json', () => {
  listAbsent('ab.json');
  for (const { name, kind, input, expected, tolerance } of readVectors('ab.json')) {
    const compute = kinds[kind];
    if (compute) it(name, () => compareExpected(compute(input), expected, tolerance));
  }
});
