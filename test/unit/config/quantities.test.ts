import { expect, it } from 'vitest';
import { parseBytes, parseDuration } from '../../../shared/config/quantities.ts';

it.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
])('%s is %d ms', (text, value) => expect(parseDuration(text)).toBe(value));

it.each([
  [5, 5],
  ['50MB', 50_000_000],
  ['1.5 KiB', 1536],
  ['2GiB', 2_147_483_648],
] as const)('%s is %d bytes', (text, value) => expect(parseBytes(text)).toBe(value));

it('refuses what the schema would not have let through', () => {
  expect(() => parseDuration('soon')).toThrow(RangeError);
  expect(() => parseBytes('50 mb')).toThrow(RangeError);
});
