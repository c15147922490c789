import type { GateResult } from '../evaluation/evaluation-result.ts';
import { type Verdict, worstVerdict } from '../verdict/verdict.ts';

/** The worst of all gates. `onInconclusive` says what an open gate counts as: `warn` lets the verdict read inconclusive, which blocks nothing. */
export function verdictOf(
  gates: readonly Pick<GateResult, 'status'>[],
  onInconclusive: 'warn' | 'fail' | 'pass',
): { readonly verdict: Verdict; readonly blocks: boolean } {
  const counted = gates.map(({ status }): Verdict => (status === 'inconclusive' && onInconclusive !== 'warn' ? onInconclusive : status));
  const verdict = worstVerdict(counted);
  return { verdict, blocks: verdict === 'fail' || verdict === 'error' };
}
