import { expect, it } from 'vitest';
import { drawCounts } from '../../../shared/statistics/draw-counts.ts';
import { createRandom, drawBinomial } from '../../../shared/statistics/random.ts';

it('gives the same numbers for the same seed on every platform', () => {
  const random = createRandom(7);
  expect(Array.from({ length: 4 }, () => random.uint32())).toMatchInlineSnapshot(`
    [
      1953209201,
      274027627,
      1787915724,
      1567175990,
    ]
  `);
  expect(createRandom(8).uint32()).not.toBe(createRandom(7).uint32());
  expect(createRandom(7 + 2 ** 33).uint32()).not.toBe(createRandom(7).uint32());
});

it('draws as many rows as there are, each as often as another', () => {
  const random = createRandom(1);
  const totals = new Float64Array(50);
  const counts = new Uint8Array(60);
  for (let resample = 0; resample < 4000; resample++) {
    drawCounts(random, counts, 10, 50);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
    for (let i = 0; i < 50; i++) totals[i]! += counts[10 + i]!;
  }
  // 4,000 draws of mean 1 and variance about 1: six standard errors.
  for (const total of totals) expect(Math.abs(total - 4000)).toBeLessThan(6 * Math.sqrt(4000));
});

it('draws large samples the same way: as many draws as rows, Poisson-like counts, no row twice as likely', () => {
  const random = createRandom(2);
  const size = 5001;
  const counts = new Uint8Array(size);
  const totals = new Float64Array(size);
  const seen = new Float64Array(256);
  for (let resample = 0; resample < 400; resample++) {
    drawCounts(random, counts, 0, size);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size);
    for (let i = 0; i < size; i++) {
      totals[i]! += counts[i]!;
      seen[counts[i]!]!++;
    }
  }
  for (const total of totals) expect(Math.abs(total - 400)).toBeLessThan(7 * Math.sqrt(400));
  // Of a multinomial with n cells and n draws each count is binomial(n, 1/n).
  const cells = size * 400;
  [0, 1, 2, 3, 4].reduce(
    (probability, k) => {
      expect(Math.abs(seen[k]! / cells - probability)).toBeLessThan(5 * Math.sqrt(probability / cells));
      return (probability * (size - k)) / ((k + 1) * (size - 1));
    },
    (1 - 1 / size) ** size,
  );
});

it.each([
  [20, 0.1],
  [1000, 0.3],
  [200_000, 0.002],
  [500, 0.9],
])('draws binomials of n %i, p %f with their mean and variance', (n, p) => {
  const random = createRandom(3);
  const draws = Array.from({ length: 20_000 }, () => drawBinomial(random, n, p));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  const expected = n * p * (1 - p);
  expect(Math.abs(mean - n * p)).toBeLessThan(5 * Math.sqrt(expected / draws.length));
  expect(Math.abs(variance / expected - 1)).toBeLessThan(0.06);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThanOrEqual(n);
});
