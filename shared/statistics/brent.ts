/** Root between `low` and `high`, where `f` has opposite signs: Brent's method (1973), step for step as SciPy's brentq. */
export function brentRoot(f: (x: number) => number, low: number, high: number, tolerance = 2e-12): number {
  let [before, x, opposite] = [low, high, 0];
  let [fBefore, fx, fOpposite] = [f(before), f(x), 0];
  let [stepBefore, step] = [0, 0];
  if (fBefore === 0) return before;
  if (fx === 0) return x;
  for (let i = 0; i < 100; i++) {
    if (fBefore !== 0 && fBefore < 0 !== fx < 0) {
      opposite = before;
      fOpposite = fBefore;
      stepBefore = step = x - before;
    }
    if (Math.abs(fOpposite) < Math.abs(fx)) {
      [before, x] = [x, opposite];
      opposite = before;
      [fBefore, fx] = [fx, fOpposite];
      fOpposite = fBefore;
    }
    const delta = (tolerance + 4 * Number.EPSILON * Math.abs(x)) / 2;
    const half = (opposite - x) / 2;
    if (fx === 0 || Math.abs(half) < delta) return x;
    let tried = Number.POSITIVE_INFINITY;
    if (Math.abs(stepBefore) > delta && Math.abs(fx) < Math.abs(fBefore)) {
      if (before === opposite) tried = (-fx * (x - before)) / (fx - fBefore);
      else {
        const slopeBefore = (fBefore - fx) / (before - x);
        const slopeOpposite = (fOpposite - fx) / (opposite - x);
        tried = (-fx * (fOpposite * slopeOpposite - fBefore * slopeBefore)) / (slopeOpposite * slopeBefore * (fOpposite - fBefore));
      }
    }
    if (2 * Math.abs(tried) < Math.min(Math.abs(stepBefore), 3 * Math.abs(half) - delta)) [stepBefore, step] = [step, tried];
    else [stepBefore, step] = [half, half];
    [before, fBefore] = [x, fx];
    x += Math.abs(step) > delta ? step : half > 0 ? delta : -delta;
    fx = f(x);
  }
  return x;
}
