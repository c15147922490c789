import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digitsFor,
  formatAge,
  formatBytes,
  formatCount,
  formatDifference,
  formatMany,
  formatMilliseconds,
  formatPercent,
  formatPoints,
  formatRelative,
  formatSeconds,
  formatValue,
  shortDigest,
} from '../../../shared/words/format-number.ts';

it.each([
  [0.846, 'share', '.846'],
  [-0.061, 'share', '−.061'],
  [1, 'share', '1.000'],
  [0, 'share', '0'],
  [-0.0001, 'share', '0'],
  [4.1, 'ms', '4.1 ms'],
  [0.082, 'ms', '.082 ms'],
  [1204, 'ms', '1,204 ms'],
  [1_204_331, 'bytes', '1.2 MB'],
  [21_340, 'count', '21,340'],
  [0.3811, 'none', '.381'],
  [21_340.25, 'target', '21,340'],
  [1234.5, 'target', '1,234.5'],
  [12.3456, 'target', '12.35'],
  [null, 'share', '–'],
  [Number.NaN, 'share', '–'],
] as const)('writes %s as a %s: %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

it.each([
  [0.007, '+.007'],
  [-0.061, '−.061'],
  [0, '0'],
  [0.00001, '0'],
])('writes the difference %s as %s', (value, text) => {
  expect(formatDifference(value, 'share')).toBe(text);
});

describe('digits', () => {
  it('are as many as the narrowest width needs, three at least', () => {
    expect(digitsFor(0.02)).toBe(3);
    expect(digitsFor(0.02, 0.0004)).toBe(4);
    expect(digitsFor(1e-9)).toBe(6);
    expect(digitsFor(null, 0)).toBe(3);
  });

  it('never hide that an interval has a width', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 2e-6, max: 0.1, noNaN: true }), (low, width) => {
        const digits = digitsFor(width);
        expect(formatValue(low, 'share', digits)).not.toBe(formatValue(low + width * 1.01, 'share', digits));
      }),
    );
  });
});

it.each([
  [0.11, '11.0 %'],
  [1, '100.0 %'],
  [0.0004, '0.040 %'],
  [0, '0.0 %'],
])('writes the share %s as %s', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

it('writes relative differences and points', () => {
  expect(formatRelative(0.46)).toBe('+46 %');
  expect(formatRelative(-0.025)).toBe('−2.5 %');
  expect(formatPoints(-0.061)).toBe('6.1 points');
  expect(formatPoints(0.01)).toBe('1.0 point');
  expect(formatPoints(0.0002)).toBe('0.02 points');
});

it('writes sizes, times, ages and counts', () => {
  expect(formatBytes(512)).toBe('512 B');
  expect(formatBytes(50_000_000)).toBe('50 MB');
  expect(formatBytes(0)).toBe('0 B');
  expect(formatMilliseconds(0)).toBe('0 ms');
  expect(formatSeconds(0.44)).toBe('0.4 s');
  expect(formatSeconds(250)).toBe('4 min 10 s');
  expect(formatSeconds(3900)).toBe('1 h 5 min');
  expect(formatAge(0.4)).toBe('born today');
  expect(formatAge(38.2)).toBe('38 days old');
  expect(formatCount(-1234567)).toBe('−1,234,567');
  expect(formatMany(1, 'row')).toBe('1 row');
  expect(formatMany(1312, 'row')).toBe('1,312 rows');
  expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababab');
});

it('never writes a hyphen for a minus', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom('share', 'ms', 'bytes', 'count', 'target', 'none'),
      (value, unit) => {
        expect(formatValue(value, unit as 'share')).not.toContain('-');
      },
    ),
  );
});
