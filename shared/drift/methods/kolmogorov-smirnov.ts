import { kstwoSurvival } from '../../statistics/kolmogorov.ts';
import type { PooledNumbers } from './pool-samples.ts';

/** Up to so many rows a side the p-value is exact, as SciPy's `auto`. */
const EXACT_ROWS = 10_000;

/** D, the largest difference of the two shares at or below a value. O(values). */
export function ksStatistic({ reference, current, n, m }: PooledNumbers): number {
  let d = 0;
  for (let i = 0, below = 0, beside = 0; i < reference.length; i++) {
    below += reference[i]!;
    beside += current[i]!;
    d = Math.max(d, Math.abs(below / n - beside / m));
  }
  return d;
}

export const ksAuto = (d: number, n: number, m: number): number =>
  Math.max(n, m) <= EXACT_ROWS ? ksExact(d, n, m) : ksAsymptotic(d, n, m);

/** kstwo(round(nm/(n + m))), half to even as NumPy rounds. */
export function ksAsymptotic(d: number, n: number, m: number): number {
  const rows = (n * m) / (n + m);
  const below = Math.floor(rows);
  const up = rows - below > 0.5 || (rows - below === 0.5 && below % 2 === 1);
  const rounded = up ? below + 1 : below;
  return rounded >= 1 ? kstwoSurvival(d, rounded) : 1;
}

/** P(D ≥ d) over all orders of n + m different values (Hodges 1958), as `scipy.stats.ks_2samp` counts them. O(n·m) at most. */
export function ksExact(d: number, n: number, m: number): number {
  const divisor = greatestCommonDivisor(n, m);
  const multiple = (n / divisor) * m;
  const h = Math.round(d * multiple);
  if (h === 0) return 1;
  const p = n === m ? outsideSquare(n, h) : outsideBand(Math.max(n, m), Math.min(n, m), divisor, h);
  return Math.min(1, Math.max(0, p));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Equal sizes: the reflection principle, 2(A0 − A0A1 + …) by Horner, so that nothing cancels. */
function outsideSquare(n: number, h: number): number {
  let p = 0;
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let share = 1;
    for (let j = 0; j < h; j++) share = ((n - k * h - j) * share) / (n + k * h + j + 1);
    p = share * (1 - p);
  }
  return 2 * p;
}

/** Share of the lattice paths to (m, n) that leave the band |nx − my|/g < h: column by column, each the mean of its two ways in. */
function outsideBand(m: number, n: number, divisor: number, h: number): number {
  const stepM = m / divisor;
  const stepN = n / divisor;
  let low = 0;
  let high = Math.min(Math.ceil(h / stepM), n + 1);
  let width = high - low;
  const outside = new Float64Array(Math.min(2 * high + 2, n + 1)).fill(1);
  outside.fill(0, 0, high);
  for (let i = 1; i <= m; i++) {
    const lastLow = low;
    const lastWidth = width;
    low = Math.min(Math.max(Math.floor((stepN * i - h) / stepM) + 1, 0), n);
    high = Math.min(Math.ceil((stepN * i + h) / stepM), n + 1);
    if (high <= low) return 1;
    width = high - low;
    let value = low === 0 ? 0 : 1;
    const shift = low - lastLow;
    for (let k = 0; k < width; k++) {
      const j = k + low;
      value = (outside[k + shift]! * i + value * j) / (i + j);
      outside[k] = value;
    }
    if (lastWidth > width) outside.fill(1, width, lastWidth);
  }
  return outside[width - 1]!;
}
