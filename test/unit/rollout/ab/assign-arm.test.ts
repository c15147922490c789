import { expect, it } from 'vitest';
import * as published from '../../../../examples/ab-assignment/assign.ts';
import { assignArm, assignEvenly, placeOf } from '../../../../shared/rollout/ab/assign-arm.ts';

const users = Array.from({ length: 10_000 }, (_, at) => `user_${at}`);

it('splits in half as published', () => {
  expect(['alice', 'bob', 'user_1', 'user_2', ''].map(assignEvenly)).toEqual(['control', 'control', 'treatment', 'control', 'control']);
  expect(users.filter((user) => assignEvenly(user) === 'treatment')).toHaveLength(4971);
});

it('is what the example publishes', () => {
  const arms = [
    ['control', 0.8],
    ['a', 0.15],
    ['b', 0.05],
  ] as const;
  const own = arms.map(([name, share]) => ({ name, share }));
  for (const user of [...users.slice(0, 2_000), '', 'Zoë', '用户', 'a\tb']) {
    expect(published.assignEvenly(user)).toBe(assignEvenly(user));
    expect(published.assignArm(user, 'x', arms)).toBe(assignArm(user, 'x', own));
  }
});

it('keeps to any shares, and another salt is another experiment', () => {
  const arms = [
    { name: 'control', share: 0.9 },
    { name: 'treatment', share: 0.1 },
  ];
  const treated = (salt: string) => new Set(users.filter((user) => assignArm(user, salt, arms) === 'treatment'));
  const [first, second] = [treated('checkout-1'), treated('checkout-2')];
  // Binomial(10000, .1) ± 5 standard deviations, and a tenth of a tenth in both.
  for (const one of [first, second]) expect(Math.abs(one.size - 1000)).toBeLessThan(150);
  expect(Math.abs([...first].filter((user) => second.has(user)).length - 100)).toBeLessThan(50);
  expect(assignArm('alice', 's', arms)).toBe(assignArm('alice', 's', arms));
  expect(users.every((user) => placeOf(user, 's') >= 0 && placeOf(user, 's') <= 1)).toBe(true);
});

it('gives the last arm what rounding leaves, and refuses no arms', () => {
  expect(
    assignArm('alice', 's', [
      { name: 'a', share: 0 },
      { name: 'b', share: 0 },
    ]),
  ).toBe('b');
  expect(() => assignArm('alice', 's', [])).toThrow(RangeError);
});
