import type { CheckConfig, RolloutConfig } from '../../config/rollout-schema.ts';
import type { EngineState } from './engine-state.ts';
import { rolloutPlan } from './rollout-plan.ts';

/**
 * What the engine keeps of a rollout that has not begun. The definition is a copy, so nothing that happens to the configuration reaches it.
 * @throws UserError STRATEGY_NOT_THERE, ROLLOUT_INVALID, GUARD_TOO_SLOW where it could never run
 */
export function firstEngine(name: string, definition: RolloutConfig, verifyAfter: readonly CheckConfig[] = []): EngineState {
  rolloutPlan(name, definition);
  return {
    schema: 'weighin/engine@1',
    name,
    definition: copied(definition),
    verifyAfter: copied(verifyAfter),
    pausedFrom: null,
    pause: null,
    stop: null,
    override: null,
    promoted: false,
    waived: [],
    turn: 0,
    handled: [],
    recordedAt: null,
    leasedAt: null,
    differsSince: null,
    gap: null,
    lastDataAt: null,
    missing: {},
    metrics: {},
    source: null,
    read: null,
    checks: {},
    steps: [],
    outcome: null,
    experiment: null,
  };
}

/** As it will be read from Git again: no undefined, nothing shared. */
const copied = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
