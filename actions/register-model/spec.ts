import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'register-model',
  summary: 'Makes the weighed model an immutable version. On the default branch only: a pull request registers nothing.',
  inputs: {
    config: sharedInputs.config,
    model: sharedInputs.model,
    output: sharedInputs.output,
    'working-directory': sharedInputs['working-directory'],
  },
  outputs: {
    registered: 'true when the model is a version now.',
    'model-version': 'Number of the version.',
    'model-digest': 'Digest of the model that was registered.',
    reason: 'Why it was registered, or why not.',
  },
} as const satisfies ActionSpec;
