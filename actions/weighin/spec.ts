import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

/** The root action: its `action.yml` stands at the top of the repository, where GitHub looks for it. */
export const spec = {
  name: 'weighin',
  summary:
    'Weighs the models of a pull request: validates the data, trains, compares with production on the same rows, and says pass or fail, and why.',
  inputs: {
    config: sharedInputs.config,
    model: { description: 'Name of the model in the configuration. Without it: every model that the change affects.' },
    output: sharedInputs.output,
    'as-of': sharedInputs['as-of'],
    'fail-on': sharedInputs['fail-on'],
    'working-directory': sharedInputs['working-directory'],
    plan: {
      description: 'Only find the affected models and set the matrix output; nothing is weighed.',
      kind: 'flag',
      default: 'false',
    },
    register: {
      description: 'On the default branch: auto (the weighed model becomes a version) or off (the weigh run does that).',
      values: ['auto', 'off'],
      default: 'auto',
    },
    comment: sharedInputs.comment,
    upload: sharedInputs.upload,
    'github-token': sharedInputs['github-token'],
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
