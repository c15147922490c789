import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaQuantile, incompleteBeta } from '../../../shared/statistics/beta.ts';
import { binomialCdf, binomialPmf, binomialSf } from '../../../shared/statistics/binomial.ts';
import { normalCdf, normalQuantile, normalSf } from '../../../shared/statistics/normal.ts';
import { studentCdf, studentQuantile } from '../../../shared/statistics/student-t.ts';

function near(got: number, want: number, relative: number): void {
  expect(Math.abs(got - want), `${got}, not ${want}`).toBeLessThanOrEqual(relative * Math.abs(want));
}

describe('against SciPy 1.17.1', () => {
  it.each([
    [-20, 2.7536241186061556e-89],
    [-8, 6.22096057427174e-16],
    [-3, 0.0013498980316300933],
    [-0.5, 0.3085375387259869],
    [2, 0.9772498680518208],
  ])('Φ(%f)', (z, want) => near(normalCdf(z), want, 1e-13));

  it.each([
    [1e-300, -37.0470962993612],
    [1e-12, -7.034483825301131],
    [0.05, -1.6448536269514729],
    [0.7, 0.5244005127080407],
  ])('the quantile of %f', (p, want) => near(normalQuantile(p), want, 1e-15));

  it.each([
    [0.05, 1, -6.313751514675044],
    [0.025, 59, -2.000995378088268],
    [0.001, 3.5, -8.315567604516117],
    [0.05, 449999, -1.6448570131196725],
  ])('t of %f at %f degrees of freedom', (p, df, want) => near(studentQuantile(p, df), want, 1e-13));

  it.each([
    [490000, 1000000, 0.49, 0.0007980439859865932],
    [5, 1e6, 1e-5, 0.0378328964674941],
  ])('the binomial density of %i of %i at %f', (k, n, p, want) => near(binomialPmf(k, n, p), want, 1e-14));
});

describe('laws', () => {
  const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
  const size = fc.double({ min: 0.1, max: 5000, noNaN: true });

  it('quantiles undo the distribution', () => {
    fc.assert(
      fc.property(probability, (p) => {
        near(normalCdf(normalQuantile(p)), p, 1e-12);
        near(studentCdf(studentQuantile(p, 4.5), 4.5), p, 1e-9);
      }),
    );
    fc.assert(
      fc.property(probability, size, size, (p, a, b) => {
        // Near 1, where a small b piles up its mass, neighbouring doubles are further apart in p than the tolerance.
        const x = betaQuantile(p, a, b);
        const at = (value: number) => incompleteBeta(a, b, Math.min(1, Math.max(0, value))).lower;
        expect(at(x * (1 - Number.EPSILON))).toBeLessThanOrEqual(p * (1 + 1e-8));
        expect(at(x * (1 + Number.EPSILON))).toBeGreaterThanOrEqual(p * (1 - 1e-8));
      }),
    );
  });

  it('both tails add up to 1', () => {
    fc.assert(fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (z) => near(normalCdf(z) + normalSf(z), 1, 1e-15)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), probability, (n, p) => {
        const k = Math.floor(n / 3);
        near(binomialCdf(k, n, p) + binomialSf(k, n, p), 1, 1e-12);
      }),
    );
  });
});
