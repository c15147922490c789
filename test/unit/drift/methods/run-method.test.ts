import { describe, expect, it } from 'vitest';
import { sturgesEdges } from '../../../../shared/drift/methods/bins.ts';
import type { NotApplicable } from '../../../../shared/drift/methods/method.ts';
import { findMethod, namedMethods } from '../../../../shared/drift/methods/named-methods.ts';
import { type MethodResult, runMethod } from '../../../../shared/drift/methods/run-method.ts';
import { categorySample, numericSample } from '../../../../shared/drift/methods/samples-of-rows.ts';
import type { NumericSample, Sample } from '../../../../shared/drift/sample.ts';
import { bucketMiddle, bucketOrder } from '../../../../shared/profile/bucket.ts';
import { createRandom } from '../../../../shared/statistics/random.ts';

function rowsOf(seed: number, rows: number, shift = 0): number[] {
  const random = createRandom(seed);
  // A sum of uniforms with a heavy tail: skewed, both signs.
  return Array.from({ length: rows }, () => (random.uniform() + random.uniform() - 0.7) * (random.uniform() < 0.02 ? 50 : 1) + shift);
}

function ran(name: string, reference: Sample, current: Sample, threshold?: number): MethodResult {
  const result = runMethod(name, reference, current, threshold);
  if ('notApplicable' in result) throw new Error(`${name}: ${result.notApplicable}`);
  return result;
}
const refusal = (name: string, reference: Sample, current: Sample): string =>
  (runMethod(name, reference, current) as Partial<NotApplicable>).notApplicable ?? 'it applies';

const numeric = namedMethods.filter((method) => method.numeric && !['fisher', 'z'].includes(method.name));

describe('the table', () => {
  it('names every method of the issue once', () => {
    const names = namedMethods.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of [
      'location_scale',
      'ks',
      'wasserstein',
      'psi',
      'jensen_shannon',
      'hellinger',
      'kl',
      'total_variation',
      'l_infinity',
      'chi2',
      'g_test',
      'fisher',
      'z',
      't_test',
      'mann_whitney',
      'cramer_von_mises',
      'anderson_darling',
      'energy',
    ])
      expect(findMethod(name)?.name).toBe(name);
    expect(findMethod('Goodness_of_Fit')?.name).toBe('chi2_fit');
  });

  it('an unknown name tells which there are', () => {
    const side = numericSample([1]);
    expect(() => runMethod('kolmogorow', side, side)).toThrow(
      expect.objectContaining({ code: 'METHOD_UNKNOWN', hint: expect.stringContaining('ks, wasserstein') }),
    );
  });
});

describe('every method of numbers', () => {
  it.each(numeric.map(({ name }) => name))('%s: sees a large shift, and none in the same rows', (name) => {
    const [reference, moved] = [numericSample(rowsOf(1, 400)), numericSample(rowsOf(2, 300, 3))];
    expect(ran(name, reference, moved, name === 'wasserstein_raw' ? 0.5 : undefined).drifted).toBe(true);
    const same = ran(name, reference, reference);
    expect([same.drifted, same.exactness, same.bound]).toEqual([false, 'exact', null]);
    expect(same.score).toBeCloseTo(findMethod(name)!.score === 'p-value' ? (name === 'anderson_darling' ? 0.25 : 1) : 0, 12);
  });

  it.each(numeric.map(({ name }) => name))('%s: the order of the rows and their number of copies say nothing new', (name) => {
    const rows = rowsOf(3, 60).map((value) => Math.round(value * 4) / 4);
    const current = numericSample(rowsOf(4, 50));
    expect(runMethod(name, numericSample([...rows].reverse()), current)).toEqual(runMethod(name, numericSample(rows), current));
  });

  it.each(numeric.map(({ name }) => name))(
    '%s: a constant, one row and extreme values give a number, a null or a reason, never NaN',
    (name) => {
      const sides = [[2, 2, 2], [2], [1e308, -1e308, 0], [5e-324, 0, 5e-324], [1, 2, 3, 4, 5, 6]].map((rows) => numericSample(rows));
      for (const reference of sides)
        for (const current of sides) {
          const result = runMethod(name, reference, current);
          if ('notApplicable' in result) expect(result.notApplicable).not.toBe('');
          else for (const key of ['score', 'statistic', 'pValue', 'bound'] as const) expect(result[key], `${name} ${key}`).not.toBeNaN();
        }
    },
  );

  it('an empty side and another kind are reasons', () => {
    const [numbers, names] = [numericSample([1, 2]), categorySample(['a', 'b'])];
    expect(refusal('ks', numericSample([null, Number.NaN]), numbers)).toBe('no row of the reference side has a value');
    expect(refusal('ks', numbers, names)).toBe('one side is numbers, the other categories');
    expect(refusal('ks', names, names)).toBe('ks compares numbers, and these are categories');
    expect(refusal('fisher', categorySample(['a', 'b', 'c']), names)).toBe('it compares two values, and there are more');
    expect(refusal('chi2', categorySample(['a']), categorySample(['a']))).toBe('all rows have one value');
  });
});

