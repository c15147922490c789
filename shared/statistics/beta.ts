import { binomialDensity } from './saddle-point.ts';

/** Regularised incomplete beta: `lower` is I_x(a, b), `upper` its complement, each exact in its own tail. `y` is 1 − x as the caller knows it. */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): { readonly lower: number; readonly upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (x > (a + 1) / (a + b + 2)) {
    const { lower, upper } = incompleteBeta(b, a, y, x);
    return { lower: upper, upper: lower };
  }
  // xᵃ yᵇ / (a B(a, b)), by the saddle point.
  const front = (binomialDensity(a, a + b, x, y) * b) / (a + b);
  const lower = Math.min(1, front * continuedFraction(a, b, x));
  return { lower, upper: 1 - lower };
}

/** Modified Lentz on the continued fraction DLMF 8.17.22; takes about √max(a, b) steps. */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let value = d;
  for (let m = 1; m < 200_000; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 + numerator * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + numerator / c;
      if (Math.abs(c) < tiny) c = tiny;
      value *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
}

/** x with I_x(a, b) = p: bisection on the bits that matter, then as far as doubles go. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 1100; step++) {
    // Geometric halves near zero: a lower bound of 1e-12 deserves its digits too.
    const middle =
      low > 0 && high / low > 4 ? Math.sqrt(low * high) : low === 0 && high > 1e-290 && step > 4 ? high / 16 : (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (incompleteBeta(a, b, middle).lower < p) low = middle;
    else high = middle;
    if (high - low <= 1e-16 * high) break;
  }
  return (low + high) / 2;
}
