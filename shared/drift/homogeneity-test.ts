import type { Places } from './rank-test.ts';

export interface Homogeneity {
  /** null where there is one category, or where every one was pooled. */
  readonly statistic: number | null;
  readonly df: number;
  /** Categories with a row on either side. */
  readonly categories: number;
  /** Two categories, one of them expected fewer than 5 times on a side: χ² is no approximation. */
  readonly sparse: boolean;
}

const leastExpected = 5;

/**
 * χ² of homogeneity of two sides. Of more than two categories, those expected fewer than 5 times on a side are pooled into one, and
 * the pool takes the next smallest (ties in the order of the places, which is by name) until it is expected 5 times itself.
 */
export function homogeneityTest({ reference, current }: Places): Homogeneity {
  let n = 0;
  let m = 0;
  const there: number[] = [];
  for (let i = 0; i < reference.length; i++) {
    n += reference[i]!;
    m += current[i]!;
    if (reference[i]! + current[i]! > 0) there.push(i);
  }
  const categories = there.length;
  if (categories < 2) return { statistic: null, df: 0, categories, sparse: false };
  const expected = (rows: number) => (rows * Math.min(n, m)) / (n + m);
  const total = (i: number) => reference[i]! + current[i]!;
  const cells: [number, number][] = [];
  const kept = (i: number) => cells.push([reference[i]!, current[i]!]);
  if (categories === 2) there.forEach(kept);
  else {
    const order = there.sort((a, b) => total(a) - total(b) || a - b);
    let pooled = 0;
    let r = 0;
    let c = 0;
    while (pooled < categories) {
      const next = order[pooled]!;
      const full = pooled === 0 || expected(r + c) >= leastExpected;
      if (full && expected(total(next)) >= leastExpected) break;
      r += reference[next]!;
      c += current[next]!;
      pooled++;
    }
    if (pooled > 0) cells.push([r, c]);
    for (let at = pooled; at < categories; at++) kept(order[at]!);
    if (cells.length < 2) return { statistic: null, df: 0, categories, sparse: false };
  }
  let statistic = 0;
  let sparse = false;
  for (const [r, c] of cells) {
    const share = (r + c) / (n + m);
    statistic += (r - n * share) ** 2 / (n * share) + (c - m * share) ** 2 / (m * share);
    sparse ||= categories === 2 && expected(r + c) < leastExpected;
  }
  return { statistic, df: cells.length - 1, categories, sparse };
}
