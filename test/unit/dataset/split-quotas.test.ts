import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkShares, splitNames, splitQuotas } from '../../../shared/dataset/split-quotas.ts';

const shares = { train: 0.7, validation: 0.15, test: 0.15 };

it.each([
  [1000, { train: 700, validation: 150, test: 150 }],
  [200, { train: 140, validation: 30, test: 30 }],
  [700, { train: 490, validation: 105, test: 105 }],
  [7, { train: 5, validation: 1, test: 1 }],
  [1, { train: 1, validation: 0, test: 0 }],
  [0, { train: 0, validation: 0, test: 0 }],
])('cuts %i rows', (rows, expected) => {
  expect(splitQuotas([rows], shares)).toEqual([expected]);
});

it('gives the odd row to test before validation', () => {
  expect(splitQuotas([10], shares)).toEqual([{ train: 7, validation: 1, test: 2 }]);
});

it('gives back in the next stratum what it rounded away', () => {
  const quotas = splitQuotas([90, 30], shares);
  expect(quotas).toEqual([
    { train: 63, validation: 13, test: 14 },
    { train: 21, validation: 5, test: 4 },
  ]);
});

it('is less than a row from every share, in strata and as a whole, and loses none', () => {
  const strata = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(strata, fc.integer({ min: 1, max: 98 }), fc.integer({ min: 0, max: 98 }), (rows, a, b) => {
      const train = a / 100;
      const validation = Math.min(b, 99 - a) / 100;
      const whole = { train, validation, test: 1 - train - validation };
      const quotas = splitQuotas(rows, whole);
      quotas.forEach((cell, index) => {
        expect(cell.train + cell.validation + cell.test).toBe(rows[index]);
        for (const name of splitNames) expect(Math.abs(cell[name] - whole[name] * rows[index]!)).toBeLessThan(1);
      });
      const total = rows.reduce((sum, count) => sum + count, 0);
      for (const name of splitNames) {
        expect(Math.abs(quotas.reduce((sum, cell) => sum + cell[name], 0) - whole[name] * total)).toBeLessThan(1.5);
      }
    }),
    { numRuns: 500 },
  );
});

it('refuses shares that are no whole', () => {
  expect(() => checkShares({ train: 0.7, validation: 0.2, test: 0.2 })).toThrow(expect.objectContaining({ code: 'SPLIT_SHARES' }));
  expect(() => checkShares({ train: 0.8, validation: 0.1, test: 0.1 })).not.toThrow();
});
