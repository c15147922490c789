/** Quantile of type 7 (linear between order statistics: NumPy's and R's default) of values sorted ascending. */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  const position = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // NumPy's lerp: from the nearer end, so that equal neighbours stay exactly themselves.
  const step = position - below;
  return step < 0.5 ? low + (high - low) * step : high - (high - low) * (1 - step);
}
