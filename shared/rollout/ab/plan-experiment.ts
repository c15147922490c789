import { sizeByPooled } from '../../statistics/sample-size.ts';

export interface ExperimentWish {
  /** Control's rate, 0 … 1. */
  readonly rate: number;
  /** The smallest difference worth finding, absolute, of either sign. */
  readonly effect: number;
  readonly alpha: number;
  readonly power: number;
  /** Shares of the arms, control first. */
  readonly shares: readonly number[];
  readonly unitsPerDay: number;
  readonly rule: 'sequential' | 'fixed';
}

export interface PlannedExperiment {
  /** Of each arm, whole. */
  readonly units: readonly number[];
  readonly total: number;
  /** In whole weeks, so that every weekday counts alike. */
  readonly days: number;
  /** Before rounding to weeks. */
  readonly rawDays: number;
}

/** What O'Brien and Fleming's daily looks cost over one at the end (Jennison and Turnbull 2000, table 2.4: 1.03 to 1.05 for 5 to 20 looks). */
const LOOKS_COST = 1.05;
const WEEK = 7;

/** Units and days. Several treatments share alpha equally here (Holm's first step), so that the strongest alone would be found too. */
export function planExperiment(wish: ExperimentWish): PlannedExperiment {
  const { rate, effect, alpha, power, shares, unitsPerDay, rule } = wish;
  const [control = 0.5, ...treatments] = shares;
  const needed = treatments.map((share) => {
    const size = sizeByPooled(rate, rate + effect, share / control, { alpha: alpha / treatments.length, power, sides: 2 });
    return (size * (rule === 'sequential' ? LOOKS_COST : 1)) / control;
  });
  const total = Math.max(...needed);
  const units = shares.map((share) => Math.ceil(total * share - 1e-9));
  const rawDays = Math.max(1, Math.ceil(units.reduce((sum, count) => sum + count, 0) / unitsPerDay));
  return { units, total: units.reduce((sum, count) => sum + count, 0), days: Math.ceil(rawDays / WEEK) * WEEK, rawDays };
}
