import { bucketOrder } from '../profile/bucket.ts';
import { hashedValue, isHashedValue } from '../profile/category-counts.ts';
import type { ColumnCounts, NumericCounts } from '../profile/column-counts.ts';
import { momentsOf } from '../profile/numeric-counts.ts';
import { clipText } from '../words/visible-text.ts';
import type { ColumnComparison } from './compare-column.ts';
import { largestDistance } from './compare-numbers.ts';
import { total } from './dispersion.ts';
import type { DriftColumn } from './drift-report.ts';
import { type Bins, binsOf, type Points, pointsOf, scaledDistance } from './number-bins.ts';
import type { Places } from './rank-test.ts';

/** Below so many rows on both sides a category could be a person: it is hashed. */
const namedFrom = 20;
const mostBins = 40;
const mostMoved = 8;
/** A part of less than this share of the rows carries nothing. */
const leastMoved = 0.001;

export type Described = Pick<DriftColumn, 'moved' | 'shape' | 'shown' | 'exactness' | 'bound'>;

export interface DescribeRequest {
  readonly found: ColumnComparison;
  readonly reference: ColumnCounts;
  readonly current: ColumnCounts;
  readonly rows: { readonly reference: number; readonly current: number };
  /** Whole numbers: a bin is never narrower than 1. */
  readonly whole: boolean;
  readonly values: 'allow' | 'deny';
}

/** What people look at beside the decision: where the change is, both shapes, and other measures of it. */
export function describeColumn({ found, reference, current, rows, whole, values }: DescribeRequest): Described {
  const share = (gone: number, all: number) => (all > 0 ? gone / all : null);
  const missing = {
    missingReference: share(found.missing.reference, rows.reference),
    missingCurrent: share(found.missing.current, rows.current),
  };
  const { places, kind } = found;
  const nothing: Described = { moved: [], shape: null, shown: missing, exactness: 'exact', bound: null };
  if (!places) return nothing;
  if (kind.compare === 'numeric' && reference.kind === 'numeric' && current.kind === 'numeric') {
    const points = pointsOf(reference, current);
    const bins = binsOf(points, whole, values === 'allow' ? 0 : namedFrom);
    // Of few rows, a mean and a distance say their values.
    const few = values === 'deny' && (found.n.reference < namedFrom || found.n.current < namedFrom);
    const mean = (counts: NumericCounts) => (values === 'allow' ? momentsOf(counts).mean : roundedMean(counts));
    return {
      ...exactnessOf(places, points, reference, current),
      moved: movedBins(bins),
      shape: shapeOf(bins),
      shown: {
        psi: psi(bins),
        w1: few ? null : scaledDistance(points),
        meanReference: mean(reference),
        meanCurrent: mean(current),
        ...missing,
      },
    };
  }
  const shown = { psi: psi(places), ...missing };
  // Slots of hashes say nothing to people, and TV between them is at most the true one.
  if (kind.compare !== 'categorical' || kind.hashed) return { ...nothing, shown, exactness: 'bounded' };
  return { ...nothing, shown, ...categoryShapes(places, values) };
}

function roundedMean(counts: NumericCounts): number | null {
  const { n, mean } = momentsOf(counts);
  return mean === null || n < namedFrom ? null : Number(mean.toPrecision(4));
}

/**
 * D between buckets is D where each holds one value. Else rows of a bucket can't be told apart: within one that starts at a difference
 * d and holds a and b of either side, |d| reaches at most max(d + a, b - d).
 */
function exactnessOf(places: Places, points: Points, reference: NumericCounts, current: NumericCounts) {
  const { effect } = largestDistance(places);
  if (reference.values && current.values) {
    const more = largestDistance(points).effect - effect;
    return more > 1e-12 ? { exactness: 'bounded' as const, bound: more } : { exactness: 'exact' as const, bound: null };
  }
  const [n, m] = [total(places.reference), total(places.current)];
  let reach = 0;
  for (let i = 0, d = 0; i < points.at.length; i++) {
    const [a, b] = [places.reference[i]! / n, places.current[i]! / m];
    if (bucketOrder(points.at[i]!) !== 0) reach = Math.max(reach, d + a, b - d);
    d += a - b;
  }
  return { exactness: 'bounded' as const, bound: Math.max(0, reach - effect) };
}

