import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'evaluate-model',
  summary: 'Scores the candidate and the baseline on the same rows and judges the gates.',
  inputs: {
    config: sharedInputs.config,
    model: sharedInputs.model,
    output: sharedInputs.output,
    'as-of': sharedInputs['as-of'],
    'fail-on': sharedInputs['fail-on'],
    'working-directory': sharedInputs['working-directory'],
  },
  outputs: {
    verdict: 'pass, warn, inconclusive, fail or error.',
    evaluation: 'Path of evaluation.json: every metric and every gate.',
    report: 'Path of report.json.',
  },
} as const satisfies ActionSpec;
