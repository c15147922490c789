import type { GateResult } from './evaluation-result.ts';

/** The figures of a gate that measured nothing: contract, tests, card, and comparisons that had nothing to compare with. */
export const unmeasuredGate = {
  slice: null,
  limit: null,
  prove: null,
  decide: null,
  mark: null,
  value: null,
  baseline: null,
  estimate: null,
  lower: null,
  upper: null,
  observed: null,
  bound: null,
  level: null,
  method: null,
  p: null,
  adjustedP: null,
  n: null,
  positives: null,
  negatives: null,
  rowsNeeded: null,
  smallestVisible: null,
  unit: 'none',
} as const satisfies Partial<GateResult>;
