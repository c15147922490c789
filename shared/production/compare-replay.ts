import { kstwoSurvival } from '../statistics/kolmogorov.ts';
import { wilson } from '../statistics/proportion.ts';
import { sortedQuantile } from '../statistics/quantile.ts';
import { meanEstimate, studentBounds } from '../statistics/student-interval.ts';
import { compensatedSum, meanOf } from '../statistics/sums.ts';
import type { Replay } from './replay.ts';

export interface DecisionRule {
  readonly names: readonly string[];
  /** Index into `names`. */
  of(score: number): number;
}

/**
 * The decisions of the configuration, read from the top: the first whose `above` the score exceeds; else, of a binary model, positive from the
 * threshold on. A number without decisions decides nothing: null.
 */
export function decisionRule(
  task: 'binary' | 'regression',
  threshold: number,
  decisions: readonly { readonly above?: number | undefined; readonly label: string }[] | undefined,
): DecisionRule | null {
  if (decisions && decisions.length > 0) {
    const named = decisions.map(({ above, label }) => ({ above: above ?? Number.NEGATIVE_INFINITY, label }));
    const caught = named.some(({ above }) => above === Number.NEGATIVE_INFINITY);
    const names = [...named.map(({ label }) => label), ...(caught ? [] : ['(none)'])];
    return {
      names,
      of: (score) => {
        const found = named.findIndex(({ above }) => score > above);
        return found === -1 ? names.length - 1 : found;
      },
    };
  }
  return task === 'binary' ? { names: ['negative', 'positive'], of: (score) => (score >= threshold ? 1 : 0) } : null;
}

/** How many decisions stay, and where the others go. Codes are indices into `names`, one a row. */
export function compareDecisions(
  production: ArrayLike<number>,
  candidate: ArrayLike<number>,
  names: readonly string[],
  level: number,
): Pick<Replay, 'agreement' | 'moved'> {
  const n = production.length;
  const counts = new Map<string, { from: number; to: number; rows: number }>();
  let same = 0;
  for (let row = 0; row < n; row++) {
    const from = production[row]!;
    const to = candidate[row]!;
    if (from === to) {
      same++;
      continue;
    }
    const key = `${from}:${to}`;
    const known = counts.get(key) ?? { from, to, rows: 0 };
    known.rows++;
    counts.set(key, known);
  }
  const bounds = wilson(same, n, level);
  return {
    agreement: { rows: same, share: same / n, interval: bounds && { low: bounds[0], high: bounds[1], level, method: 'wilson' } },
    moved: [...counts.values()]
      .sort((a, b) => b.rows - a.rows || a.from - b.from || a.to - b.to)
      .map(({ from, to, rows }) => ({ from: names[from] ?? '', to: names[to] ?? '', rows, share: rows / n })),
  };
}

const shownQuantiles = [0.05, 0.25, 0.5, 0.75, 0.95];

/** How the scores moved on the same rows: the mean by the paired t, quantiles and D of both distributions. */
export function compareScores(production: Float64Array, candidate: Float64Array, level: number): NonNullable<Replay['scores']> {
  const n = production.length;
  const differences = candidate.map((score, row) => score - production[row]!);
  const estimate = meanEstimate(differences);
  const bounds = studentBounds(estimate, level);
  const left = production.toSorted();
  const right = candidate.toSorted();
  const d = largestGap(left, right);
  return {
    meanProduction: meanOf(production),
    meanCandidate: meanOf(candidate),
    meanDifference: estimate.mean,
    interval: bounds && { low: bounds[0], high: bounds[1], level, method: 'paired-t' },
    meanAbsoluteDifference: compensatedSum(n, (row) => Math.abs(differences[row]!)) / n,
    quantiles: shownQuantiles.map((share) => ({ share, production: sortedQuantile(left, share), candidate: sortedQuantile(right, share) })),
    d,
    pValue: n < 2 ? 1 : kstwoSurvival(d, Math.round(n / 2)),
  };
}

/** sup |F − G| of two samples of the same size, sorted ascending. */
function largestGap(left: Float64Array, right: Float64Array): number {
  const n = left.length;
  let d = 0;
  for (let i = 0, j = 0; i < n && j < n; ) {
    const value = Math.min(left[i]!, right[j]!);
    while (i < n && left[i] === value) i++;
    while (j < n && right[j] === value) j++;
    d = Math.max(d, Math.abs(i - j) / n);
  }
  return d;
}
