import { bucketMiddle, bucketOrder, bucketRange } from '../profile/bucket.ts';
import type { NumericCounts } from '../profile/column-counts.ts';
import { ordersOf } from '../profile/numeric-counts.ts';
import { total } from './dispersion.ts';

/** Numbers in order with the rows of both sides: each value where both sides know theirs, else the middles of buckets. */
export interface Points {
  readonly at: Float64Array;
  /** How wide each is: 0 of a value. */
  readonly width: Float64Array;
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

export function pointsOf(reference: NumericCounts, current: NumericCounts): Points {
  const known = reference.values !== null && current.values !== null;
  const rows = new Map<number, [number, number, number]>();
  for (const [side, counts] of [reference, current].entries()) {
    const parts: Iterable<readonly [number, number]> = known ? (counts.values ?? []) : ordersOf(counts);
    for (const [place, n] of parts) {
      const found = rows.get(place) ?? [0, 0, 0];
      found[side as 0 | 1] += n;
      rows.set(place, found);
    }
  }
  const places = Float64Array.from(rows.keys()).sort();
  const column = (index: 0 | 1) => Float64Array.from(places, (place) => rows.get(place)?.[index] ?? 0);
  return {
    at: known ? places : places.map(bucketMiddle),
    width: known ? new Float64Array(places.length) : places.map((order) => bucketRange(order).high - bucketRange(order).low),
    reference: column(0),
    current: column(1),
  };
}

/** Rows of both sides over the same bins. */
export interface Bins {
  /** Edges of each, rounded; the first and the last reach to the ends. */
  readonly labels: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

const mostBins = 40;
/** What lies beyond the outer half percent joins the end bins: one extreme must not empty all the others. */
const tail = 0.005;

/**
 * Equal bins of a round width over the middle 99 %, never narrower than the buckets are, nor than 1 for whole numbers.
 *
 * @param rare - a bin of fewer rows than this is no narrower than a profile's buckets, though every value is known: its edges would name
 * what few rows hold
 */
export function binsOf(points: Points, whole: boolean, rare = 0): Bins {
  const fine = cutBins(points, whole, points.width);
  const isFine = points.width.every((width) => width === 0);
  if (!isFine || fine.reference.every((rows, bin) => rows + fine.current[bin]! === 0 || rows + fine.current[bin]! >= rare)) return fine;
  return cutBins(points, whole, points.at.map(widthOfBucket));
}

function widthOfBucket(value: number): number {
  const { low, high } = bucketRange(bucketOrder(value));
  return high - low;
}

function cutBins(points: Points, whole: boolean, width: Float64Array): Bins {
  const { at } = points;
  const [n, m] = [total(points.reference), total(points.current)];
  const rows = points.reference.map((own, i) => own / n + points.current[i]! / m);
  const first = at[placeOf(rows, tail)]!;
  const last = at[placeOf(rows, 1 - tail)]!;
  const coarsest = Math.max(whole ? 1 : 0, width[placeOf(rows, tail)]!, width[placeOf(rows, 1 - tail)]!);
  const step = roundStep(Math.max((last - first) / (mostBins - 2), coarsest));
  if (!(step > 0 && Number.isFinite(step))) {
    const labels = [formatEdge(first, 0)];
    return { labels, reference: Float64Array.of(n), current: Float64Array.of(m) };
  }
  const start = Math.floor(first / step);
  const count = Math.min(mostBins, Math.floor(last / step) - start + 1);
  const [reference, current] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < at.length; i++) {
    const bin = Math.max(0, Math.min(count - 1, Math.floor(at[i]! / step) - start));
    reference[bin]! += points.reference[i]!;
    current[bin]! += points.current[i]!;
  }
  const single = whole && step === 1;
  const label = (bin: number) => {
    const [low, high] = [formatEdge((start + bin) * step, step), formatEdge((start + bin + 1) * step, step)];
    if (bin === 0 && at[0]! < first) return `below ${high}`;
    if (bin === count - 1 && at[at.length - 1]! > last) return `from ${low}`;
    return single ? low : `${low} … ${high}`;
  };
  return { labels: Array.from({ length: count }, (_, bin) => label(bin)), reference, current };
}

/** The first place at which so much of the rows of both sides (of 2 in all) is reached. */
function placeOf(shares: Float64Array, part: number): number {
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    sum += shares[i]!;
    if (sum >= 2 * part - 1e-9) return i;
  }
  return shares.length - 1;
}

/** 1, 2, 2.5 or 5 times a power of ten. */
function roundStep(width: number): number {
  const unit = 10 ** Math.floor(Math.log10(width));
  const times = [1, 2, 2.5, 5, 10].find((one) => one * unit >= width * (1 - 1e-9)) ?? 10;
  // Whole steps stay whole.
  return times === 2.5 && unit === 1 ? 5 : times * unit;
}

function formatEdge(edge: number, step: number): string {
  if (edge === 0) return '0';
  const digits = step > 0 ? Math.max(1, Math.ceil(Math.log10(Math.abs(edge) / step)) + 2) : 3;
  return String(Number(edge.toPrecision(Math.min(12, digits)))).replace('-', '−');
}

/** W1 over the reference's robust spread (interquartile range / 1.349; the standard deviation where that is 0). */
export function scaledDistance({ at, reference, current }: Points): number | null {
  const [n, m] = [total(reference), total(current)];
  let [r, c, distance] = [0, 0, 0];
  let [low, high] = [Number.NaN, Number.NaN];
  let mean = 0;
  for (let i = 0; i < at.length; i++) {
    if (i > 0) distance += Math.abs(r / n - c / m) * (at[i]! - at[i - 1]!);
    r += reference[i]!;
    c += current[i]!;
    mean += (reference[i]! / n) * at[i]!;
    if (Number.isNaN(low) && r >= n / 4) low = at[i]!;
    if (Number.isNaN(high) && r >= (3 * n) / 4) high = at[i]!;
  }
  let variance = 0;
  for (let i = 0; i < at.length; i++) variance += (reference[i]! / n) * (at[i]! - mean) ** 2;
  const spread = (high - low) / 1.349 || Math.sqrt(variance);
  const scaled = distance / spread;
  return Number.isFinite(scaled) ? scaled : null;
}
