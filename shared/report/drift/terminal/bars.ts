const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Shares as one line of block characters, at most `cells`: neighbours are added where there are more. Zero is a blank, anything else is seen. */
export function sparkBars(shares: readonly number[], cells: number, top?: number): string {
  const sums = gather(shares, cells);
  const most = top ?? Math.max(...sums, 0);
  return sums.map((sum) => eighths[sum <= 0 || most <= 0 ? 0 : Math.min(8, Math.max(1, Math.round((8 * sum) / most)))]).join('');
}

/** Neighbours added, as many to each cell, until at most `cells` are left. */
export function gather(shares: readonly number[], cells: number): number[] {
  const size = Math.max(1, Math.ceil(shares.length / Math.max(1, cells)));
  return Array.from({ length: Math.ceil(shares.length / size) }, (_, cell) =>
    shares.slice(cell * size, (cell + 1) * size).reduce((sum, share) => sum + share, 0),
  );
}

/** An effect beside its two limits, in `cells` characters; the scale ends a little beyond the alarm, and a longer bar ends in `▸`. */
export function effectBar(effect: number, limits: { readonly shift: number; readonly alarm: number }, cells = 20): string {
  const end = Math.max(limits.alarm * 2, limits.shift * 2, 1e-9);
  const cell = (value: number) => Math.min(cells - 1, Math.floor((value / end) * cells));
  const length = effect > end ? cells : Math.round((effect / end) * cells);
  const bar = Array.from({ length: cells }, (_, index): string => (index < length ? '━' : ' '));
  for (const limit of [limits.shift, limits.alarm]) bar[cell(limit)] = cell(limit) < length ? '╋' : '┊';
  if (effect > end) bar[cells - 1] = '▸';
  return bar.join('');
}
