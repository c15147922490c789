import { chiSquareSurvival } from '../../statistics/chi-square.ts';
import { logGamma } from '../../statistics/saddle-point.ts';

/** An experiment whose units do not split as planned has lost some of them on one side: no result of it is to be believed. */
const LEVEL = 0.001;
/** 1/E must fall to the same. */
const LOG_EVIDENCE = Math.log(1 / LEVEL);
/** The prior is as sure of the plan as so many units: its shares move by about 1.6 points, as real mismatches do. */
const CONCENTRATION = 1000;

export interface SampleRatio {
  readonly chi2: number;
  readonly p: number;
  readonly mismatch: boolean;
}

/** χ² of assigned units against the planned shares. Once, at the end. Null without units. */
export function testSampleRatio(observed: readonly number[], planned: readonly number[]): SampleRatio | null {
  const units = observed.reduce((sum, count) => sum + count, 0);
  const whole = planned.reduce((sum, share) => sum + share, 0);
  if (!(units > 0)) return null;
  const chi2 = observed.reduce((sum, count, arm) => {
    const expected = (units * planned[arm]!) / whole;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const p = chiSquareSurvival(chi2, observed.length - 1);
  return { chi2, p, mismatch: p < LEVEL };
}

/**
 * The same while the experiment runs, valid however often it is looked at: ln of the multinomial mixture's e-value, Dirichlet prior centred
 * on the plan (Lindon and Malek 2022).
 */
export function watchSampleRatio(
  observed: readonly number[],
  planned: readonly number[],
): { readonly logE: number; readonly mismatch: boolean } {
  const units = observed.reduce((sum, count) => sum + count, 0);
  const whole = planned.reduce((sum, share) => sum + share, 0);
  let logE = logGamma(CONCENTRATION) - logGamma(CONCENTRATION + units);
  for (const [arm, count] of observed.entries()) {
    const share = planned[arm]! / whole;
    logE += logGamma(CONCENTRATION * share + count) - logGamma(CONCENTRATION * share) - count * Math.log(share);
  }
  return { logE, mismatch: logE >= LOG_EVIDENCE };
}
