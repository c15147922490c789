import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkShares, splitQuotas } from '../../../shared/dataset/split-quotas.ts';

const shares = { train: 0.7, validation: 0.15, test: 0.15 };

it.each([
  [1000, { train: 700, validation: 150, test: 150 }],
  [200, { train: 140, validation: 30, test: 30 }],
  [700, { train: 490, validation: 105, test: 105 }],
  [7, { train: 5, validation: 1, test: 1 }],
  [1, { train: 1, validation: 0, test: 0 }],
  [0, { train: 0, validation: 0, test: 0 }],
])('cuts %i rows', (rows, expected) => {
  expect(splitQuotas(rows, shares)).toEqual(expected);
});

it('gives the odd row to test before validation', () => {
  expect(splitQuotas(10, shares)).toEqual({ train: 7, validation: 1, test: 2 });
});

it('is within one row of every share and loses none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 1, max: 98 }), fc.integer({ min: 0, max: 98 }), (rows, a, b) => {
      const train = a / 100;
      const validation = Math.min(b, 99 - a) / 100;
      const test = 1 - train - validation;
      const quotas = splitQuotas(rows, { train, validation, test });
      expect(quotas.train + quotas.validation + quotas.test).toBe(rows);
      for (const [name, share] of Object.entries({ train, validation, test })) {
        expect(Math.abs(quotas[name as keyof typeof quotas] - share * rows)).toBeLessThan(1.001);
      }
    }),
  );
});

it('refuses shares that are no whole', () => {
  expect(() => checkShares({ train: 0.7, validation: 0.2, test: 0.2 })).toThrow(expect.objectContaining({ code: 'SPLIT_SHARES' }));
  expect(() => checkShares({ train: 0.8, validation: 0.1, test: 0.1 })).not.toThrow();
});
