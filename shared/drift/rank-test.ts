/** Rows of both sides over the same places, in order of value. */
export interface Places {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/**
 * Location and scale by ranks: the Legendre polynomials P1 and P2 of u = (2·midrank − 1)/N − 1, the difference d of their means and
 * T = d'V⁻d with V = Cov(P)·(1/n + 1/m) over both sides together (ddof 1), χ² with rank V degrees of freedom (Cucconi 1968,
 * Lepage 1971). Eigenvalues of at most 1e-9 of the largest count as 0; rows of one value have none: `df` is 0, T null.
 */
export function rankTest({ reference, current }: Places): { readonly statistic: number | null; readonly df: number } {
  let n = 0;
  let m = 0;
  for (let i = 0; i < reference.length; i++) {
    n += reference[i]!;
    m += current[i]!;
  }
  const rows = n + m;
  // Sums of P1, P2 of either side, then squares about the means of all rows: a second walk keeps their digits.
  let r1 = 0;
  let r2 = 0;
  let c1 = 0;
  let c2 = 0;
  for (let i = 0, below = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const c = current[i]!;
    const u = (2 * below + r + c) / rows - 1;
    const v = (3 * u * u - 1) / 2;
    r1 += r * u;
    r2 += r * v;
    c1 += c * u;
    c2 += c * v;
    below += r + c;
  }
  const mean1 = (r1 + c1) / rows;
  const mean2 = (r2 + c2) / rows;
  let s11 = 0;
  let s12 = 0;
  let s22 = 0;
  for (let i = 0, below = 0; i < reference.length; i++) {
    const here = reference[i]! + current[i]!;
    const u = (2 * below + here) / rows - 1;
    const a = u - mean1;
    const b = (3 * u * u - 1) / 2 - mean2;
    s11 += here * a * a;
    s12 += here * a * b;
    s22 += here * b * b;
    below += here;
  }
  const scale = (1 / n + 1 / m) / (rows - 1);
  return pseudoInverseForm([r1 / n - c1 / m, r2 / n - c2 / m], [s11 * scale, s12 * scale, s22 * scale]);
}

/** d'V⁻d of a symmetric 2 × 2 V, with the rank of V. */
function pseudoInverseForm([x, y]: readonly [number, number], [a, b, c]: readonly [number, number, number]) {
  const middle = (a + c) / 2;
  const radius = Math.hypot((a - c) / 2, b);
  const large = middle + radius;
  if (!(large > 0)) return { statistic: null, df: 0 };
  // The product of the eigenvalues is the determinant: the small one by division keeps its digits.
  const small = Math.max(0, (a * c - b * b) / large);
  const angle = Math.atan2(2 * b, a - c) / 2;
  const along = x * Math.cos(angle) + y * Math.sin(angle);
  const across = y * Math.cos(angle) - x * Math.sin(angle);
  const first = (along * along) / large;
  return small > 1e-9 * large ? { statistic: first + (across * across) / small, df: 2 } : { statistic: first, df: 1 };
}
