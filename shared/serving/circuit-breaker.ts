export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreaker {
  state(): BreakerState;
  /** Whether the model may be asked now. Half-open lets one through at a time. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
}

export interface BreakerSettings {
  /** Failures in a row after which it opens. */
  readonly failures: number;
  /** Milliseconds until one request is let through to see whether the model is well again. */
  readonly restMs: number;
  readonly now: () => number;
}

/** Stops asking a model that fails again and again, so that it is neither waited for nor kept down by its callers. */
export function createCircuitBreaker({ failures, restMs, now }: BreakerSettings): CircuitBreaker {
  let inARow = 0;
  let openedAt: number | null = null;
  let trying = false;
  const state = (): BreakerState => (openedAt === null ? 'closed' : trying || now() - openedAt >= restMs ? 'half-open' : 'open');
  return {
    state,
    allows() {
      if (openedAt === null) return true;
      if (trying || now() - openedAt < restMs) return false;
      trying = true;
      return true;
    },
    succeeded() {
      inARow = 0;
      openedAt = null;
      trying = false;
    },
    failed() {
      inARow++;
      // What was asked before it opened comes back late: that does not begin the rest anew.
      if (openedAt === null ? inARow >= failures : trying) openedAt = now();
      trying = false;
    },
  };
}