function shapeOf({ labels, reference, current }: Bins): DriftColumn['shape'] {
  const [n, m] = [total(reference), total(current)];
  return { labels: [...labels], reference: Array.from(reference, (rows) => rows / n), current: Array.from(current, (rows) => rows / m) };
}

/** Neighbouring bins that gained, or lost, together are one part. */
function movedBins(bins: Bins): DriftColumn['moved'] {
  const shape = shapeOf(bins);
  if (!shape) return [];
  const parts: { from: number; to: number; reference: number; current: number }[] = [];
  shape.labels.forEach((_, bin) => {
    const [reference, current] = [shape.reference[bin] ?? 0, shape.current[bin] ?? 0];
    const last = parts.at(-1);
    if (last && Math.sign(last.current - last.reference) === Math.sign(current - reference)) {
      parts[parts.length - 1] = { ...last, to: bin, reference: last.reference + reference, current: last.current + current };
    } else parts.push({ from: bin, to: bin, reference, current });
  });
  const edge = (bin: number) => shape.labels[bin] ?? '';
  const where = (from: number, to: number) => (from === to ? edge(from) : joinLabels(edge(from), edge(to)));
  return largest(parts.map(({ from, to, reference, current }) => ({ where: where(from, to), reference, current })));
}

/** `12 … 14` to `20 … 22` is `12 … 22`; open ends stay open. */
function joinLabels(first: string, last: string): string {
  const low = first.startsWith('below ') ? null : first.replace(/ … .*$/, '');
  const high = last.startsWith('from ') ? null : last.replace(/^.* … /, '');
  if (low === null) return high === null ? 'anywhere' : last.includes(' … ') ? `below ${high}` : `up to ${high}`;
  return high === null ? `from ${low}` : `${low} … ${high}`;
}

const largest = (parts: DriftColumn['moved']): DriftColumn['moved'] =>
  parts
    .filter(({ reference, current }) => Math.abs(current - reference) >= leastMoved)
    .sort((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))
    .slice(0, mostMoved);

function categoryShapes(places: Places & { readonly names?: readonly string[] }, values: 'allow' | 'deny') {
  const [n, m] = [total(places.reference), total(places.current)];
  const parts = (places.names ?? []).flatMap((name, i) => {
    const [r, c] = [places.reference[i]!, places.current[i]!];
    const where =
      values === 'allow' || r >= namedFrom || c >= namedFrom ? clipText(name, 80) : isHashedValue(name) ? name : hashedValue(name);
    return r + c > 0 ? [{ where, reference: r / n, current: c / m, rows: r + c }] : [];
  });
  const common = [...parts].sort((a, b) => b.reference + b.current - a.reference - a.current);
  const kept = common.length <= mostBins ? common : common.slice(0, mostBins - 1);
  // Codes read best in their own order, names by how common they are.
  if (kept.every(({ where }) => /^-?\d+$/.test(where))) kept.sort((a, b) => Number(a.where) - Number(b.where));
  const rest = common.slice(kept.length);
  const sumOf = (side: 'reference' | 'current') => rest.reduce((sum, part) => sum + part[side], 0);
  const bars =
    rest.length === 0 ? kept : [...kept, { where: `${rest.length} others`, reference: sumOf('reference'), current: sumOf('current') }];
  return {
    moved: largest(parts.map(({ where, reference, current }) => ({ where, reference, current }))),
    shape: {
      labels: bars.map(({ where }) => where),
      reference: bars.map(({ reference }) => reference),
      current: bars.map(({ current }) => current),
    },
  };
}

/** Σ (p - q)·ln(p/q) over the bins, an empty one as a ten-thousandth: shown, never decides. */
function psi({ reference, current }: Places): number {
  const [n, m] = [total(reference), total(current)];
  let sum = 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i]! + current[i]! === 0) continue;
    const [p, q] = [Math.max(reference[i]! / n, 1e-4), Math.max(current[i]! / m, 1e-4)];
    sum += (q - p) * Math.log(q / p);
  }
  return sum;
}
