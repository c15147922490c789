import { readWorkflow } from '../../../shared/adapters/github-doctor/read-workflow.ts';
import { configSchema } from '../../../shared/config/schema.ts';
import { appEvents, appPermissions } from '../../../shared/doctor/app-permissions.ts';
import type { BranchRule, DoctorFacts } from '../../../shared/doctor/doctor-facts.ts';

export const appId = 4711;
const byApp = [{ type: 'Integration', id: appId }];
export const rule = (type: string, change: Partial<BranchRule> = {}): BranchRule => ({
  type,
  ruleset: 1,
  checks: [],
  codeOwnerReview: false,
  bypass: byApp,
  ...change,
});
const known = <Value>(value: Value) => ({ known: true, value }) as const;

export const weighYaml = `name: weighin
on: {pull_request: null, push: {branches: [main]}}
jobs: {weigh: {steps: [{uses: actions/checkout@v5}, {uses: weighin/weighin@v0}]}}`;
export const measureYaml = `name: weighin-weigh
on: {workflow_run: {workflows: [weighin], types: [completed]}, repository_dispatch: {types: [weighin-weigh]}}
jobs:
  judge: {environment: weighin-data, steps: [{uses: weighin/weighin/actions/weigh@v0}]}
  attest: {environment: {name: weighin-store}, steps: [{uses: weighin/weighin/actions/weigh@v0}]}`;
export const botYaml = `name: weighin-bot
on: {issue_comment: {types: [created]}, pull_request_target: null, workflow_run: null, repository_dispatch: null, schedule: [{cron: '*/15 * * * *'}]}
jobs: {bot: {environment: weighin-bot, steps: [{uses: weighin/weighin/actions/bot@v0}]}}`;

export const config = (change: object = {}, model: object = {}) =>
  configSchema.parse({
    version: 1,
    models: {
      churn: {
        task: 'binary',
        data: { source: 'd.csv', label: 'y' },
        training: { command: 'python train.py' },
        evaluation: { gates: [{ metric: 'roc_auc', min: 0.5 }] },
        stages: { production: { approvals: 1 } },
        ...model,
      },
    },
    ...change,
  });

/** A repository in which nothing stands open. */
export function healthyFacts(): DoctorFacts {
  return {
    checkout: {
      config: config(),
      configProblem: null,
      configPath: 'weighin.yaml',
      workflows: new Map([
        ['.github/workflows/weighin.yml', readWorkflow(weighYaml)],
        ['.github/workflows/weighin-weigh.yml', readWorkflow(measureYaml)],
        ['.github/workflows/weighin-bot.yml', readWorkflow(botYaml)],
      ]),
      codeowners: { path: '.github/CODEOWNERS', text: '* @acme/all\n/weighin.yaml @acme/ml\n/contracts/ @acme/ml\n/registry/ @acme/ml\n' },
    },
    github: {
      url: 'https://github.com/acme/churn',
      defaultBranch: known('main'),
      app: known({
        id: appId,
        slug: 'weighin',
        permissions: Object.fromEntries(appPermissions.map(({ name, access }) => [name, access])),
        events: appEvents.map(({ name }) => name),
        source: 'granted',
      }),
      mainRules: known([
        rule('required_status_checks', { checks: [{ context: 'weighin/promotion', app: appId }] }),
        rule('pull_request', { codeOwnerReview: true }),
      ]),
      stateRules: known([rule('creation'), rule('update'), rule('deletion')]),
      environments: known(['weighin-data', 'weighin-store', 'weighin-bot'].map((name) => ({ name, branches: ['main'], reviewers: false }))),
    },
  };
}
