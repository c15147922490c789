import type { DecisionSettings } from './decide.ts';
import { createFleet } from './fleet.ts';
import type { SessionPlaces } from './own-thread.ts';
import type { PredictionSink } from './prediction-sink.ts';
import type { ModelSource } from './served-model.ts';
import { createTotals, type ServingEngine, type ServingSettings } from './serving-engine.ts';
import { createTrafficWeights, type Weights } from './traffic-weights.ts';

export interface EngineRequest {
  readonly settings: ServingSettings;
  readonly places: SessionPlaces;
  readonly log: PredictionSink | null;
  readonly sources: readonly ModelSource[];
  readonly stable: string;
  readonly weights: Weights;
  readonly shadows: readonly string[];
  readonly breaker: { readonly failures: number; readonly restMs: number };
  readonly decisions: Omit<DecisionSettings, 'task'>;
}

/** Loads every version and puts the engine together. What was loaded is let go where one of them fails. */
export async function openServingEngine(request: EngineRequest): Promise<ServingEngine> {
  const { settings, places, log, sources, stable, weights, shadows, breaker, decisions } = request;
  const fleet = createFleet({ places, batchRows: 256, breaker, decisions, now: settings.clock });
  try {
    for (const source of sources) await fleet.load(source);
  } catch (error) {
    await fleet.close();
    throw error;
  }
  const traffic = createTrafficWeights({ stable, weights }, { serves: (version) => fleet.get(version) !== undefined, now: settings.clock });
  return { settings, fleet, traffic, log, shadows: new Set(shadows), totals: createTotals() };
}
