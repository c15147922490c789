import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'report',
  summary:
    'Writes the report of what the steps before it left: step summary, annotations, artifacts and the one comment on the pull request.',
  inputs: {
    config: { description: 'Path of the configuration file.', kind: 'path', default: 'weighin.yaml' },
    model: { description: 'Name of the model in the configuration. Without it: every model that has run in the output folder.' },
    output: {
      description: 'Folder that the run writes to, and where a step finds what the step before it left.',
      kind: 'path',
      default: '.weighin',
    },
    'fail-on': {
      description: 'When the step fails: error (a verdict that stops), warn (also warn and inconclusive) or never.',
      values: ['error', 'warn', 'never'],
      default: 'error',
    },
    'working-directory': { description: 'Folder in the workspace that holds the configuration.', kind: 'path', default: '.' },
    comment: {
      description: 'The comment on the pull request: auto (where the token may write) or off.',
      values: ['auto', 'off'],
      default: 'auto',
    },
    upload: { description: 'Upload reports and models as artifacts of the run.', kind: 'flag', default: 'true' },
    'github-token': { description: "Token that writes the comment; the job's own by default. It needs pull-requests: write." },
  },
  outputs: {
    verdict: 'pass, warn, inconclusive, fail or error: the worst of the models.',
    report: 'Path of report.json; of several models, of the folder that holds their runs.',
    summary: 'One line a model: its headline.',
  },
} as const satisfies ActionSpec;
