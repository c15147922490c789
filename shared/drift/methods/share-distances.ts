/** Distances between two lists of shares over the same bins; each list adds up to 1 unless said otherwise. */

export const sharesOf = (counts: Float64Array, rows: number): Float64Array => counts.map((count) => count / rows);

/** Evidently's filling: a zero becomes the smallest positive share / 1e6 where that is at most 1e-4, else 1e-4. Not renormalised. */
export function fillZeros(shares: Float64Array): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  for (const share of shares) if (share > 0 && share < least) least = share;
  const filling = least <= 0.0001 ? least / 1e6 : 0.0001;
  return shares.map((share) => (share === 0 ? filling : share));
}

const total = (of: (i: number) => number, length: number): number => {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += of(i);
  return sum;
};

/** Σ(p − q) ln(p/q) of shares without zeros. */
export const populationStability = (p: Float64Array, q: Float64Array): number =>
  total((i) => (p[i]! - q[i]!) * Math.log(p[i]! / q[i]!), p.length);

/** Σ p ln(p/q), both made to add up to 1 first (`scipy.stats.entropy`), of shares without zeros. */
export function kullbackLeibler(p: Float64Array, q: Float64Array): number {
  const [a, b] = [total((i) => p[i]!, p.length), total((i) => q[i]!, q.length)];
  return total((i) => (p[i]! / a) * Math.log(p[i]! / a / (q[i]! / b)), p.length);
}

/** The square root of the Jensen–Shannon divergence, natural logarithm: at most √ln 2. */
export function jensenShannon(p: Float64Array, q: Float64Array): number {
  const divergence = total((i) => {
    const middle = (p[i]! + q[i]!) / 2;
    return (p[i]! > 0 ? p[i]! * Math.log(p[i]! / middle) : 0) + (q[i]! > 0 ? q[i]! * Math.log(q[i]! / middle) : 0);
  }, p.length);
  return Math.sqrt(Math.max(0, divergence) / 2);
}

/** √(½ Σ(√p − √q)²): at most 1; exactly 0 for equal shares, which √(1 − Σ√pq) is not. */
export const hellinger = (p: Float64Array, q: Float64Array): number =>
  Math.sqrt(total((i) => (Math.sqrt(p[i]!) - Math.sqrt(q[i]!)) ** 2, p.length) / 2);

/** ½ Σ|p − q|: the share of rows that would have to move. */
export const totalVariation = (p: Float64Array, q: Float64Array): number => total((i) => Math.abs(p[i]! - q[i]!), p.length) / 2;

export const largestDifference = (p: Float64Array, q: Float64Array): number =>
  p.reduce((largest, share, i) => Math.max(largest, Math.abs(share - q[i]!)), 0);
