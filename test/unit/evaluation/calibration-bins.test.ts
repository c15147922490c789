import { expect, it } from 'vitest';
import { calibrationBin } from '../../../shared/evaluation/calibration-bins.ts';

/** The next double above. */
const after = (value: number) => {
  const bits = new BigUint64Array(Float64Array.of(value).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
};

it('puts an edge into the bin below it, and the next double above', () => {
  expect(calibrationBin(0)).toBe(0);
  for (let k = 1; k <= 10; k++) {
    expect(calibrationBin(k / 10)).toBe(k - 1);
    if (k < 10) expect(calibrationBin(after(k / 10))).toBe(k);
  }
});