describe('thresholds', () => {
  const [reference, current] = [categorySample([...'aaaaaabbbb']), categorySample([...'aaaabbbbbb'])];

  it('psi of few rows must exceed what chance reaches', () => {
    const { score, threshold, drifted } = ran('psi', reference, current);
    // .2 ln 1.5 twice, against the 95 % point of χ² with one degree of freedom times 1/10 + 1/10.
    expect(score).toBeCloseTo(0.4 * Math.log(1.5), 12);
    expect(threshold).toBeCloseTo(3.841458820694124 * 0.2, 9);
    expect(drifted).toBe(false);
    expect(ran('psi', reference, current, 0.1).drifted).toBe(true);
  });

  it('a p-value equal to the threshold drifts for ks alone; a distance equal to it does', () => {
    const [first, second] = [numericSample([1, 2, 3, 4]), numericSample([3, 4, 5, 6])];
    const { pValue } = ran('ks', first, second);
    expect(ran('ks', first, second, pValue!).drifted).toBe(true);
    const mann = ran('mann_whitney', first, second);
    expect(ran('mann_whitney', first, second, mann.pValue!).drifted).toBe(false);
    expect(ran('total_variation', reference, current, ran('total_variation', reference, current).score!).drifted).toBe(true);
    expect(ran('energy', first, second, ran('energy', first, second).score!).drifted).toBe(false);
  });

  it('a raw distance drifts only beyond a threshold that was given', () => {
    const [first, second] = [numericSample([0, 1]), numericSample([100, 101])];
    expect(ran('wasserstein_raw', first, second)).toMatchObject({ score: 100, threshold: null, drifted: false });
    expect(ran('wasserstein_raw', first, second, 99).drifted).toBe(true);
  });
});

describe('from a profile', () => {
  const bucketed = (rows: readonly number[]): NumericSample => ({
    ...numericSample(rows.map((x) => bucketMiddle(bucketOrder(x)))),
    exactness: 'bounded',
  });

  it.each(['ks', 'wasserstein', 'wasserstein_raw', 'energy'])('%s: the rows lie within the bound', (name) => {
    for (let seed = 1; seed <= 40; seed++) {
      const [first, second] = [rowsOf(seed, 30 + 20 * seed), rowsOf(1000 + seed, 40 + 10 * seed, seed % 3 === 0 ? 0.02 : 0)];
      const exact = ran(name, numericSample(first), numericSample(second));
      const bounded = ran(name, bucketed(first), bucketed(second));
      expect(bounded.exactness).toBe('bounded');
      expect(Math.abs(bounded.statistic! - exact.statistic!), `seed ${seed}`).toBeLessThanOrEqual(bounded.bound!);
    }
  });

  it('the worse side says what the number is, and no bound is made up', () => {
    const [exact, bounded] = [numericSample(rowsOf(1, 50)), bucketed(rowsOf(2, 50))];
    expect(ran('anderson_darling', exact, bounded)).toMatchObject({ exactness: 'bounded', bound: null });
    expect(ran('ks', { ...exact, exactness: 'sampled' }, bounded)).toMatchObject({ exactness: 'sampled', bound: null });
  });
});

describe('against SciPy and NumPy', () => {
  it('a category that the reference lacks, and one that vanished, count', () => {
    const reference = categorySample([...'aaaaabbbbbx']);
    const current = categorySample([...'aaaabbbbcc']);
    const { statistic, pValue } = ran('chi2', reference, current);
    expect(statistic).toBeCloseTo(3.1818181818181817, 10);
    expect(pValue).toBeCloseTo(0.36443292182853654, 10);
    expect(ran('l_infinity', reference, current).score).toBeCloseTo(0.2, 12);
  });

  it('the rank sum is exact up to eight rows on a side, then normal', () => {
    const first = [0.1, 0.4, 0.5, 0.9, 1.3, 1.7, 2.2, 2.6];
    const second = numericSample([0.3, 0.8, 1.1, 1.5, 1.9, 2.4, 2.8, 3.3, 3.9]);
    expect(ran('mann_whitney', numericSample(first), second).pValue).toBeCloseTo(0.1995886466474702, 12);
    expect(ran('mann_whitney', numericSample([...first, 3]), second).pValue).toBeCloseTo(0.331387096247615, 12);
  });

  it('whole numbers are never binned narrower than 1', () => {
    expect(sturgesEdges(0, 20, 2 ** 20, true)).toEqual(Float64Array.from({ length: 21 }, (_, i) => i));
    expect(sturgesEdges(0, 20, 2 ** 20, false)).toHaveLength(22);
    expect(sturgesEdges(3, 3, 8, false)).toEqual(Float64Array.of(2.5, 3.5));
  });
});
