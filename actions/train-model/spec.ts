import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'train-model',
  summary: "Runs the project's own tests, then its training command or a built-in trainer.",
  inputs: {
    config: sharedInputs.config,
    model: sharedInputs.model,
    output: sharedInputs.output,
    'as-of': sharedInputs['as-of'],
    'fail-on': sharedInputs['fail-on'],
    'working-directory': sharedInputs['working-directory'],
  },
  outputs: {
    verdict: "Of the project's own tests: pass, warn or fail.",
    training: 'Path of training.json: how the model came to be.',
    'model-digest': 'Digest of the trained model.',
  },
} as const satisfies ActionSpec;
