import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adjust } from '../../../shared/statistics/multiplicity.ts';

const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

it('never makes a p smaller, and Holm never larger than Bonferroni', () => {
  fc.assert(
    fc.property(family, (p) => {
      const [holm, bh, bonferroni] = (['holm', 'bh', 'bonferroni'] as const).map((method) => adjust(p, method));
      p.forEach((value, i) => {
        expect(bh![i]!).toBeGreaterThanOrEqual(value - 1e-15);
        expect(holm![i]!).toBeGreaterThanOrEqual(bh![i]! - 1e-12);
        expect(bonferroni![i]!).toBeGreaterThanOrEqual(holm![i]! - 1e-12);
      });
    }),
  );
});

it('does not look at the order of the family', () => {
  fc.assert(
    fc.property(family, (p) => {
      for (const method of ['holm', 'bh', 'by'] as const) {
        const forwards = adjust(p, method);
        expect(adjust([...p].reverse(), method).reverse()).toEqual(forwards);
      }
    }),
  );
});

it('leaves the largest p as it is, so that a p of exactly alpha is still rejected by Benjamini–Hochberg', () => {
  expect(adjust([0.05, 0.025, 0.0166666], 'bh')[0]).toBe(0.05);
});
