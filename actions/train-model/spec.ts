import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'train-model',
  summary: "Runs the project's own tests, then its training command or a built-in trainer.",
  inputs: {
    config: { description: 'Path of the configuration file.', kind: 'path', default: 'weighin.yaml' },
    model: { description: 'Name of the model in the configuration; not needed where there is one.' },
    output: {
      description: 'Folder that the run writes to, and where a step finds what the step before it left.',
      kind: 'path',
      default: '.weighin',
    },
    'as-of': { description: 'Use the data as it was known on this date (YYYY-MM-DD).', placeholder: 'DATE' },
    'fail-on': {
      description: 'When the step fails: error (a verdict that stops), warn (also warn and inconclusive) or never.',
      values: ['error', 'warn', 'never'],
      default: 'error',
    },
    'working-directory': { description: 'Folder in the workspace that holds the configuration.', kind: 'path', default: '.' },
  },
  outputs: {
    verdict: "Of the project's own tests: pass, warn or fail.",
    training: 'Path of training.json: how the model came to be.',
    'model-digest': 'Digest of the trained model.',
  },
} as const satisfies ActionSpec;
