import { normalQuantile } from '../../statistics/normal.ts';
import { estimateDifference } from './estimate-difference.ts';
import type { ArmCounts, Experiment } from './experiment.ts';

export interface GuardrailResult {
  readonly name: string;
  readonly margin: number;
  readonly control: number | null;
  readonly treatment: number | null;
  readonly difference: number | null;
  /** Two-sided 90 %: each end is a one-sided .05 bound, the one that decides among them. */
  readonly interval: readonly [number, number] | null;
  /** pass: shown to be no worse than the margin. fail: shown to be worse. */
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
}

const LEVEL = 0.95;

/** Non-inferiority, one-sided .05 each: all must pass, so there is nothing to correct (Berger 1982). */
export function judgeGuardrail(control: ArmCounts, treatment: ArmCounts, guardrail: Experiment['guardrails'][number]): GuardrailResult {
  const { name, margin, better } = guardrail;
  const { difference, error, control: c, treatment: t } = estimateDifference(control, treatment, name);
  const half = error === null ? null : normalQuantile(LEVEL) * error;
  const interval = difference === null || half === null ? null : ([difference - half, difference + half] as const);
  const base = { name, margin, control: c, treatment: t, difference, interval };
  if (!interval) return { ...base, outcome: 'inconclusive' };
  const [worst, best] = better === 'higher' ? interval : [-interval[1], -interval[0]];
  return { ...base, outcome: worst >= -margin ? 'pass' : best < -margin ? 'fail' : 'inconclusive' };
}
