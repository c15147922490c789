import { z } from 'zod';

/** From best to worst; a verdict over several outcomes is the worst of them. */
export const verdicts = ['pass', 'warn', 'inconclusive', 'fail', 'error'] as const;
export const verdictSchema = z.enum(verdicts);
export type Verdict = (typeof verdicts)[number];

/** Worst of error > fail > inconclusive > warn > pass; `pass` of nothing. */
export const worstVerdict = (outcomes: Iterable<Verdict>): Verdict =>
  verdicts[Math.max(0, ...Array.from(outcomes, (outcome) => verdicts.indexOf(outcome)))] ?? 'pass';
