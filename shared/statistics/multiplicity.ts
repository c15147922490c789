/** p-values adjusted for a family: compare each with alpha. Equal p's get equal answers, and the order of the family changes nothing. */
export type Multiplicity = 'holm' | 'bh' | 'by' | 'bonferroni' | 'none';

export function adjust(p: readonly number[], method: Multiplicity): number[] {
  const count = p.length;
  const order = p.map((_, index) => index).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(count).fill(1);
  if (method === 'none') return [...p];
  if (method === 'bonferroni') return p.map((value) => Math.min(1, value * count));
  if (method === 'holm') {
    let worst = 0;
    order.forEach((index, rank) => {
      worst = Math.max(worst, Math.min(1, p[index]! * (count - rank)));
      adjusted[index] = worst;
    });
    return adjusted;
  }
  // Benjamini–Hochberg (1995); Benjamini–Yekutieli (2001) with the harmonic factor.
  const factor = method === 'by' ? p.reduce((sum, _, index) => sum + 1 / (index + 1), 0) : 1;
  let best = 1;
  for (let rank = count - 1; rank >= 0; rank--) {
    const index = order[rank]!;
    // A share of the family first, so that the largest p stays itself to the last bit.
    best = Math.min(best, p[index]! / ((rank + 1) / count / factor));
    adjusted[index] = best;
  }
  return adjusted;
}
