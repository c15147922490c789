import { InfrastructureError, UserError } from '../../shared/errors.ts';
import type { Hint } from '../bot-context.ts';

/** What follows failed work: which hints are tried again, and when. */
export interface AfterFailure {
  readonly code: string;
  readonly says: string;
  readonly again: readonly Hint[];
  readonly milliseconds: number;
}

const sweepHint: Hint = { kind: 'sweep' };
const second = 1000;
const longest = 5 * 60 * second;
/** After so many failures in a row the regular sweep is soon enough. */
const tries = 8;

/**
 * A limit: after the time that GitHub asked for. Unreachable: the same again, each wait up to twice as long as the one before, jittered so
 * that repositories don't come back together. Anything else would fail the same way again: one sweep, in case a hint was at fault, then none.
 */
export function afterFailure(error: unknown, hints: readonly Hint[], failures: number, random: () => number): AfterFailure {
  const says = error instanceof Error ? error.message : String(error);
  const code = error instanceof InfrastructureError || error instanceof UserError ? error.code : 'UNEXPECTED';
  const of = (again: readonly Hint[], milliseconds: number) => ({ code, says, again, milliseconds });
  if (code === 'FORGE_LIMITED') return of(hints, retryAfter(error) * second + random() * second);
  if (failures >= tries) return of([], 0);
  const wait = Math.min(longest, 2 ** failures * second);
  if (error instanceof InfrastructureError && code !== 'FORGE_REFUSED') return of(hints, wait / 2 + (random() * wait) / 2);
  const onlySweep = hints.every(({ kind }) => kind === 'sweep');
  return onlySweep ? of([], 0) : of([sweepHint], wait / 2 + (random() * wait) / 2);
}

/** Seconds; a minute where the error does not say, which is what GitHub asks for. */
function retryAfter(error: unknown): number {
  const said = error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : null;
  return typeof said === 'number' && said >= 0 && said <= 3600 ? said : 60;
}
