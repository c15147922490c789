import { normalCdf } from './normal.ts';
import { type Bounds, zOfLevel } from './proportion.ts';
import { compensatedSum } from './sums.ts';

/** One model's scores in ascending order: `order` lists row positions (null: rows are sorted already), `ends` the ends of ties. */
export interface Ranking {
  readonly order: Uint32Array | null;
  readonly ends: Uint32Array;
}

/** (ΣR⁺ − m(m+1)/2)/(mn) with midranks, by whole numbers up to the one division; null with one class only. `labels` are 0 and 1. */
export function rocAuc(labels: ArrayLike<number>, { order, ends }: Ranking): number | null {
  let start = 0;
  let twice = 0;
  let positives = 0;
  let negatives = 0;
  for (const end of ends) {
    let here = 0;
    for (let i = start; i < end; i++) here += labels[order ? order[i]! : i]!;
    const others = end - start - here;
    twice += here * (2 * negatives + others);
    negatives += others;
    positives += here;
    start = end;
  }
  return positives > 0 && negatives > 0 ? twice / 2 / positives / negatives : null;
}

/**
 * DeLong's structural components by Sun and Xu's midranks (2014), one a row: for a positive the share of negatives below it
 * (ties half), for a negative the share of positives above it. Their mean in either class is the AUC.
 */
export function placements(labels: ArrayLike<number>, { order, ends }: Ranking, positives: number): Float64Array {
  const n = labels.length;
  const values = new Float64Array(n);
  const negatives = n - positives;
  let start = 0;
  let below = 0;
  let negativesBelow = 0;
  for (const end of ends) {
    let here = 0;
    for (let i = start; i < end; i++) here += labels[order ? order[i]! : i]!;
    const others = end - start - here;
    const ofPositive = (negativesBelow + others / 2) / negatives;
    const ofNegative = (positives - below - here / 2) / positives;
    for (let i = start; i < end; i++) {
      const row = order ? order[i]! : i;
      values[row] = labels[row] ? ofPositive : ofNegative;
    }
    below += here;
    negativesBelow += others;
    start = end;
  }
  return values;
}

/** Rows that hang together. */
export interface Clusters {
  readonly codes: ArrayLike<number>;
  readonly count: number;
}

/**
 * Covariance of two AUCs (or the variance of one, or of a difference of placements with itself): S10/m + S01/n with m − 1 and
 * n − 1. With clusters Obuchowski's (1997), whose cluster sums join both classes. Null with fewer than two of either.
 */
export function delongCovariance(
  labels: ArrayLike<number>,
  first: Float64Array,
  second: Float64Array,
  positives: number,
  clusters: Clusters | null = null,
): number | null {
  const n = labels.length;
  const negatives = n - positives;
  if (positives < 2 || negatives < 2) return null;
  const means = [first, second].map((values) =>
    [1, 0].map((label) => compensatedSum(n, (i) => (labels[i] === label ? values[i]! : 0)) / (label ? positives : negatives)),
  );
  const [[firstOfPositives, firstOfNegatives], [secondOfPositives, secondOfNegatives]] = means as [[number, number], [number, number]];
  if (clusters) return obuchowski(labels, first, second, positives, clusters, firstOfPositives, secondOfPositives);
  let ofPositives = 0;
  let ofNegatives = 0;
  for (let i = 0; i < n; i++) {
    if (labels[i]) ofPositives += (first[i]! - firstOfPositives) * (second[i]! - secondOfPositives);
    else ofNegatives += (first[i]! - firstOfNegatives) * (second[i]! - secondOfNegatives);
  }
  return ofPositives / (positives - 1) / positives + ofNegatives / (negatives - 1) / negatives;
}

function obuchowski(
  labels: ArrayLike<number>,
  first: Float64Array,
  second: Float64Array,
  positives: number,
  { codes, count }: Clusters,
  firstAuc: number,
  secondAuc: number,
): number | null {
  const n = labels.length;
  // Per cluster: sums of both models over positives and over negatives, and how many rows of each.
  const sums = [0, 1, 2, 3].map(() => new Float64Array(count));
  const rows = [new Uint32Array(count), new Uint32Array(count)] as const;
  for (let i = 0; i < n; i++) {
    const cluster = codes[i]!;
    const label = labels[i] ? 0 : 1;
    sums[label]![cluster]! += first[i]! - firstAuc;
    sums[2 + label]![cluster]! += second[i]! - secondAuc;
    rows[label]![cluster]!++;
  }
  const groups = [0, 1].map((label) => rows[label]!.reduce((total, size) => total + (size > 0 ? 1 : 0), 0)) as [number, number];
  let all = 0;
  const products = [0, 0, 0];
  for (let g = 0; g < count; g++) {
    if (rows[0][g]! + rows[1][g]! === 0) continue;
    all++;
    products[0]! += sums[0]![g]! * sums[2]![g]!;
    products[1]! += sums[1]![g]! * sums[3]![g]!;
    products[2]! += sums[0]![g]! * sums[3]![g]! + sums[1]![g]! * sums[2]![g]!;
  }
  if (groups[0] < 2 || groups[1] < 2) return null;
  const negatives = n - positives;
  return (
    ((groups[0] / (groups[0] - 1)) * products[0]!) / positives ** 2 +
    ((groups[1] / (groups[1] - 1)) * products[1]!) / negatives ** 2 +
    ((all / (all - 1)) * products[2]!) / (positives * negatives)
  );
}

/** Below this a variance of placements is rounding: the scores decide nothing. */
export const NO_VARIANCE = 1e-18;

/** Normal bounds of a difference of AUCs. No variance: 0 when the difference is exactly 0, else none. */
export function delongBounds(difference: number, variance: number, level: number): Bounds | null {
  if (variance < NO_VARIANCE) return difference === 0 ? [0, 0] : null;
  const half = zOfLevel(level) * Math.sqrt(variance);
  return [difference - half, difference + half];
}

/** One-sided p of "the difference is at least `limit`". */
export function delongPBelow(difference: number, variance: number, limit: number): number | null {
  if (variance < NO_VARIANCE) return difference === 0 ? (limit <= 0 ? 1 : 0) : null;
  return normalCdf((difference - limit) / Math.sqrt(variance));
}
