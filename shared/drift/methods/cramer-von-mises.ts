import type { PooledNumbers } from './pool-samples.ts';

/** Up to so many rows a side the p-value is exact, as SciPy's and Evidently's `auto`. */
const EXACT_ROWS = 20;

/** U of Anderson (1962): n Σ(r − i)² + m Σ(s − j)² over both sides' midranks r, s. */
export function cramerVonMisesU({ reference, current, n, m }: PooledNumbers): number {
  let first = 0;
  let second = 0;
  for (let i = 0, below = 0, beside = 0; i < reference.length; i++) {
    const [a, b] = [reference[i]!, current[i]!];
    const rank = below + beside + (a + b + 1) / 2;
    first += squaresOfSteps(rank - below - 1, a);
    second += squaresOfSteps(rank - beside - 1, b);
    below += a;
    beside += b;
  }
  return n * first + m * second;
}

/** Σ (start − k)², k = 0 … count − 1. */
const squaresOfSteps = (start: number, count: number): number =>
  count * start * start - start * count * (count - 1) + ((count - 1) * count * (2 * count - 1)) / 6;

/** T of the two samples (Anderson's equation 9). */
export const cramerVonMisesT = (u: number, n: number, m: number): number => u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));

export function cramerVonMisesAuto(u: number, n: number, m: number): number {
  return Math.max(n, m) <= EXACT_ROWS ? cramerVonMisesExact(u, n, m) : cramerVonMisesAsymptotic(cramerVonMisesT(u, n, m), n, m);
}

/** P(U ≥ u) over all orders of n + m different values: Xiao, Gordon and Yakovlev, J. Stat. Software 17:8 (2006), algorithm 1. */
export function cramerVonMisesExact(u: number, n: number, m: number): number {
  const multiple = leastCommonMultiple(n, m);
  const [stepN, stepM] = [multiple / n, multiple / m];
  const product = n * m;
  const least = Math.floor((multiple ** 2 * (n + m) * (6 * u - product * (4 * product - 1))) / (6 * product ** 2));
  let column: Frequencies[] = Array.from({ length: n + 1 }, () => NOTHING);
  column[0] = { values: Float64Array.of(0), ways: Float64Array.of(1) };
  for (let row = 0; row <= m; row++) {
    const next: Frequencies[] = [];
    let beside = NOTHING;
    for (let place = 0; place <= n; place++) {
      beside = add(beside, column[place]!, (stepN * place - stepM * row) ** 2);
      next.push(beside);
    }
    column = next;
  }
  const { values, ways } = column[n]!;
  let all = 0;
  let beyond = 0;
  for (let i = 0; i < values.length; i++) {
    all += ways[i]!;
    if (values[i]! >= least) beyond += ways[i]!;
  }
  return beyond / all;
}

/** Ways (whole numbers below 2^53) to reach each sum, ascending. */
interface Frequencies {
  readonly values: Float64Array;
  readonly ways: Float64Array;
}
const NOTHING: Frequencies = { values: new Float64Array(0), ways: new Float64Array(0) };

function add(a: Frequencies, b: Frequencies, shift: number): Frequencies {
  const values = new Float64Array(a.values.length + b.values.length);
  const ways = new Float64Array(values.length);
  let size = 0;
  for (let i = 0, j = 0; i < a.values.length || j < b.values.length; size++) {
    const left = i < a.values.length ? a.values[i]! : Number.POSITIVE_INFINITY;
    const right = j < b.values.length ? b.values[j]! : Number.POSITIVE_INFINITY;
    values[size] = Math.min(left, right) + shift;
    if (left <= right) ways[size]! += a.ways[i++]!;
    if (right <= left) ways[size]! += b.ways[j++]!;
  }
  return { values: values.subarray(0, size), ways: ways.subarray(0, size) };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** The limit law at T standardised by its own mean and variance (Anderson's 11, 14, 15). */
export function cramerVonMisesAsymptotic(t: number, n: number, m: number): number {
  const [product, rows] = [n * m, n + m];
  const mean = (1 + 1 / rows) / 6;
  const variance = ((rows + 1) * (4 * product * rows - 3 * (n * n + m * m) - 2 * product)) / (45 * rows * rows * 4 * product);
  const x = 1 / 6 + (t - mean) / Math.sqrt(45 * variance);
  return x < 0.003 ? 1 : Math.max(0, 1 - limitCdf(x));
}

/** Csörgő and Faraway (1996), equation 1.2; terms until one is below 1e-7, as SciPy sums them. */
function limitCdf(x: number): number {
  let sum = 0;
  // Γ(k + ½)/Γ(k + 1).
  let ratio = Math.sqrt(Math.PI);
  for (let k = 0; k < 1_000_000; k++) {
    const y = 4 * k + 1;
    const q = (y * y) / (16 * x);
    const term = (ratio / (Math.PI ** 1.5 * Math.sqrt(x))) * Math.sqrt(y) * Math.exp(-q) * besselQuarter(q);
    sum += term;
    if (!(Math.abs(term) >= 1e-7)) break;
    ratio *= (k + 0.5) / (k + 1);
  }
  return sum;
}

/** K of order ¼: ∫ exp(−q cosh t) cosh(t/4) dt from 0 (DLMF 10.32.9); the trapezoid rule converges faster than any power of its step. */
function besselQuarter(q: number): number {
  if (q > 700) return 0;
  const step = 0.1;
  let sum = 0.5 * Math.exp(-q);
  for (let t = step; ; t += step) {
    const term = Math.exp(-q * Math.cosh(t)) * Math.cosh(t / 4);
    sum += term;
    if (term < sum * 1e-18) return sum * step;
  }
}
