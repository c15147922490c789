import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'evaluate-model',
  summary: 'Scores the candidate and the baseline on the same rows and judges the gates.',
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
    verdict: 'pass, warn, inconclusive, fail or error.',
    evaluation: 'Path of evaluation.json: every metric and every gate.',
    report: 'Path of report.json.',
  },
} as const satisfies ActionSpec;
