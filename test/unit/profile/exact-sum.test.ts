import '../../support/seeded-properties.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addExact,
  exactDouble,
  exactSumText,
  meanOfSum,
  nearestDouble,
  parseExactSum,
  secondMoment,
  sumExact,
  varianceOfSums,
} from '../../../shared/profile/exact-sum.ts';

const double = fc.double({ noNaN: true, noDefaultInfinity: true });

it('gives back every double, subnormals too', () => {
  fc.assert(
    fc.property(double, (x) => {
      expect(nearestDouble(exactDouble(x))).toBe(x + 0);
    }),
  );
  for (const x of [5e-324, 1e-310, 2 ** -1022, Number.MAX_VALUE, -(2 ** -1074)]) expect(nearestDouble(exactDouble(x))).toBe(x);
});

it('adds in any order and grouping to one text, which reads back as itself', () => {
  fc.assert(
    fc.property(fc.array(double, { maxLength: 20 }), (values) => {
      const terms = values.map(exactDouble);
      const text = exactSumText(sumExact(terms));
      expect(exactSumText(sumExact([...terms].reverse()))).toBe(text);
      expect(exactSumText(terms.reduceRight(addExact, { integer: 0n, exponent: 0 }))).toBe(text);
      expect(exactSumText(parseExactSum(text))).toBe(text);
      expect(text).toMatch(/^(?:0p0|-?\d*[13579]p-?\d+)$/);
    }),
  );
});

it('loses nothing where doubles would', () => {
  const sum = sumExact([1e308, 1, -1e308, 2 ** -1074].map(exactDouble));
  expect(nearestDouble(sum)).toBe(1);
  expect(exactSumText(sum)).toBe(`${2n ** 1074n + 1n}p-1074`);
});

it('rounds a quotient once, half to even', () => {
  // 2^53 + 1 lies between two doubles, and 3 / 3 of it too; a third of 1 is what IEEE division says.
  expect(nearestDouble({ integer: 2n ** 53n + 1n, exponent: 0 })).toBe(2 ** 53);
  expect(nearestDouble({ integer: 2n ** 53n + 3n, exponent: 0 })).toBe(2 ** 53 + 4);
  expect(nearestDouble({ integer: 2n ** 54n + 3n, exponent: -1 })).toBe(2 ** 53 + 2);
  fc.assert(
    fc.property(double, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (x, n) => {
      // 0 + -0 is 0: an exact sum has one zero.
      expect(meanOfSum(exactDouble(x), n) + 0).toBe(x / n + 0);
    }),
  );
});

it('is infinite beyond the doubles, and zero below', () => {
  expect(nearestDouble({ integer: -1n, exponent: 1_024 })).toBe(Number.NEGATIVE_INFINITY);
  expect(nearestDouble({ integer: 1n, exponent: -1_075 })).toBe(0);
  expect(nearestDouble({ integer: 3n, exponent: -1_076 })).toBe(5e-324);
});

it('knows that equal values have no variance, however large', () => {
  const x = exactDouble(0.1 + 1e9);
  const [sum, squares] = [
    sumExact([x, x, x]),
    sumExact([x, x, x].map(({ integer, exponent }) => ({ integer: integer * integer, exponent: exponent * 2 }))),
  ];
  expect(varianceOfSums(sum, squares, 3, 1)).toBe(0);
  expect(secondMoment(sum, squares, 3)).toBe(0);
  expect(varianceOfSums(sum, squares, 1, 1)).toBeNaN();
});
