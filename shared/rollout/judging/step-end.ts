/** A step as far as it has come. Times in milliseconds, guarded ones only: time in which nobody watched does not count. */
export interface StepProgress {
  readonly heldFor: number;
  readonly hold: number;
  /** Of the candidate, in this step. */
  readonly requests: number;
  readonly minSamples: number;
  readonly lowTraffic: 'proceed' | 'pause';
  /** The last scrape is there; after a silence the gap has been judged. */
  readonly isFresh: boolean;
  /** The candidate's rate is shown to be below the limit; true where `assure` is off or the next step is not the last. */
  readonly isAssured: boolean;
}

export type StepEnd =
  /** The hold has not elapsed, or there is no fresh data to end it by. */
  | { readonly kind: 'hold' }
  /** It has, but there is too little to go by. */
  | { readonly kind: 'extend'; readonly until: number }
  | { readonly kind: 'advance'; readonly unproven: boolean }
  | { readonly kind: 'pause'; readonly reason: 'low-traffic' | 'no-requests' | 'not-assured' };

/** A step that is short of requests is held up to so many times as long. */
const LONGEST = 3;

/** Whether a step is over. Only for a rollout that no rule stops. */
export function judgeStepEnd(step: StepProgress): StepEnd {
  if (step.heldFor < step.hold || !step.isFresh) return { kind: 'hold' };
  const isEnough = step.requests >= step.minSamples && step.requests > 0;
  if (isEnough && step.isAssured) return { kind: 'advance', unproven: false };
  const until = LONGEST * step.hold;
  if (step.heldFor < until) return { kind: 'extend', until };
  if (step.requests === 0) return { kind: 'pause', reason: 'no-requests' };
  if (!step.isAssured) return { kind: 'pause', reason: 'not-assured' };
  return step.lowTraffic === 'pause' ? { kind: 'pause', reason: 'low-traffic' } : { kind: 'advance', unproven: true };
}
