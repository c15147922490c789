import { binomialDensity } from './saddle-point.ts';

/**
 * P(Dₙ ≥ d) of the two-sided Kolmogorov–Smirnov statistic of n rows against a known distribution.
 * Which formula where: Simard and L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov distribution",
 * J. Stat. Software 39:11 (2011), with the borders that SciPy's `kstwo` takes, so that both print the same p.
 */
export function kstwoSurvival(d: number, n: number): number {
  if (!(n >= 1) || Number.isNaN(d)) return Number.NaN;
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const t = n * d;
  if (t <= 0.5) return 1;
  // Ruben and Gambino's closed forms at both ends.
  if (t <= 1) return 1 - factorialShare(n, 2 * t - 1);
  if (t >= n - 1) return clip(2 * (1 - d) ** n);
  const square = t * d;
  if (d >= 0.5 || square >= (n <= 140 ? 4 : 2.2)) return clip(2 * smirnovSurvival(d, n));
  const exact = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  return clip(1 - (exact ? durbinCdf(n, d) : pelzGoodCdf(n, d)));
}

const clip = (p: number) => Math.min(1, Math.max(0, p));

/** Terms of Smirnov's sum that are looked at one by one; above, a grid of this many. */
const GRID = 2000;

/**
 * P(Dₙ⁺ ≥ d), one-sided: Smirnov's sum (1944) d Σ C(n,v) pᵛ⁻¹ (1−p)ⁿ⁻ᵛ with p = d + v/n; every term is a binomial density
 * over p, hence positive and exact. The terms are smooth in v and vanish with all derivatives at both ends, so for large n
 * the trapezoid rule on a coarser grid errs less than the rounding.
 */
export function smirnovSurvival(d: number, n: number): number {
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const last = Math.floor(n * (1 - d));
  const step = Math.max(1, Math.floor(n / GRID));
  let sum = 0;
  for (let v = 0; v <= last; v += step) {
    const rest = n - v;
    const q = (rest - n * d) / n;
    if (q > 0) sum += binomialDensity(v, n, 1 - q, q) / (1 - q);
    else if (v === n) sum += 1;
  }
  return Math.min(1, d * step * sum);
}

/** n!/nⁿ · sⁿ. */
function factorialShare(n: number, s: number): number {
  let product = 1;
  for (let i = 1; i <= n && product > 0; i++) product *= (i / n) * s;
  return product;
}

/** Durbin's matrix (1968) as Marsaglia, Tsang and Wang raise it to its power (2003): exact, for few steps n·d. */
function durbinCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const h = k - n * d;
  const m = 2 * k - 1;
  const inverse = new Float64Array(m + 1).fill(1);
  for (let i = 1; i <= m; i++) inverse[i] = inverse[i - 1]! / i;
  let base = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 1; j < m; j++) if (i - j + 1 >= 0) base[i * m + j] = inverse[i - j + 1]!;
  for (let i = 0; i < m; i++) {
    const edge = (1 - h ** (i + 1)) * inverse[i + 1]!;
    base[i * m] = edge;
    base[(m - 1) * m + (m - 1 - i)] = edge;
  }
  base[(m - 1) * m] = (1 - 2 * h ** m + Math.max(2 * h - 1, 0) ** m) * inverse[m]!;
  let power = new Float64Array(m * m);
  for (let i = 0; i < m; i++) power[i * m + i] = 1;
  let exponent = 0;
  let baseExponent = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = product(power, base, m);
      exponent += baseExponent;
    }
    if (rest === 1) break;
    base = product(base, base, m);
    baseExponent *= 2;
    const middle = base[(k - 1) * m + k - 1]!;
    if (middle > SCALE) {
      for (let i = 0; i < base.length; i++) base[i]! /= SCALE;
      baseExponent += 128;
    }
  }
  let p = power[(k - 1) * m + k - 1]!;
  for (let i = 1; i <= n; i++) {
    p = (i * p) / n;
    if (p < 1 / SCALE) {
      p *= SCALE;
      exponent -= 128;
    }
  }
  return p * 2 ** exponent;
}

const SCALE = 2 ** 128;

function product(a: Float64Array, b: Float64Array, m: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let l = 0; l < m; l++) {
      const left = a[i * m + l]!;
      if (left !== 0) for (let j = 0; j < m; j++) out[i * m + j]! += left * b[l * m + j]!;
    }
  return out;
}

/** Pelz and Good's series (1976): K0 + K1/√n + K2/n + K3/n^1.5, for many rows near the middle of the distribution. */
function pelzGoodCdf(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const square = Math.PI ** 2;
  if (square / 8 / z2 > 708) return 0;
  const q = Math.exp(-square / 8 / z2);
  let [k0, k1, k2, k3] = [0, 0, 0, 0];
  const terms = Math.ceil((16 * z) / Math.PI);
  for (let k = terms; k >= 1; k--) {
    const m2 = (2 * k - 1) ** 2;
    const m4 = m2 * m2;
    const m6 = m4 * m2;
    const step = q ** (8 * k);
    k0 = k0 * step + 1;
    k1 = k1 * step - z2 + (square / 4) * m2;
    k2 = k2 * step + 6 * z6 + 2 * z4 + (((2 * z4 - 5 * z2) * square) / 4) * m2 + ((square ** 2 * (1 - 2 * z2)) / 16) * m4;
    k3 =
      k3 * step +
      (-30 * z6 - 90 * z4 * z4) +
      ((square * (135 * z4 - 96 * z6)) / 4) * m2 +
      ((square ** 2 * (-60 * z2 + 212 * z4)) / 16) * m4 +
      ((square ** 3 * (5 - 30 * z2)) / 64) * m6;
  }
  const root = Math.sqrt(2 * Math.PI);
  k0 *= (q * root) / z;
  k1 *= (q * root) / (6 * z4);
  k2 *= (q * root) / (72 * z6 * z);
  k3 *= (q * root) / (6480 * z6 * z4);
  const even = Math.exp(-square / 2 / z2);
  for (let k = terms; k >= 1; k--) {
    const weight = k * k * even ** (k * k);
    k2 += (weight * square * root) / (-36 * z2 * z);
    k3 += ((3 * z2 - square * k * k) * weight * square * root) / (216 * z6);
  }
  return k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}
