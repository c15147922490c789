import type { NumericSample } from '../sample.ts';
import type { PooledNumbers } from './pool-samples.ts';

/** A value is at most this share of its bucket's middle away from it (`shared/profile/bucket.ts`). */
const HALF_WIDTH = 1 / 128;

/** D: inside a bucket the two shares part by at most the larger of its two masses. */
export function ksBound({ reference, current, n, m }: PooledNumbers): number {
  let largest = 0;
  for (let i = 0; i < reference.length; i++) largest = Math.max(largest, reference[i]! / n, current[i]! / m);
  return largest;
}

/** W1: moving every value to its bucket's middle costs at most the half-widths. */
export const wassersteinBound = (reference: NumericSample, current: NumericSample): number =>
  HALF_WIDTH * (meanSize(reference) + meanSize(current));

/** W1 over the reference's standard deviation, which itself moves by at most the root mean square of the half-widths. */
export function scaledWassersteinBound(reference: NumericSample, current: NumericSample, distance: number, scale: number): number {
  const moved = HALF_WIDTH * rootMeanSquare(reference);
  const least = Math.max(scale - moved, 0.001);
  return (distance + wassersteinBound(reference, current)) / least - distance / scale;
}

/** Energy distance: √2‖F − G‖, and ‖F − F′‖² ≤ sup · ∫ of |F − F′| on either side. */
export const energyBound = (reference: NumericSample, current: NumericSample): number =>
  [reference, current].reduce((sum, side) => sum + Math.sqrt(2 * largestShare(side) * HALF_WIDTH * meanSize(side)), 0);

function meanSize({ values, counts, n }: NumericSample): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (counts[i]! / n) * Math.abs(values[i]!);
  return sum;
}

function rootMeanSquare({ values, counts, n }: NumericSample): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (counts[i]! / n) * values[i]! ** 2;
  return Math.sqrt(sum);
}

const largestShare = ({ counts, n }: NumericSample): number => counts.reduce((largest, count) => Math.max(largest, count / n), 0);
