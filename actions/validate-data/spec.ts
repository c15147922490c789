import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'validate-data',
  summary: 'Checks the data against its contract, then joins, splits and versions it.',
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
    contract: 'Path of contract.json, the result of every rule.',
    'dataset-version': 'Digest of the dataset: of its inputs and of what was done with them.',
  },
} as const satisfies ActionSpec;
