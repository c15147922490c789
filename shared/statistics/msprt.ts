/** One look: successes and sizes of two groups so far. */
export interface MsprtCounts {
  readonly x1: number;
  readonly n1: number;
  readonly x2: number;
  readonly n2: number;
}

export interface MsprtLook {
  /** p1 − p2; null while a group is empty. */
  readonly difference: number | null;
  readonly variance: number | null;
  /** ln Λ; null where V = 0. */
  readonly logLambda: number | null;
  /** Always valid: the smallest 1/Λ so far, at most 1. */
  readonly p: number;
  /** The set of differences that no look so far as it alone tells refutes; null where V = 0. */
  readonly interval: readonly [number, number] | null;
  readonly reject: boolean;
}

/**
 * One look of the mixture sequential probability ratio test (Robbins 1970; Johari et al. 2017), difference of two proportions, normal
 * mixture of variance tau2, pooled V = p(1 − p)(1/n1 + 1/n2). In logs: Λ overflows where the difference is plain.
 */
export function lookMsprt({ x1, n1, x2, n2 }: MsprtCounts, tau2: number, alpha: number, before = 1): MsprtLook {
  const pooled = (x1 + x2) / (n1 + n2);
  const variance = n1 > 0 && n2 > 0 ? pooled * (1 - pooled) * (1 / n1 + 1 / n2) : null;
  const difference = n1 > 0 && n2 > 0 ? x1 / n1 - x2 / n2 : null;
  return lookNormalMsprt(difference, variance, tau2, alpha, before);
}

/** The same for any estimate that is about normal, such as a ratio by the delta method. */
export function lookNormalMsprt(difference: number | null, variance: number | null, tau2: number, alpha: number, before = 1): MsprtLook {
  if (variance === null || difference === null || !(variance > 0))
    return { difference, variance, logLambda: null, p: before, interval: null, reject: before <= alpha };
  const wide = variance + tau2;
  const logLambda = Math.log(variance / wide) / 2 + (tau2 * difference * difference) / (2 * variance * wide);
  const p = Math.min(before, Math.exp(-logLambda));
  const half = Math.sqrt(((2 * variance * wide) / tau2) * (Math.log(1 / alpha) + Math.log(wide / variance) / 2));
  return { difference, variance, logLambda, p, interval: [difference - half, difference + half], reject: p <= alpha };
}
