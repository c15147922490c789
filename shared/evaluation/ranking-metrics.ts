import type { Ranking } from '../statistics/delong.ts';

/**
 * Area under the ROC curve with each row counted `counts` times; null where a class is missing. Whole numbers up to the one
 * division. The loop over single rows is apart from the one over ties: it runs a thousand million times in a bootstrap.
 */
export function weightedRocAuc(labels: Uint8Array, { order, ends }: Ranking, counts: Uint8Array): number | null {
  const n = labels.length;
  let positives = 0;
  let negatives = 0;
  let twice = 0;
  if (ends.length === n) {
    for (let i = 0; i < n; i++) {
      const row = order === null ? i : order[i]!;
      const weight = counts[row]!;
      const positive = weight & -labels[row]!;
      // A row is of one class, so it never ties with itself.
      twice += 2 * positive * negatives;
      positives += positive;
      negatives += weight - positive;
    }
  } else {
    let start = 0;
    for (let group = 0; group < ends.length; group++) {
      const end = ends[group]!;
      let all = 0;
      let here = 0;
      if (order === null)
        for (let row = start; row < end; row++) {
          const weight = counts[row]!;
          all += weight;
          here += weight & -labels[row]!;
        }
      else
        for (let i = start; i < end; i++) {
          const row = order[i]!;
          const weight = counts[row]!;
          all += weight;
          here += weight & -labels[row]!;
        }
      const others = all - here;
      twice += here * (2 * negatives + others);
      positives += here;
      negatives += others;
      start = end;
    }
  }
  return positives > 0 && negatives > 0 ? twice / 2 / positives / negatives : null;
}

/** Σ (Rᵢ − Rᵢ₋₁) Pᵢ with ties collapsed, from the highest score down; each row `counts` times. Null without a positive. */
export function weightedAveragePrecision(labels: Uint8Array, { order, ends }: Ranking, counts: Uint8Array): number | null {
  let positives = 0;
  let all = 0;
  let sum = 0;
  let lost = 0;
  let end = labels.length;
  for (let group = ends.length - 1; group >= 0; group--) {
    const start = group > 0 ? ends[group - 1]! : 0;
    let here = 0;
    let rows = 0;
    for (let i = start; i < end; i++) {
      const row = order === null ? i : order[i]!;
      const weight = counts[row]!;
      rows += weight;
      here += weight & -labels[row]!;
    }
    positives += here;
    all += rows;
    if (here > 0) {
      // Neumaier's compensation: a million small steps would lose three digits.
      const term = (here * positives) / all;
      const next = sum + term;
      lost += sum >= term ? sum - next + term : term - next + sum;
      sum = next;
    }
    end = start;
  }
  return positives > 0 ? (sum + lost) / positives : null;
}

/**
 * Average precision without each row in turn, exactly, in one pass: with prefix sums of pT/N above a tie and of what each tie
 * below it becomes when a positive (or a negative) above is gone. p, T, N: positives of the tie, positives and rows down to it.
 */
export function averagePrecisionJackknife(labels: Uint8Array, { order, ends }: Ranking): Float64Array {
  const n = labels.length;
  const groups = ends.length;
  const here = new Float64Array(groups);
  const positives = new Float64Array(groups + 1);
  const rows = new Float64Array(groups + 1);
  // From the highest score down: tie 0 is the top.
  for (let group = 0; group < groups; group++) {
    const index = groups - 1 - group;
    const start = index > 0 ? ends[index - 1]! : 0;
    for (let i = start; i < ends[index]!; i++) here[group]! += labels[order === null ? i : order[i]!]!;
    positives[group + 1] = positives[group]! + here[group]!;
    rows[group + 1] = rows[group]! + ends[index]! - start;
  }
  const total = positives[groups]!;
  const withoutPositive = new Float64Array(groups + 1);
  const withoutNegative = new Float64Array(groups + 1);
  for (let group = groups - 1; group >= 0; group--) {
    const left = rows[group + 1]! - 1;
    withoutPositive[group] = withoutPositive[group + 1]! + (left > 0 ? (here[group]! * (positives[group + 1]! - 1)) / left : 0);
    withoutNegative[group] = withoutNegative[group + 1]! + (left > 0 ? (here[group]! * positives[group + 1]!) / left : 0);
  }
  const values = new Float64Array(n);
  let above = 0;
  for (let group = 0; group < groups; group++) {
    const index = groups - 1 - group;
    const left = rows[group + 1]! - 1;
    const ownWithout = left > 0 ? ((here[group]! - 1) * (positives[group + 1]! - 1)) / left : 0;
    const ofPositive = (above + ownWithout + withoutPositive[group + 1]!) / (total - 1);
    const ofNegative = (above + withoutNegative[group]!) / total;
    for (let i = index > 0 ? ends[index - 1]! : 0; i < ends[index]!; i++) {
      const row = order === null ? i : order[i]!;
      values[row] = labels[row] ? ofPositive : ofNegative;
    }
    above += (here[group]! * positives[group + 1]!) / rows[group + 1]!;
  }
  return values;
}

/** Average precision of rows as they are. The caller makes sure that one is positive. */
export function averagePrecisionOf(labels: Float64Array, ranking: Ranking): number {
  return weightedAveragePrecision(new Uint8Array(labels), ranking, new Uint8Array(labels.length).fill(1)) ?? 0;
}
