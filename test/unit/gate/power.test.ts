import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteSize } from '../../../shared/gate/byte-size.ts';
import { figure, percent, wholeNumber } from '../../../shared/gate/figures.ts';
import { autoMargin, rowsNeeded } from '../../../shared/gate/power.ts';

it('rounds a margin up to two significant digits, never by more than a tenth', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), (se) => {
      const { unrounded, margin } = autoMargin(se, 0.05, null);
      expect(margin!).toBeGreaterThanOrEqual(unrounded * (1 - 2e-9));
      expect(margin! / unrounded).toBeLessThanOrEqual(1.1 + 1e-9);
      expect(margin!.toExponential().replace(/e.*/, '').length).toBeLessThanOrEqual(3);
    }),
  );
});

it('asks for more rows the closer the estimate is to the margin, and for none that exist beyond it', () => {
  expect(rowsNeeded(1000, 0.01, 0.005, 0, 0.05)!).toBeGreaterThan(rowsNeeded(1000, 0.01, 0.005, 0.002, 0.05)!);
  expect(rowsNeeded(1000, 0.01, 0.005, -0.005, 0.05)).toBeNull();
});

it('writes figures as reviewers read them', () => {
  expect([0.0611, -0.0611, 0.005, 0.00045, 0, 1.5, 12.345, 0.2].map((value) => figure(value, 'share'))).toEqual([
    '.061',
    '−.061',
    '.005',
    '.00045',
    '0',
    '1.500',
    '12.35',
    '.200',
  ]);
  expect([52_400_000, 900, -1500].map((value) => figure(value, 'bytes'))).toEqual(['52.4 MB', '900 B', '−1.5 kB']);
  expect([figure(6.0123, 'ms'), percent(0.4567), wholeNumber(1234567)]).toEqual(['6.01 ms', '45.7 %', '1,234,567']);
});

it('reads sizes', () => {
  expect(['50MB', '1.5 GiB', '12B'].map(byteSize)).toEqual([50e6, 1.5 * 1024 ** 3, 12]);
  expect(() => byteSize('50 cups')).toThrow(/no size/);
});
