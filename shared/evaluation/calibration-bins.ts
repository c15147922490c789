const EDGES = Float64Array.from({ length: 11 }, (_, k) => k / 10);
export const CALIBRATION_BINS = 10;

/** Bin k holds k/10 < p ≤ (k+1)/10, edges as float64 quotients; p = 0 joins bin 0. */
export function calibrationBin(p: number): number {
  let bin = Math.ceil(p * 10) - 1;
  if (bin < 0) return 0;
  if (bin > 9) bin = 9;
  // The product may round down to an edge that p lies above, never up past one: k/10 · 10 is k for each of them.
  if (p > EDGES[bin + 1]!) return bin + 1;
  return bin;
}

/** The bin of every score. */
export function calibrationBins(scores: Float64Array): Uint8Array {
  const bins = new Uint8Array(scores.length);
  for (let i = 0; i < scores.length; i++) bins[i] = calibrationBin(scores[i]!);
  return bins;
}
