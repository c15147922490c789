import type { ArmCounts, Bucket } from './bucket.ts';

/** How many times worse: the alternatives of the mixture, equal weights. */
export const componentRatios = [1.25, 1.5, 2, 3, 5, 10] as const;
/** A rate that many times the limit is cut here. */
const HIGHEST_RATE = 0.99;
const logRatios = componentRatios.map(Math.log);

/**
 * ln E of every alternative, from every step at which the candidate may have become worse: row `start` × component, null while that
 * step has not begun. A valid mixture over both, so looking often and choosing the start costs no alpha.
 */
export type Evidence = readonly (readonly number[] | null)[];

export const beginEvidence = (steps: number): Evidence => Array.from({ length: Math.max(1, steps) }, () => null);

/** ½ for the first step, the rest equal over the later ones. */
export const startWeights = (steps: number): readonly number[] =>
  steps <= 1 ? [1] : Array.from({ length: steps }, (_, start) => (start === 0 ? 0.5 : 0.5 / (steps - 1)));

/** ln Σ_s π_s Σ_k w_k E; a step that has not begun counts as 1. */
export function logMixture(evidence: Evidence): number {
  const weights = startWeights(evidence.length);
  let highest = 0;
  for (const row of evidence) for (const value of row ?? []) if (value > highest) highest = value;
  let sum = 0;
  for (const [start, row] of evidence.entries()) {
    if (!row) sum += weights[start]! * Math.exp(-highest);
    else for (const value of row) sum += (weights[start]! / componentRatios.length) * Math.exp(value - highest);
  }
  return highest + Math.log(sum);
}

/** Adds a bucket's increments, one a component, to every step that has begun; a step begins with the first bucket at or after it. */
export function addEvidence(evidence: Evidence, step: number, increments: readonly number[] | null): Evidence {
  return evidence.map((row, start) => {
    if (!row && start > step) return null;
    if (!increments) return row ?? zero;
    return row ? row.map((value, k) => value + increments[k]!) : increments;
  });
}

const zero: readonly number[] = componentRatios.map(() => 0);

/** Against a limit π: Π (ρπ/π)^x ((1 − ρπ)/(1 − π))^(m − x), every count divided by φ. */
export function againstLimit({ bad, total }: ArmCounts, limit: number, phi: number): readonly number[] | null {
  if (!(total > 0) || limit <= 0 || limit >= HIGHEST_RATE) return null;
  return componentRatios.map((ratio) => {
    const rate = Math.min(ratio * limit, HIGHEST_RATE);
    return (bad * Math.log(rate / limit) + (total - bad) * (Math.log1p(-rate) - Math.log1p(-limit))) / phi;
  });
}

/**
 * Against stable: of the bucket's t bad answers the candidate has x, binomial with its share w = m/n of the traffic if it is no worse,
 * and with p = ρm/(ρm + s) if it is ρ times worse. By bucket, so neither the weight nor stable's rate need stay. Lindon and Malek 2022.
 */
export function againstStable({ candidate, stable }: Bucket, phi: number): readonly number[] | null {
  const { bad: x, total: m } = candidate;
  const { bad: c, total: s } = stable;
  if (!(m > 0 && s > 0) || x + c === 0) return null;
  return componentRatios.map((ratio, k) => (x * logRatios[k]! + (x + c) * Math.log((m + s) / (ratio * m + s))) / phi);
}
