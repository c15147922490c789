import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalQuantile } from '../../../shared/statistics/normal.ts';
import { wilson, wilsonPBelow } from '../../../shared/statistics/proportion.ts';
import { tango, tangoPBelow } from '../../../shared/statistics/tango.ts';

const table = fc
  .tuple(fc.nat(40), fc.nat(40), fc.nat(400))
  .map(([b, c, rest]) => ({ b, c, n: b + c + rest }))
  .filter(({ n }) => n > 0);
const level = fc.constantFrom(0.8, 0.9, 0.95, 0.99);

it('mirrors when the models change places, exactly', () => {
  fc.assert(
    fc.property(table, level, ({ b, c, n }, width) => {
      const [low, high] = tango(b, c, n, width)!;
      expect(tango(c, b, n, width)).toEqual([-high, -low]);
    }),
  );
});

it('holds the estimate and stays within −1 and 1', () => {
  fc.assert(
    fc.property(table, level, ({ b, c, n }, width) => {
      const [low, high] = tango(b, c, n, width)!;
      expect(low).toBeLessThanOrEqual((b - c) / n);
      expect(high).toBeGreaterThanOrEqual((b - c) / n);
      expect(low).toBeGreaterThanOrEqual(-1);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

it('has at each bound exactly the p that the level says', () => {
  fc.assert(
    fc.property(table, ({ b, c, n }) => {
      const [, high] = tango(b, c, n, 0.9)!;
      if (high < 1) expect(tangoPBelow(b, c, n, high)).toBeCloseTo(0.05, 9);
      const bounds = wilson(b, n, 0.9)!;
      if (bounds[1] < 1 && b < n) expect(wilsonPBelow(b, n, bounds[1])).toBeCloseTo(0.05, 9);
    }),
  );
  expect(normalQuantile(0.05)).toBeLessThan(0);
});

it('has nothing to say of no rows', () => {
  expect(tango(0, 0, 0, 0.9)).toBeNull();
  expect(wilson(0, 0, 0.9)).toBeNull();
});
