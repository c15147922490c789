import type { NumericSample } from '../sample.ts';
import { momentsOf } from './moments.ts';
import type { PooledNumbers } from './pool-samples.ts';

/** Counts of both sides over the same bins or categories. */
export interface BinnedCounts {
  /** null: every value is a bin of its own. */
  readonly edges: Float64Array | null;
  readonly reference: Float64Array;
  readonly current: Float64Array;
  readonly n: number;
  readonly m: number;
}

/** Beyond so many different values of the reference Evidently bins. */
const UNBINNED = 20;

/** Evidently's bins: Sturges' rule on both sides together, or every value where the reference has at most 20. */
export function binAsEvidently(reference: NumericSample, pooled: PooledNumbers, integers: boolean): BinnedCounts {
  const { values, n, m } = pooled;
  if (reference.values.length <= UNBINNED) return { edges: null, reference: pooled.reference, current: pooled.current, n, m };
  const edges = sturgesEdges(values[0]!, values[values.length - 1]!, n + m, integers);
  return {
    edges,
    reference: countInBins(values, pooled.reference, edges),
    current: countInBins(values, pooled.current, edges),
    n,
    m,
  };
}

/** `numpy.histogram_bin_edges(…, bins='sturges')` of NumPy 2: whole numbers are never binned narrower than 1. */
export function sturgesEdges(low: number, high: number, rows: number, integers: boolean): Float64Array {
  const width = (high - low) / (Math.log2(rows) + 1);
  return equalEdges(low, high, width, integers);
}

/** Edges from low to high of about this width, in NumPy's arithmetic: i · step + low, the last one high itself. */
export function equalEdges(low: number, high: number, width: number, integers: boolean): Float64Array {
  const [first, last] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const used = integers && width > 0 && width < 1 ? 1 : width;
  const bins = used > 0 ? Math.ceil((last - first) / used) : 1;
  const step = (last - first) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => i * step + first);
  edges[bins] = last;
  return edges;
}

/** Rows in [edge, next edge), the last bin closed; values ascending. Values outside are in no bin. */
export function countInBins(values: Float64Array, counts: Float64Array, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const out = new Float64Array(bins);
  for (let i = 0, bin = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < edges[0]! || value > edges[bins]!) continue;
    while (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
    out[bin]! += counts[i]!;
  }
  return out;
}

/** `numpy.histogram_bin_edges(…, bins='doane')` of floats: more bins the more skewed (Doane 1976). */
export function doaneEdges(sample: NumericSample): Float64Array {
  const { values, counts, n } = sample;
  const [low, high] = [values[0]!, values[values.length - 1]!];
  const { mean, squares } = momentsOf(sample);
  const deviation = Math.sqrt(squares / n);
  if (n <= 2 || !(deviation > 0)) return equalEdges(low, high, 0, false);
  let skewness = 0;
  for (let i = 0; i < values.length; i++) skewness += (counts[i]! / n) * ((values[i]! - mean) / deviation) ** 3;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return equalEdges(low, high, (high - low) / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / error)), false);
}
