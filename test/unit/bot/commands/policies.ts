/** The policy that the tests of commands work with: one model with two stages, one without requesters. */
export const policy = `version: 1
models:
  churn:
    task: binary
    data: {source: data/customers.parquet, label: churned}
    training: {command: python train.py}
    evaluation:
      gates:
        - {metric: roc_auc, compare: {maxRegression: 0.005}}
        - {metric: latency_p99, compare: {maxRelative: 0.2}, severity: warn}
    stages:
      staging: {approvals: 1}
      production: {approvals: 1, requesters: ["@Carla", ml-leads, maintain]}
`;
export const twoModels = `${policy}  fraud:
    task: binary
    data: {source: data/fraud.parquet, label: fraud}
    training: {command: python train.py}
    drift: {window: 7d}
    evaluation: {gates: [{metric: recall, name: caught, min: 0.8}]}
    stages:
      production: {approvals: 1, requesters: ["@ben"]}
`;
