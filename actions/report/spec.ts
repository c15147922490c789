import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'report',
  summary:
    'Writes the report of what the steps before it left: step summary, annotations, artifacts and the one comment on the pull request.',
  inputs: {
    config: sharedInputs.config,
    model: { description: 'Name of the model in the configuration. Without it: every model that has run in the output folder.' },
    output: sharedInputs.output,
    'fail-on': sharedInputs['fail-on'],
    'working-directory': sharedInputs['working-directory'],
    comment: sharedInputs.comment,
    upload: sharedInputs.upload,
    'github-token': sharedInputs['github-token'],
  },
  outputs: {
    verdict: 'pass, warn, inconclusive, fail or error: the worst of the models.',
    report: 'Path of report.json; of several models, of the folder that holds their runs.',
    summary: 'One line a model: its headline.',
  },
} as const satisfies ActionSpec;
