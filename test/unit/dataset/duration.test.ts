import { expect, it } from 'vitest';
import { durationMicroseconds } from '../../../shared/dataset/duration.ts';

it.each([
  ['250ms', 250_000],
  ['30s', 30_000_000],
  ['1.5h', 5_400_000_000],
  ['7d', 604_800_000_000],
  ['1w', 604_800_000_000],
])('%s', (text, expected) => {
  expect(durationMicroseconds(text)).toBe(expected);
});

it('refuses what is no duration', () => {
  expect(() => durationMicroseconds('soon')).toThrow(RangeError);
});
