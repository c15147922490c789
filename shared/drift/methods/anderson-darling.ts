import type { PooledNumbers } from './pool-samples.ts';

export interface AndersonDarling {
  /** Normalised as Scholz and Stephens; null below four rows or with one value only. */
  readonly statistic: number | null;
  /** Interpolated in their table 2, hence never outside [.001, .25]. */
  readonly p: number | null;
}

/** The k-sample test of Scholz and Stephens (JASA 82, 1987) for two samples, by midranks (equation 7), as `scipy.stats.anderson_ksamp`. */
export function andersonDarling({ reference, current, n, m }: PooledNumbers): AndersonDarling {
  const rows = n + m;
  if (reference.length < 2 || rows < 4 || n === 0 || m === 0) return { statistic: null, p: null };
  let sum = 0;
  for (let i = 0, below = 0, beside = 0; i < reference.length; i++) {
    const [first, second] = [reference[i]!, current[i]!];
    const tied = first + second;
    const place = below + beside + tied / 2;
    const weight = tied / rows / (place * (rows - place) - (rows * tied) / 4);
    const excess = rows * (below + first / 2) - place * n;
    // The other side's excess is the same with the sign changed.
    sum += weight * excess * excess * (1 / n + 1 / m);
    below += first;
    beside += second;
  }
  const statistic = (sum * ((rows - 1) / rows) - 1) / Math.sqrt(variance(rows, 1 / n + 1 / m));
  return { statistic, p: interpolate(statistic) };
}

/** Equation 4 with k = 2. */
function variance(rows: number, inverses: number): number {
  const h = harmonic(rows - 1);
  const last = harmonic(rows);
  // Σ 1/((N − i) j) over 1 ≤ i < j < N, closed by Σ H_k/(N − k) = H_N² − H_N⁽²⁾.
  const g = harmonicSquares(rows) - (2 * last - 1 / rows) / rows;
  const a = 4 * g - 6 + (10 - 6 * g) * inverses;
  const b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6;
  const c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverses + 4 * h;
  const d = 4 * (2 * h + 6) - 8 * h;
  return (((a * rows + b) * rows + c) * rows + d) / ((rows - 1) * (rows - 2) * (rows - 3));
}

const EULER = 0.5772156649015329;

/** 1 + 1/2 + … + 1/n: summed up to 100, then Euler and Maclaurin. */
function harmonic(n: number): number {
  if (n <= 100) {
    let sum = 0;
    for (let i = n; i >= 1; i--) sum += 1 / i;
    return sum;
  }
  const square = 1 / (n * n);
  return Math.log(n) + EULER + 1 / (2 * n) - square / 12 + (square * square) / 120;
}

/** 1 + 1/4 + … + 1/n². */
function harmonicSquares(n: number): number {
  if (n <= 100) {
    let sum = 0;
    for (let i = n; i >= 1; i--) sum += 1 / (i * i);
    return sum;
  }
  const inverse = 1 / n;
  return Math.PI ** 2 / 6 - inverse + inverse ** 2 / 2 - inverse ** 3 / 6 + inverse ** 5 / 30;
}

const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
/** Table 2: b0 + b1/√(k − 1) + b2/(k − 1), here k = 2. */
const CRITICAL = [
  [0.675, -0.245, -0.105],
  [1.281, 0.25, -0.305],
  [1.645, 0.678, -0.362],
  [1.96, 1.149, -0.391],
  [2.326, 1.822, -0.396],
  [2.573, 2.364, -0.345],
  [3.085, 3.615, -0.154],
].map(([b0, b1, b2]) => b0! + b1! + b2!);

function interpolate(statistic: number): number {
  if (statistic < CRITICAL[0]!) return LEVELS[0]!;
  if (statistic > CRITICAL[6]!) return LEVELS[6]!;
  const [constant, slope, bend] = quadratic;
  const x = statistic - MIDDLE;
  return Math.exp(constant + slope * x + bend * x * x);
}

const MIDDLE = 3;
/** Least squares of ln(level) on 1, x, x², x = critical value − 3, by Cramer's rule. */
const quadratic = fitQuadratic(
  CRITICAL.map((value) => value - MIDDLE),
  LEVELS.map(Math.log),
);

function fitQuadratic(x: readonly number[], y: readonly number[]): readonly [number, number, number] {
  const power = (k: number) => x.reduce((sum, value) => sum + value ** k, 0);
  const mixed = (k: number) => x.reduce((sum, value, i) => sum + value ** k * y[i]!, 0);
  const [s0, s1, s2, s3, s4] = [0, 1, 2, 3, 4].map(power) as [number, number, number, number, number];
  const [t0, t1, t2] = [0, 1, 2].map(mixed) as [number, number, number];
  const determinant = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) =>
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const whole = determinant(s0, s1, s2, s1, s2, s3, s2, s3, s4);
  return [
    determinant(t0, s1, s2, t1, s2, s3, t2, s3, s4) / whole,
    determinant(s0, t0, s2, s1, t1, s3, s2, t2, s4) / whole,
    determinant(s0, s1, t0, s1, s2, t1, s2, s3, t2) / whole,
  ];
}
