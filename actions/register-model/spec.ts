import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'register-model',
  summary: 'Makes the weighed model an immutable version. On the default branch only: a pull request registers nothing.',
  inputs: {
    config: { description: 'Path of the configuration file.', kind: 'path', default: 'weighin.yaml' },
    model: { description: 'Name of the model in the configuration; not needed where there is one.' },
    output: {
      description: 'Folder that the run writes to, and where a step finds what the step before it left.',
      kind: 'path',
      default: '.weighin',
    },
    'working-directory': { description: 'Folder in the workspace that holds the configuration.', kind: 'path', default: '.' },
  },
  outputs: {
    registered: 'true when the model is a version now.',
    'model-version': 'Number of the version.',
    'model-digest': 'Digest of the model that was registered.',
    reason: 'Why it was registered, or why not.',
  },
} as const satisfies ActionSpec;
