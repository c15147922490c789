import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'model-card',
  summary: 'Writes MODEL_CARD.md from what the steps before it left.',
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
    card: 'Path of MODEL_CARD.md.',
    missing: 'Sections that nobody has written yet, by comma; the gate card judges those that the configuration requires.',
  },
} as const satisfies ActionSpec;
