import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ascendingOrder, tieEnds } from '../../../shared/statistics/order.ts';
import { createRandom } from '../../../shared/statistics/random.ts';

const check = (keys: Float64Array) => {
  const order = ascendingOrder(keys);
  for (let i = 1; i < order.length; i++) {
    const [before, after] = [order[i - 1]!, order[i]!];
    expect(keys[before]! < keys[after]! || (keys[before] === keys[after] && before < after)).toBe(true);
  }
  expect(new Set(order).size).toBe(keys.length);
};

it('orders small samples, stably', () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true })), (keys) => check(Float64Array.from(keys))));
});

it('orders large samples by radix the same way: signs, zeros of both signs, ties, tiny and huge', () => {
  const random = createRandom(5);
  const wide = Float64Array.from({ length: 6000 }, () => (random.uniform() - 0.5) * 10 ** Math.floor(random.uniform() * 600 - 300));
  check(wide);
  check(Float64Array.from({ length: 6000 }, () => Math.round(random.uniform() * 20) / 20));
  check(Float64Array.from({ length: 5000 }, (_, i) => [0, -0, 1, -1][i % 4]!));
  check(Float64Array.from({ length: 5000 }, () => Math.fround(random.uniform())));
});

it('finds where ties end', () => {
  expect([...tieEnds(Float64Array.of(1, 1, 2, 3, 3), null)]).toEqual([2, 3, 5]);
  expect([...tieEnds(Float64Array.of(3, 1, 1), Uint32Array.of(1, 2, 0))]).toEqual([2, 3]);
  expect([...tieEnds(new Float64Array(0), null)]).toEqual([]);
});
