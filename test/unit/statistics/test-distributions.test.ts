import { describe, expect, it } from 'vitest';
import { chiSquareSurvival } from '../../../shared/statistics/chi-square.ts';
import { fSurvival } from '../../../shared/statistics/f-distribution.ts';
import { kstwoSurvival, smirnovSurvival } from '../../../shared/statistics/kolmogorov.ts';

function near(got: number, want: number, relative: number): void {
  expect(Math.abs(got - want), `${got}, not ${want}`).toBeLessThanOrEqual(relative * Math.abs(want));
}

describe('against SciPy 1.17.1', () => {
  it.each([
    [0.3, 5, 0.664],
    [0.15, 5, 0.9988],
    [0.85, 5, 0.0001518750000000001],
    [0.2, 20, 0.352720173623415],
    [0.08, 139, 0.3188204668006506],
    [0.2, 139, 2.3829672649172915e-5],
    [0.6, 139, 2.2207620411040823e-48],
    [0.002, 141, 1.0],
    [0.0061, 150, 1.0],
    [0.05, 150, 0.8290828416799794],
    [0.3, 150, 1.8096708700049624e-12],
    [0.05, 1000, 0.013012074781090332],
    [0.2, 1000, 1.5528629204250538e-35],
    [0.003, 20000, 0.9935433419563655],
    [0.015, 20000, 0.00024427802730063317],
    [0.03, 20000, 4.516330038670992e-16],
    [0.0009, 100000, 0.999997742203751],
    [0.004, 100000, 0.08130148920222469],
    [0.0012, 500000, 0.4671992770600679],
    [0.002, 1000000, 0.0006700277103670718],
    [0.01, 1000000, 2.7373304415481205e-87],
    [0.7, 1, 0.6000000000000001],
  ])('P(D ≥ %f) of %i rows', (d, n, want) => near(kstwoSurvival(d, n), want, 1e-10));

  it.each([
    [0.5, 1, 0.47950012218695337],
    [700, 1, 2.990226975124623e-154],
    [1e-8, 2, 0.999999995],
    [12.3, 4, 0.015254394655769615],
    [200, 4, 3.75727673578106e-42],
    [0.01, 9.5, 0.9999999999998515],
    [900, 1000, 0.9892827619087102],
    [1200, 1000, 1.2255942330622893e-5],
    [99500, 100000, 0.8683043570276465],
  ])('chi-square beyond %f at %f degrees of freedom', (x, df, want) => near(chiSquareSurvival(x, df), want, 1e-12));

  it.each([
    [0.5, 1, 6, 0.5060214228881834],
    [9, 1, 6, 0.024008196755730935],
    [300, 1, 13, 2.3130389937445794e-10],
    [2.5, 4, 20, 0.07514662963527473],
    [0.001, 2, 9, 0.999000610816995],
    [1.1, 200, 300, 0.22712632887708054],
    [40, 12, 6, 0.00010059083703588473],
  ])('F beyond %f at %f and %f', (x, d1, d2, want) => near(fSurvival(x, d1, d2), want, 1e-12));
});

describe('at the ends', () => {
  it('nothing lies beyond infinity and everything beyond zero', () => {
    expect([chiSquareSurvival(0, 3), chiSquareSurvival(Number.POSITIVE_INFINITY, 3)]).toEqual([1, 0]);
    expect([fSurvival(0, 2, 3), fSurvival(Number.POSITIVE_INFINITY, 2, 3)]).toEqual([1, 0]);
    expect([kstwoSurvival(0, 9), kstwoSurvival(1, 9), kstwoSurvival(0.05, 9)]).toEqual([1, 0, 1]);
  });

  it('the coarse grid of many rows continues the exact sum', () => {
    // Asymptotics of Smirnov: P ≈ exp(−(6nd + 1)²/18n), the better the more rows.
    for (const n of [3_000_000, 500_000_000]) {
      const d = 1.6 / Math.sqrt(n);
      near(smirnovSurvival(d, n), Math.exp(-((6 * n * d + 1) ** 2) / (18 * n)), 4 / n);
    }
  });
});
