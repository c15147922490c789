import type { ActionSpec } from '../../shared/spec/action-spec.ts';

/** The root action: its `action.yml` stands at the top of the repository, where GitHub looks for it. */
export const spec = {
  name: 'weighin',
  summary:
    'Weighs the models of a pull request: validates the data, trains, compares with production on the same rows, and says pass or fail, and why.',
  inputs: {
    config: { description: 'Path of the configuration file.', kind: 'path', default: 'weighin.yaml' },
    model: { description: 'Name of the model in the configuration. Without it: every model that the change affects.' },
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
    plan: {
      description: 'Only find the affected models and set the matrix output; nothing is weighed.',
      kind: 'flag',
      default: 'false',
    },
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
    matrix: 'The affected models as JSON for strategy.matrix: {"model":["churn"]}.',
    'dataset-version': 'Digest of the dataset; of several models, JSON by name.',
    'model-digest': 'Digest of the trained model; of several models, JSON by name.',
    'model-version': 'Number of the version that was registered, if one was; of several models, JSON by name.',
    registered: 'true when every model that was weighed was registered.',
  },
} as const satisfies ActionSpec;
