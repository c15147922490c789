/**
 * Loader's saddle-point pieces ("Fast and accurate computation of binomial probabilities", 2000): binomial densities
 * at full relative precision for any n. A difference of log-gammas loses a digit for every power of ten of n.
 */

const HALF_LOG_2PI = 0.9189385332046728;
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** ln Γ(x) for x > 0: Lanczos with g = 607/128 and 15 terms (Godfrey 2001). */
export function logGamma(x: number): number {
  if (x === 1 || x === 2) return 0;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x + i - 1);
  const shifted = x - 1 + 607 / 128 + 0.5;
  return HALF_LOG_2PI + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/** ln Γ(x + 1) − [(x + ½) ln x − x + ½ ln 2π]: what Stirling's formula leaves. */
function stirlingError(x: number): number {
  if (x <= 15) return x === 0 ? 0 : logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_2PI;
  const square = x * x;
  return (
    (1 / 12 -
      (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - (691 / 360360 - 1 / 156 / square) / square) / square) / square) / square) / square) /
    x
  );
}

/** x ln(x/m) + m − x, without cancellation when x is near m. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) < 0.1 * (x + mean)) {
    const v = (x - mean) / (x + mean);
    let sum = (x - mean) * v;
    let term = 2 * x * v;
    for (let j = 1; j < 1000; j++) {
      term *= v * v;
      const next = sum + term / (2 * j + 1);
      if (next === sum) return next;
      sum = next;
    }
  }
  return x * Math.log(x / mean) + mean - x;
}

/** Γ(n+1)/(Γ(x+1)Γ(n−x+1)) pˣ qⁿ⁻ˣ, also for x and n that are not whole. `q` is 1 − p as the caller knows it. */
export function binomialDensity(x: number, n: number, p: number, q: number): number {
  if (x < 0 || x > n) return 0;
  if (p === 0) return x === 0 ? 1 : 0;
  if (q === 0) return x === n ? 1 : 0;
  if (x === 0) return n === 0 ? 1 : Math.exp(p < 0.1 ? -deviance(n, n * q) - n * p : n * Math.log(q));
  if (x === n) return Math.exp(q < 0.1 ? -deviance(n, n * p) - n * q : n * Math.log(p));
  const exponent = stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return Math.exp(exponent - HALF_LOG_2PI - 0.5 * (Math.log(x) + Math.log1p(-x / n)));
}

/** mᵃ e⁻ᵐ / Γ(a + 1), also for a that is not whole. */
export function poissonDensity(a: number, mean: number): number {
  if (mean === 0) return a === 0 ? 1 : 0;
  if (a === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(a) - deviance(a, mean) - HALF_LOG_2PI - 0.5 * Math.log(a));
}
