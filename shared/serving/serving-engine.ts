import type { Fleet } from './fleet.ts';
import type { PredictionSink } from './prediction-sink.ts';
import type { TrafficWeights } from './traffic-weights.ts';

/** What answers instead of a model that fails or is late: another version, or a constant score or label. */
export type Fallback = { readonly version: string } | { readonly constant: number | string };

/** What is the same for every request. */
export interface ServingSettings {
  readonly model: string;
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly fallback: Fallback | null;
  /** Share of ids that are logged. */
  readonly sample: number;
  /** Field of a row, or header, whose value always meets the same version. */
  readonly sticky: { readonly field: string } | { readonly header: string } | null;
  readonly salt: string;
  /** Milliseconds, with fractions. */
  readonly clock: () => number;
  readonly date: () => Date;
  readonly random: () => number;
  readonly newId: () => string;
  /** A line for whoever runs the server. Holds no value of a request. */
  readonly note: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** The server without its wires. */
export interface ServingEngine {
  readonly settings: ServingSettings;
  readonly fleet: Fleet;
  readonly traffic: TrafficWeights;
  readonly log: PredictionSink | null;
  /** Versions that are asked and never answer. */
  readonly shadows: Set<string>;
  /** Counted beside the arms. */
  readonly totals: EngineTotals;
}

export interface EngineTotals {
  /** Requests that were refused, by code. */
  readonly refused: Map<string, number>;
  /** When a failure of a version was last told, by version and kind; milliseconds of the clock. */
  readonly failuresTold: Map<string, number>;
  shadowDropped: number;
  requestsInFlight: number;
}

export const createTotals = (): EngineTotals => ({ refused: new Map(), failuresTold: new Map(), shadowDropped: 0, requestsInFlight: 0 });

/** The role of a version at this moment; one that takes all traffic has none beside it. */
export function variantOf({ traffic, shadows }: ServingEngine, version: string): string | null {
  if (shadows.has(version)) return 'shadow';
  if (version !== traffic.stable) return 'candidate';
  const current = traffic.current();
  for (const [other, weight] of current) if (other !== version && weight > 0) return 'stable';
  return null;
}
