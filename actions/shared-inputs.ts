import type { InputSpec } from '../shared/spec/action-spec.ts';

/** Inputs that several actions take and that mean the same in each. */
export const sharedInputs = {
  config: { description: 'Path of the configuration file.', kind: 'path', default: 'weighin.yaml' },
  model: { description: 'Name of the model in the configuration; not needed where there is one.' },
  output: {
    description: 'Folder that the run writes to, and where a step finds what the step before it left.',
    kind: 'path',
    placeholder: 'FOLDER',
    default: '.weighin',
  },
  'as-of': { description: 'Use the data as it was known on this date (YYYY-MM-DD).', placeholder: 'DATE' },
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
} as const satisfies Readonly<Record<string, InputSpec>>;
