import type { ActionSpec } from '../../shared/spec/action-spec.ts';
import { sharedInputs } from '../shared-inputs.ts';

export const spec = {
  name: 'detect-drift',
  summary: 'Watches a model in production on a schedule, or compares two tables or profiles.',
  inputs: {
    config: sharedInputs.config,
    model: sharedInputs.model,
    output: sharedInputs.output,
    'fail-on': sharedInputs['fail-on'],
    'working-directory': sharedInputs['working-directory'],
    mode: {
      description: 'monitor: judge the windows of production that are over, and keep them; compare: reference against current, once.',
      values: ['monitor', 'compare'],
      default: 'monitor',
    },
    stage: { description: 'Stage that is watched; that of evaluation.baseline by default.' },
    current: {
      description:
        'Rows to judge: a prediction log, or a table with a column of times; drift.log by default. With mode compare also a profile.',
      kind: 'path',
    },
    reference: {
      description: 'A profile to compare with, or "training-of STAGE"; drift.reference by default. With mode compare also a table.',
    },
    labels: { description: 'Labels that came later, by the id of the log; drift.labels by default.', kind: 'path', placeholder: 'FILE' },
    time: { description: 'Column of the time, where the rows are no prediction log; data.time by default.', placeholder: 'COLUMN' },
    until: { description: 'Judge the windows that were over at this moment (ISO 8601); now by default.', placeholder: 'MOMENT' },
    metrics: { description: 'Also write the page of OpenMetrics here, for a textfile collector.', kind: 'path', placeholder: 'FILE.prom' },
    push: {
      description:
        'Address of a Prometheus push gateway; WEIGHIN_PUSH_USER and WEIGHIN_PUSH_PASSWORD, or WEIGHIN_PUSH_TOKEN, in the environment.',
      placeholder: 'URL',
    },
    upload: sharedInputs.upload,
  },
  outputs: {
    verdict: 'pass, warn, inconclusive, fail or error.',
    level: 'none, shift or drift: of the newest window, once enough windows agree.',
    drifted: 'JSON list of the columns that drifted.',
    episode: 'Id of the newest episode that is going on; empty where there is none.',
    retrain: 'Why retraining is asked for: drift, performance, new-data or schedule; empty where it is not.',
    report: 'Path of monitoring.json; with mode compare of drift.json.',
    html: 'Path of the drift report for people.',
    metrics: 'Path of the page of OpenMetrics.',
  },
} as const satisfies ActionSpec;
