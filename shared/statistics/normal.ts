/**
 * The standard normal distribution to full double precision. Own code because simple-statistics interpolates a
 * table of two decimals (cdf) and stops at 1e-9 (quantile), while bounds here are compared to 1e-9 and better.
 */

const CENTRE_NUMERATOR = [2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356, 0.06568233791820745] as const;
const CENTRE_DENOMINATOR = [47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673] as const;
const MIDDLE_NUMERATOR = [
  0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002, 2494.5375852903726, 6848.190450536283, 11602.65143764735,
  9842.714838383978, 1.0765576773720192e-8,
] as const;
const MIDDLE_DENOMINATOR = [
  22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097, 34900.95272114598, 38912.00328609327,
  19685.429676859992,
] as const;
const TAIL_NUMERATOR = [
  0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934, 2.9112874951168793e-5, 0.023073441764940174,
] as const;
const TAIL_DENOMINATOR = [1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5] as const;
const SQRT_1_OVER_2PI = 0.3989422804014327;

/** P(Z ≤ z). Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), in the form of R's pnorm. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const y = Math.abs(z);
  if (y <= 0.67448975) {
    const square = y > 1.11e-16 ? z * z : 0;
    let numerator = CENTRE_NUMERATOR[4] * square;
    let denominator = square;
    for (let i = 0; i < 3; i++) {
      numerator = (numerator + CENTRE_NUMERATOR[i]!) * square;
      denominator = (denominator + CENTRE_DENOMINATOR[i]!) * square;
    }
    return 0.5 + (z * (numerator + CENTRE_NUMERATOR[3])) / (denominator + CENTRE_DENOMINATOR[3]);
  }
  const tail = upperTail(y);
  return z > 0 ? 1 - tail : tail;
}

/** P(Z > z), without the cancellation of 1 − cdf. */
export const normalSf = (z: number): number => normalCdf(-z);

/** P(Z > y) for y > 0.67448975. */
function upperTail(y: number): number {
  if (y > 38.5) return 0;
  let ratio: number;
  if (y <= Math.sqrt(32)) {
    let numerator = MIDDLE_NUMERATOR[8] * y;
    let denominator = y;
    for (let i = 0; i < 7; i++) {
      numerator = (numerator + MIDDLE_NUMERATOR[i]!) * y;
      denominator = (denominator + MIDDLE_DENOMINATOR[i]!) * y;
    }
    ratio = (numerator + MIDDLE_NUMERATOR[7]) / (denominator + MIDDLE_DENOMINATOR[7]);
  } else {
    const square = 1 / (y * y);
    let numerator = TAIL_NUMERATOR[5] * square;
    let denominator = square;
    for (let i = 0; i < 4; i++) {
      numerator = (numerator + TAIL_NUMERATOR[i]!) * square;
      denominator = (denominator + TAIL_DENOMINATOR[i]!) * square;
    }
    ratio = (square * (numerator + TAIL_NUMERATOR[4])) / (denominator + TAIL_DENOMINATOR[4]);
    ratio = (SQRT_1_OVER_2PI - ratio) / y;
  }
  // exp(−y²/2) in two factors: the first exponent is exact, so the rounding of y² does not grow.
  const whole = Math.trunc(y * 16) / 16;
  return Math.exp(-whole * whole * 0.5) * Math.exp(-(y - whole) * (y + whole) * 0.5) * ratio;
}

const polynomial = (coefficients: readonly number[], x: number) => coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
const A = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087, 33430.57558358813,
  2509.0809287301227,
];
const B = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943, 5226.495278852854,
];
const C = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const D = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345,
  1.0507500716444169e-9,
];
const E = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124, 0.0012426609473880784,
  2.7115555687434876e-5, 2.0103343992922881e-7,
];
const F = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5, 1.421511758316446e-7,
  2.0442631033899397e-15,
];

/** z with P(Z ≤ z) = p; ±∞ at 0 and 1. Wichura, algorithm AS 241 (PPND16), about 1e-16 relative. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(A, r)) / polynomial(B, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size = r <= 5 ? polynomial(C, r - 1.6) / polynomial(D, r - 1.6) : polynomial(E, r - 5) / polynomial(F, r - 5);
  return q < 0 ? -size : size;
}
