import { chiSquareSurvival } from '../../statistics/chi-square.ts';
import type { Places } from '../rank-test.ts';

export interface CountTest {
  /** Infinity where goodness of fit expects nothing and something is there; null where nothing is defined. */
  readonly statistic: number | null;
  readonly df: number;
  readonly p: number | null;
}

/** Both sides' counts by category, and their rows. */
export interface CountedSides extends Places {
  readonly n: number;
  readonly m: number;
}

/** χ² of homogeneity: both sides against the pooled shares, no continuity correction. Null with one category. */
export const homogeneity = (sides: CountedSides): CountTest => contingency(sides, (seen, expected) => (seen - expected) ** 2 / expected);

/** G of homogeneity: 2 Σ seen ln(seen/expected). */
export const likelihoodRatio = (sides: CountedSides): CountTest =>
  contingency(sides, (seen, expected) => (seen > 0 ? 2 * seen * Math.log(seen / expected) : 0));

/** χ² of homogeneity of a 2 × 2 table with Yates' correction (at most .5, never across the expectation). */
export const homogeneityYates = (sides: CountedSides): CountTest =>
  contingency(sides, (seen, expected) => {
    const distance = Math.abs(seen - expected);
    return (distance - Math.min(0.5, distance)) ** 2 / expected;
  });

function contingency({ reference, current, n, m }: CountedSides, cell: (seen: number, expected: number) => number): CountTest {
  let statistic = 0;
  let df = -1;
  for (let i = 0; i < reference.length; i++) {
    const both = reference[i]! + current[i]!;
    if (both === 0) continue;
    df++;
    statistic += cell(reference[i]!, (both * n) / (n + m)) + cell(current[i]!, (both * m) / (n + m));
  }
  return df < 1 ? { statistic: null, df: Math.max(df, 0), p: null } : withP(Math.max(0, statistic), df);
}

/** √(χ²/N): Cramér's V of two sides. */
export const cramersV = (statistic: number, sides: CountedSides): number => Math.sqrt(statistic / (sides.n + sides.m));

/** χ² goodness of fit of the current side to the reference's shares, as if those were known. */
export const goodnessOfFit = (sides: CountedSides): CountTest => fitOf(sides, (seen, expected) => (seen - expected) ** 2 / expected);

/** G goodness of fit to the reference's shares. */
export const likelihoodFit = (sides: CountedSides): CountTest =>
  fitOf(sides, (seen, expected) => (seen > 0 ? 2 * seen * Math.log(seen / expected) : 0));

function fitOf({ reference, current, n, m }: CountedSides, cell: (seen: number, expected: number) => number): CountTest {
  let statistic = 0;
  let categories = 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i] === 0 && current[i] === 0) continue;
    categories++;
    statistic += cell(current[i]!, reference[i]! * (m / n));
  }
  const df = categories - 1;
  return df < 1 ? { statistic, df: Math.max(df, 0), p: null } : withP(Math.max(0, statistic), df);
}

const withP = (statistic: number, df: number): CountTest => ({ statistic, df, p: chiSquareSurvival(statistic, df) });
