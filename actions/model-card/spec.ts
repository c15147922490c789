import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'model-card',
  summary: 'Writes MODEL_CARD.md from what the steps before it left.',
  inputs: {
    config: sharedInputs.config,
    model: sharedInputs.model,
    output: sharedInputs.output,
    'working-directory': sharedInputs['working-directory'],
  },
  outputs: {
    card: 'Path of MODEL_CARD.md.',
    missing: 'Sections that nobody has written yet, by comma; the gate card judges those that the configuration requires.',
  },
} as const satisfies ActionSpec;
