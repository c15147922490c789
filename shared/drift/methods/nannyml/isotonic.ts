/**
 * The non-decreasing function closest to the labels by squares (pool adjacent violators; Ayer et al. 1955), linear between the scores it
 * was fitted on and flat beyond them, as scikit-learn's `IsotonicRegression(out_of_bounds='clip')`.
 */
export function fitIsotonic(scores: Float64Array, labels: Float64Array): (score: number) => number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  // Blocks of neighbouring scores with one value; equal scores are one place.
  const places: number[] = [];
  const blocks: { sum: number; rows: number; places: number }[] = [];
  for (let start = 0; start < order.length; ) {
    let end = start;
    let sum = 0;
    const score = scores[order[start]!]!;
    while (end < order.length && scores[order[end]!] === score) sum += labels[order[end++]!]!;
    places.push(score);
    blocks.push({ sum, rows: end - start, places: 1 });
    while (blocks.length > 1) {
      const last = blocks[blocks.length - 1]!;
      const before = blocks[blocks.length - 2]!;
      if (before.sum * last.rows < last.sum * before.rows) break;
      blocks.pop();
      before.sum += last.sum;
      before.rows += last.rows;
      before.places += last.places;
    }
    start = end;
  }
  const values = blocks.flatMap(({ sum, rows, places: count }) => new Array<number>(count).fill(sum / rows));
  return (score) => {
    if (score <= places[0]!) return values[0]!;
    if (score >= places[places.length - 1]!) return values[values.length - 1]!;
    let [low, high] = [0, places.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (places[middle]! <= score) low = middle;
      else high = middle;
    }
    const step = (score - places[low]!) / (places[high]! - places[low]!);
    return values[low]! + step * (values[high]! - values[low]!);
  };
}
