import type { Verdict } from '../../verdict/verdict.ts';

/** When a step fails: on a verdict that stops, on warnings too, or never. */
export type FailOn = 'error' | 'warn' | 'never';

/** What decides about a step: the verdict, and whether it stops anything (with `mode: advise` it never does). */
export interface Outcome {
  readonly verdict: Verdict;
  readonly blocks: boolean;
  readonly mode: 'advise' | 'enforce';
  /** The run had no credentials by design: what it could not find out is nobody's failure. */
  readonly excused?: boolean;
  /** What a failed step shows first. */
  readonly says?: string;
}

export function stepFails({ verdict, blocks, mode, excused = false }: Outcome, failOn: FailOn): boolean {
  if (failOn === 'never' || mode === 'advise') return false;
  if (blocks) return true;
  return failOn === 'warn' && (verdict === 'warn' || verdict === 'fail' || verdict === 'error' || (verdict === 'inconclusive' && !excused));
}
