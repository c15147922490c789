import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'weigh',
  summary:
    'A step of the weigh run, which measures on the default branch what a pull request claims. `weighin init --bot` writes its workflow.',
  inputs: {
    step: {
      description:
        'resolve (run to pull request, model bytes), rows (test rows without labels), predict (the model answers), judge (the report), attest (what is signed) or store (what is kept; a version is born).',
      required: true,
      values: ['resolve', 'rows', 'predict', 'judge', 'attest', 'store'],
    },
    model: { description: 'Name of the model; every step but resolve works on one.' },
    side: { description: 'Of predict: which of the two models answers.', values: ['candidate', 'baseline'], default: 'candidate' },
    task: { description: "Digest of the model's task, as the step resolve gave it." },
    folder: { description: 'Folder in the workspace in which the steps hand on what they found.', kind: 'path', default: 'weigh' },
    config: { description: 'Path of the configuration file from the top of the repository.', kind: 'path', default: 'weighin.yaml' },
    bundle: { description: 'Of store: path of the signed bundle; without it the version is run-verified.', kind: 'path' },
    'github-token': { description: "Token that reads the repository; the job's own by default. The step predict is given none." },
  },
  outputs: {
    models: 'Of resolve: the models to weigh, as a JSON list.',
    tasks: "Of resolve: the digest of each model's task, as JSON by name.",
    verdict: 'Of judge: pass, warn, inconclusive, fail or error.',
    subject: 'Of attest: name of what is signed.',
    digest: "Of attest: the model's digest.",
    predicate: 'Of attest: path of the predicate.',
    'model-version': 'Of store: number of the version, where one was born.',
    summary: 'One sentence.',
  },
} as const satisfies ActionSpec;
