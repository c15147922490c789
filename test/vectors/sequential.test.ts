import { describe, it } from 'vitest';
import { boundOfRate } from '../../shared/rollout/judging/rate-bound.ts';
import { boundariesAt, type Spending } from '../../shared/statistics/lan-demets.ts';
import { normalSf } from '../../shared/statistics/normal.ts';
import { msprtLooks } from './msprt-looks.ts';
import { compareExpected, inputNumber, inputNumbers, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

type Input = VectorCase['input'];
const rows = (input: Input) => (input['looks'] as unknown[]).map((row) => [...inputNumbers(row)]);

const kinds: Readonly<Record<string, (input: Input) => unknown>> = {
  lan_demets: (input) => {
    const sides = inputNumber(input['sides']) as 1 | 2;
    const plan = { alpha: inputNumber(input['alpha']), sides, spending: input['spending'] as Spending };
    const chains = boundariesAt(plan, [...inputNumbers(input['information_fractions'])]);
    return {
      boundaries_z: chains.map(({ bound }) => bound),
      nominal_p: chains.map(({ bound }) => sides * normalSf(bound)),
      cumulative_alpha: chains.map(({ spent }) => sides * spent),
    };
  },
  msprt: (input) => ({ looks: msprtLooks(input) }),
  canary_bound: (input) => ({
    looks: rows(input).map(([bad = 0, total = 0]) => {
      const { rate, lower, upper, breach, cleared } = boundOfRate({ bad, total }, inputNumber(input['max']));
      return { rate, lower_95: lower, upper_95: upper, breach, cleared };
    }),
  }),
};

describe('sequential.json', () => {
  listAbsent('sequential.json');
  for (const { name, kind, input, expected, tolerance } of readVectors('sequential.json')) {
    const compute = kinds[kind];
    if (compute) it(name, () => compareExpected(compute(input), expected, tolerance));
  }
});
